package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/** What a figure was measured with and on, so that it can be judged and repeated. */
final class Conditions {
    private static final double GIBI = 1 << 30;

    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    private Conditions() {}

    /** Takes them down and prints them. */
    static Conditions of(CommandSpec spec) {
        Conditions conditions = new Conditions();
        Runtime runtime = Runtime.getRuntime();
        conditions
                .json
                .put(
                        "command",
                        "deploy/bench "
                                + String.join(
                                        " ",
                                        spec.root()
                                                .commandLine()
                                                .getParseResult()
                                                .originalArgs()))
                .put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                .put("processor", processor())
                .put("processors", runtime.availableProcessors())
                .put("heap_gib", Math.round(runtime.maxMemory() / GIBI * 10) / 10.0)
                .put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"))
                .put("jdk", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"))
                .put("load_before", load());
        System.out.printf(
                Locale.ROOT,
                "%s%n%s, %d processors, load %.1f; %s; heap %.1f GiB%n",
                conditions.json.path("command").asText(),
                processor(),
                runtime.availableProcessors(),
                load(),
                conditions.json.path("jdk").asText(),
                runtime.maxMemory() / GIBI);
        return conditions;
    }

    /** For the report, with the load as it is now. */
    ObjectNode json() {
        json.put("load_after", load());
        return json;
    }

    /** Processes that want a processor, averaged over the last minute. */
    private static double load() {
        return Math.round(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage() * 100) / 100.0;
    }

    private static String processor() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
