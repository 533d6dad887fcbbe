package io.livepredict.deploy.local;

import io.livepredict.cli.CommandFrame;
import io.livepredict.cli.StopSignals;
import io.livepredict.deploy.replay.LogException;
import io.livepredict.settings.SettingsException;
import io.livepredict.topics.TopicException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;

/** Main class of deploy/local. Ends the process: 0 after a run, 1 after a failure, 2 for wrong options. */
public final class LocalMain {
    private static final int NO_TERMINAL_WIDTH = 160;

    private LocalMain() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        boundAvro();
        // Both programs are in this JVM and share one ONNX Runtime environment; the second asks for a name of its own.
        Logger.getLogger("ai.onnxruntime").setLevel(Level.SEVERE);
        int status = run(arguments, new PrintStream(System.out, true, StandardCharsets.UTF_8));
        // Not a return: Kafka leaves threads behind that are not daemon threads.
        System.exit(status);
    }

    /** As the streams app's own main does: a few bytes can announce a collection of two billion items. */
    private static void boundAvro() {
        Map.of(
                        "org.apache.avro.limits.collectionItems.maxLength", "65536",
                        "org.apache.avro.limits.bytes.maxLength", "2097152",
                        "org.apache.avro.limits.string.maxLength", "2097152")
                .forEach((property, value) -> System.setProperty(property, System.getProperty(property, value)));
    }

    static int run(String[] arguments, PrintStream out) {
        LocalOptions options = new LocalOptions();
        CommandLine commandLine = CommandFrame.of(new Usage(options)).setErr(new PrintWriter(out, true));
        try {
            commandLine.parseArgs(arguments);
        } catch (CommandLine.ParameterException e) {
            return CommandFrame.wrongUsage(e);
        }
        if (options.help) {
            commandLine.usage(out);
            return 0;
        }
        boolean terminal = Boolean.getBoolean("livepredict.terminal");
        int width = Integer.getInteger("livepredict.width", NO_TERMINAL_WIDTH);
        Console console = new Console(out, terminal, width, System::nanoTime);
        CountDownLatch stop = StopSignals.latch();
        boolean well = false;
        try (LocalPlatform platform = new LocalPlatform(options, console, Clock.systemUTC(), stop)) {
            well = platform.run();
        } catch (StartException
                | SettingsException
                | TopicException
                | LogException
                | io.livepredict.streams.wiring.StartException e) {
            console.line("error: " + e.getMessage());
            if (options.stacktrace) {
                e.printStackTrace(out);
            }
        } catch (RuntimeException e) {
            console.line("error: " + firstWords(e) + (options.stacktrace ? "" : "; --stacktrace shows where"));
            if (options.stacktrace) {
                e.printStackTrace(out);
            }
        }
        console.step("ended");
        return well ? 0 : 1;
    }

    private static String firstWords(Throwable e) {
        Throwable deepest = e;
        while (deepest.getCause() != null && deepest.getCause() != deepest) {
            deepest = deepest.getCause();
        }
        String message = deepest.getMessage();
        return message == null || message.isBlank()
                ? deepest.getClass().getSimpleName()
                : List.of(message.split("\\R")).getFirst();
    }

    @CommandLine.Command(
            name = "deploy/local",
            description =
                    "Builds and runs everything in one place: broker, schema registry, simulated platform or recorded "
                            + "log, streams app, trainer and console.",
            sortOptions = false)
    private static final class Usage {
        @CommandLine.Mixin
        @SuppressWarnings("UnusedVariable") // picocli fills it
        private final LocalOptions options;

        Usage(LocalOptions options) {
            this.options = options;
        }
    }
}
