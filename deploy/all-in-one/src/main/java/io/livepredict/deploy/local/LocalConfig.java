package io.livepredict.deploy.local;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.deploy.console.config.ConsoleConfig;
import io.livepredict.deploy.replay.ReplayKinds;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.Targets;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.trainer.config.TrainerSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes the programs' configuration files as a user would, and reads them back as the programs do: what runs here is
 * what can be copied.
 *
 * @param streams of the streams app
 * @param trainer of the trainer
 * @param console of the console
 * @param mapping of the log that is replayed; null for the simulated platform
 */
record LocalConfig(
        StreamsAppSettings streams,
        TrainerSettings trainer,
        ConsoleConfig console,
        @Nullable MappingSettings mapping) {

    /**
     * @throws SettingsException in one line, with the file and line of what is wrong
     */
    static LocalConfig write(LocalOptions options, LocalFiles files, String bootstrapServers, String registryUrl) {
        if (!(options.keep >= 0 && options.keep <= 1)) {
            throw new StartException("--keep must be in 0..1, got " + options.keep);
        }
        if (options.keep > 0 && options.replay != null) {
            throw new StartException(
                    "--keep and --replay exclude each other: what a recorded log tells has happened already");
        }
        MappingSettings mapping = null;
        String meaning;
        LocalOptions.Replay replay = options.replay;
        if (replay == null) {
            meaning = resource("platform.yaml");
        } else {
            mapping = YamlFile.read(replay.mapping, MappingSettings.class, Map.of());
            Map<Kind, KindSettings> kinds = ReplayKinds.of(mapping);
            ReplayKinds.check(mapping, kinds);
            checkTargets(replay.targets, mapping.kind(), kinds);
            meaning = kindsYaml(kinds) + withoutDocumentStart(text(replay.targets));
        }
        String shared = """
                kafka: {bootstrap.servers: "%s"}
                registry: {url: "%s"}
                """.formatted(bootstrapServers, registryUrl);
        String time = replay == null
                ? "time: {grace: 3s}\n"
                : "time: {replay: true, grace: 5s}   # a recorded log: event times may be any\n";
        write(
                files.streamsConfig(),
                "# The streams app of deploy/local.\n" + shared
                        + """
                        partitions: %s
                        replication: 1
                        models: {trusted-keys: ["%s"]}
                        state: {dir: "%s"}
                        http: {port: %s}
                        api: {}
                        outlook: {present-for: 30s}
                        """.formatted(options.partitions, files.publicKey(), files.streamsState(), options.httpPort)
                        + explained(options)
                        + alerts(options)
                        + time
                        + meaning);
        write(
                files.trainerConfig(),
                "# The trainer of deploy/local.\n" + shared + """
                        signing-key: "%s"
                        http: {port: %s}
                        api: {}
                        """.formatted(files.signingKey(), options.trainerHttpPort)
                        // A replay runs faster than the clock, so versions follow the examples.
                        + (replay == null ? "" : "publish: {every: 1s, every-examples: 1000}\n")
                        + meaning);
        write(
                files.consoleConfig(),
                "# The console of deploy/local.\n" + shared
                        + """
                        models: {trusted-keys: ["%s"]}
                        http: {port: %s}
                        streams-apps: ["http://127.0.0.1:%s"]
                        trainer: "http://127.0.0.1:%s"
                        present-for: 30s
                        """.formatted(
                                files.publicKey(), options.consolePort, options.httpPort, options.trainerHttpPort));
        StreamsAppSettings streams = asSaid(
                options.set,
                "streams-app",
                () -> StreamsAppSettings.read(files.streamsConfig(), overrides(options.set, "streams-app")));
        TrainerSettings trainer = asSaid(
                options.set,
                "trainer",
                () -> TrainerSettings.read(files.trainerConfig(), overrides(options.set, "trainer")));
        return new LocalConfig(streams, trainer, ConsoleConfig.read(files.consoleConfig(), Map.of()), mapping);
    }

    /** The console says why: of likely predictions, and of enough others that every room has some. */
    private static String explained(LocalOptions options) {
        return "score: {" + (options.gpu ? "device: cuda, " : "") + "explain: {threshold: 0.5, sample-rate: 0.1}}\n";
    }

    /** What the simulated platform acts on, if it does: half of the viewers are held out, so that a short run shows the lift. */
    private static String alerts(LocalOptions options) {
        return options.keep == 0
                ? ""
                : "alerts:\n  - {name: leaving, target: leave-30s, raise-at: 0.2, cooldown: 1m, holdout: 0.5}\n";
    }

    /** Reads settings; a refusal names the option that the user gave, not the variable that stands for it. */
    static <T> T asSaid(List<String> set, String program, Supplier<T> read) {
        try {
            return read.get();
        } catch (SettingsException e) {
            String message = String.valueOf(e.getMessage());
            for (String each : set) {
                if (each.startsWith(program + '.')) {
                    String key = each.substring(0, each.indexOf('='));
                    String name = variable(key.substring(program.length() + 1));
                    // A longer name may begin with this one.
                    message = message.replaceAll(
                            "environment variable " + name + "(?![A-Z0-9_])", Matcher.quoteReplacement("--set " + key));
                }
            }
            throw new SettingsException(message, e);
        }
    }

    private static String variable(String key) {
        return "LIVEPREDICT_" + key.replace(".", "__").replace("-", "_").toUpperCase(Locale.ROOT);
    }

    /** As environment variables, which is how single keys are overridden: a.b-c becomes LIVEPREDICT_A__B_C. */
    private static Map<String, String> overrides(List<String> set, String program) {
        Map<String, String> environment = new HashMap<>();
        for (String each : set) {
            int equals = each.indexOf('=');
            if (equals < 0 || !(each.startsWith("streams-app.") || each.startsWith("trainer."))) {
                throw new SettingsException("--set " + each
                        + ": must be streams-app.KEY=VALUE or trainer.KEY=VALUE, e.g. trainer.publish.every=5s");
            }
            if (each.startsWith(program + '.')) {
                String key = each.substring(program.length() + 1, equals);
                environment.put(variable(key), each.substring(equals + 1));
            }
        }
        return environment;
    }

    /** The file is copied as written; errors in it name its own lines. */
    private static void checkTargets(Path file, Kind kind, Map<Kind, KindSettings> kinds) {
        KindDefinition definition =
                kinds.getOrDefault(kind, KindSettings.defaults()).definition(kind);
        try {
            Targets.readFile(file, Map.of(kind, definition), Map.of());
        } catch (SettingsException e) {
            throw new SettingsException(e.getMessage() + "; the mapping is for " + kind.id(), e);
        }
    }

    private static String kindsYaml(Map<Kind, KindSettings> kinds) {
        StringBuilder yaml = new StringBuilder("kinds:\n");
        kinds.forEach((kind, settings) -> {
            yaml.append("  ").append(kind.id()).append(":\n");
            yaml.append("    event-types: ")
                    .append(list(settings.eventTypes() == null ? List.of() : settings.eventTypes()))
                    .append('\n');
            yaml.append("    numbers: {");
            if (settings.numbers() != null) {
                yaml.append(settings.numbers().entrySet().stream()
                        .map(e -> quoted(e.getKey()) + ": "
                                + list(e.getValue().stream()
                                        .map(a -> a.name().toLowerCase(Locale.ROOT))
                                        .toList()))
                        .collect(Collectors.joining(", ")));
            }
            yaml.append("}\n    attributes: {");
            if (settings.attributes() != null) {
                yaml.append(settings.attributes().entrySet().stream()
                        .map(e -> quoted(e.getKey()) + ": " + e.getValue())
                        .collect(Collectors.joining(", ")));
            }
            yaml.append("}\n");
        });
        return yaml.toString();
    }

    private static String list(List<String> values) {
        return values.stream().map(LocalConfig::quoted).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String quoted(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String withoutDocumentStart(String yaml) {
        return yaml.replaceFirst("(?m)\\A(\\s*#.*\\R)*---\\s*\\R", "");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new SettingsException(file + ": can't be read: " + e.getMessage(), e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new StartException(file + " can't be written: " + e.getMessage(), e);
        }
    }

    private static String resource(String name) {
        try (InputStream in = LocalConfig.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("resource " + name + " can't be read", e);
        }
    }
}
