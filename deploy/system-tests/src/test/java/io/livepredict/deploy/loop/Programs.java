package io.livepredict.deploy.loop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The programs as processes of their own, on this JVM's class path. */
final class Programs {
    private Programs() {}

    static ProcessBuilder streamsApp(String... arguments) {
        return java("io.livepredict.streams.cli.Main", arguments);
    }

    static ProcessBuilder trainer(String... arguments) {
        return java("io.livepredict.trainer.cli.Main", arguments);
    }

    static ProcessBuilder java(String mainClass, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                // The whole heap is resident from the start: growth that is seen later is of native memory.
                "-Xms256m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                // Surefire starts a JVM with a jar that only names the class path; the path itself is kept here.
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                mainClass));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("LIVEPREDICT_"));
        return builder;
    }
}
