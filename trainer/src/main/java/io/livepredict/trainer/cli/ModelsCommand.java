package io.livepredict.trainer.cli;

import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.model.ModelArtifact;
import io.livepredict.model.ModelJson;
import io.livepredict.trainer.imports.ImportMapping;
import io.livepredict.trainer.imports.ModelFile;
import io.livepredict.trainer.publish.ModelOperator;
import io.livepredict.trainer.wiring.OperatorTools;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "models",
        description = "Looks at the models topic and decides what is served.",
        mixinStandardHelpOptions = true)
final class ModelsCommand implements Runnable {
    private static final String KIND = "viewer or player.";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    @Command(
            name = "list",
            description = "Lists the versions of every kind, or of one.",
            mixinStandardHelpOptions = true)
    void list(
            @Mixin ConfigOption config,
            @Parameters(arity = "0..1", paramLabel = "KIND", description = KIND) @Nullable Kind kind) {
        try (OperatorTools tools = OperatorTools.open(config.read())) {
            for (Kind each : kind == null ? Kind.values() : new Kind[] {kind}) {
                out().println(each.id());
                for (ModelOperator.Listed listed : tools.models().list(each.id())) {
                    out().println(line(listed));
                }
            }
            out().flush();
        }
    }

    private static String line(ModelOperator.Listed listed) {
        String mark = listed.pinned() ? "pinned" : listed.served() ? "served" : "";
        if (listed.manifest().isEmpty()) {
            return String.format(Locale.ROOT, "%10d  %-6s  %s", listed.version(), mark, listed.fault());
        }
        ModelManifest manifest = listed.manifest().get();
        StringBuilder losses = new StringBuilder();
        manifest.metrics().forEach((target, metrics) -> {
            Double loss = metrics.containsKey("log_loss") ? metrics.get("log_loss") : metrics.get("mse");
            if (loss != null) {
                losses.append(String.format(Locale.ROOT, "  %s %.4f", target, loss));
            }
        });
        return String.format(
                Locale.ROOT,
                "%10d  %-6s  %s  %-14s %8d bytes %10d examples%s",
                listed.version(),
                mark,
                manifest.createdAt(),
                manifest.family(),
                manifest.bytes(),
                manifest.examples(),
                losses);
    }

    @Command(name = "show", description = "Shows what a version says of itself.", mixinStandardHelpOptions = true)
    void show(
            @Mixin ConfigOption config,
            @Parameters(paramLabel = "KIND", description = KIND) Kind kind,
            @Parameters(arity = "0..1", paramLabel = "VERSION", description = "Default: the one that is served.")
                    @Nullable
                    Long version) {
        try (OperatorTools tools = OperatorTools.open(config.read())) {
            ModelManifest manifest = tools.models()
                    .artifact(kind.id(), resolve(tools, kind, version))
                    .manifest();
            out().println("model        " + manifest.name() + " version " + manifest.version() + ", parent "
                    + manifest.parentVersion());
            out().println("created      " + manifest.createdAt() + " by " + manifest.family() + ", commit "
                    + manifest.gitCommit() + ", configuration " + manifest.configurationHash());
            out().println("learned from " + manifest.examples() + " examples, up to offsets "
                    + manifest.trainingOffsets());
            out().println("bytes        " + manifest.bytes() + ", SHA-256 " + manifest.sha256());
            out().println("inputs       " + manifest.dense().size() + " dense, sequence of " + manifest.sequenceLength()
                    + ", " + manifest.ids().size() + " ids");
            for (ModelManifest.Head head : manifest.targets()) {
                Map<String, Double> metrics = manifest.metrics().getOrDefault(head.name(), Map.of());
                out().println("target       " + head.name() + " " + metrics);
            }
            out().flush();
        }
    }

    @Command(
            name = "promote",
            description =
                    "Serves the newest version and lets the trainer go on moving the pointer. With a VERSION: serves and"
                            + " pins that one.",
            mixinStandardHelpOptions = true)
    void promote(
            @Mixin ConfigOption config,
            @Parameters(paramLabel = "KIND", description = KIND) Kind kind,
            @Parameters(arity = "0..1", paramLabel = "VERSION", description = "A version to pin.") @Nullable
                    Long version) {
        try (OperatorTools tools = OperatorTools.open(config.read())) {
            say(
                    version == null
                            ? tools.models().promote(kind.id())
                            : tools.models().pin(kind.id(), version));
        }
    }

    @Command(
            name = "rollback",
            description =
                    "Serves and pins an earlier version, by default the one before the one that is served, until"
                            + " promote. The pointer is pinned first, so that the trainer retires none of those before it meanwhile.",
            mixinStandardHelpOptions = true)
    void rollback(
            @Mixin ConfigOption config,
            @Parameters(paramLabel = "KIND", description = KIND) Kind kind,
            @Parameters(arity = "0..1", paramLabel = "VERSION", description = "Default: the one before.") @Nullable
                    Long version,
            @Option(
                            names = "--before",
                            paramLabel = "TIME",
                            description =
                                    "The newest version made before that moment, for instance 2026-05-01T12:00:00Z.")
                    @Nullable
                    Instant before) {
        if (version != null && before != null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "give a VERSION or --before TIME, not both");
        }
        try (OperatorTools tools = OperatorTools.open(config.read())) {
            ModelOperator models = tools.models();
            say(
                    version != null
                            ? models.pin(kind.id(), version)
                            : before != null ? models.rollback(kind.id(), before) : models.rollback(kind.id()));
        }
    }

    @Command(
            name = "export",
            description = "Writes a version as a plain .onnx file and its manifest beside it.",
            mixinStandardHelpOptions = true)
    void export(
            @Mixin ConfigOption config,
            @Parameters(paramLabel = "KIND", description = KIND) Kind kind,
            @Parameters(paramLabel = "FILE.onnx", description = "The file to write; FILE.json is the manifest.")
                    Path file,
            @Option(
                            names = "--version-number",
                            paramLabel = "VERSION",
                            description = "Default: the one that is served.")
                    @Nullable
                    Long version)
            throws IOException {
        try (OperatorTools tools = OperatorTools.open(config.read())) {
            ModelArtifact artifact = tools.models().artifact(kind.id(), resolve(tools, kind, version));
            Files.write(file, artifact.onnx());
            String name = file.getFileName().toString();
            String base = name.endsWith(".onnx") ? name.substring(0, name.length() - 5) : name;
            Path json = file.resolveSibling(base + ".json");
            Files.writeString(json, ModelJson.write(artifact.manifest()) + "\n");
            out().println("version " + artifact.manifest().version() + " of " + kind.id() + " written to " + file
                    + " and " + json);
            out().flush();
        }
    }

    @Command(
            name = "import",
            description = {
                "Enters a model of your own as a version that is not served yet: wrapped, tried on the newest labelled"
                        + " examples, signed. It never learns; promote KIND VERSION serves and pins it.",
                "The file is an ONNX file of standard operators, those of ai.onnx.ml included. Without --input an input"
                        + " takes the feature of its name, or the only input the whole dense vector; without --output"
                        + " the likeliest output predicts the only target. What 'models export' wrote needs no"
                        + " options. docs/models.md has a recipe for each tool."
            },
            mixinStandardHelpOptions = true)
    void imported(
            @Mixin ConfigOption config,
            @Parameters(paramLabel = "KIND", description = KIND) Kind kind,
            @Parameters(paramLabel = "FILE.onnx", description = "The model.") Path file,
            @Option(
                            names = "--input",
                            paramLabel = "NAME=FEATURE,…",
                            description = "Which features an input takes, in order, ids included; NAME=@FILE reads"
                                    + " them from a file, one a line. Once for each input.")
                    @Nullable
                    Map<String, String> inputs,
            @Option(
                            names = "--output",
                            paramLabel = "TARGET=[NAME][:COLUMN]",
                            description =
                                    "Which output predicts a target, and which column of it, from 0 or by its class."
                                            + " Once for each target; a target without one gets its prior.")
                    @Nullable
                    Map<String, String> outputs,
            @Option(
                            names = "--strings",
                            paramLabel = "NAME=TEXT,…",
                            description = "Which texts an input of strings knows, where the model does not show it;"
                                    + " NAME=@FILE reads them from a file. The input takes an attribute:"
                                    + " --input NAME=id.ATTRIBUTE.")
                    @Nullable
                    Map<String, String> strings,
            @Option(
                            names = "--logits",
                            description = "Its outputs for probabilities are logits: their sigmoid is the score.")
                    boolean logits)
            throws IOException {
        ModelFile model = ModelFile.read(file);
        ImportMapping mapping = new ImportMapping(lists(inputs), orNone(outputs), logits, lists(strings));
        try (OperatorTools tools = OperatorTools.open(config.read())) {
            OperatorTools.Imported imported = tools.importModel(kind, model, mapping);
            ModelManifest manifest = imported.manifest();
            imported.notes().forEach(note -> out().println(kind.id() + ": " + note));
            out().println(kind.id() + ": version " + manifest.version() + " is " + file + " with "
                    + (manifest.dense().size() + manifest.ids().size()) + " features, predicts "
                    + manifest.targets().stream().map(ModelManifest.Head::name).collect(Collectors.joining(", "))
                    + "; 'models promote " + kind.id() + " " + manifest.version() + "' serves it");
            out().flush();
        }
    }

    private static Map<String, String> orNone(@Nullable Map<String, String> given) {
        return given == null ? Map.of() : given;
    }

    private static Map<String, List<String>> lists(@Nullable Map<String, String> given) throws IOException {
        Map<String, List<String>> lists = new LinkedHashMap<>();
        for (Map.Entry<String, String> each : orNone(given).entrySet()) {
            lists.put(each.getKey(), list(each.getValue()));
        }
        return lists;
    }

    private static List<String> list(String given) throws IOException {
        Stream<String> names = given.startsWith("@")
                ? new String(read(Path.of(given.substring(1))), StandardCharsets.UTF_8).lines()
                : Arrays.stream(given.split(",", -1));
        return names.map(String::trim).filter(name -> !name.isEmpty()).toList();
    }

    private static byte[] read(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new ModelOperator.RefusedOperationException("file " + file + " does not exist", e);
        }
    }

    private static long resolve(OperatorTools tools, Kind kind, @Nullable Long version) {
        return version != null
                ? version
                : tools.models()
                        .serving(kind.id())
                        .map(ModelPointer::version)
                        .orElseThrow(() -> new ModelOperator.RefusedOperationException(
                                "model " + kind.id() + " has no version that is served yet"));
    }

    private void say(ModelPointer pointer) {
        out().println(Objects.requireNonNull(pointer.name()) + ": version " + pointer.version() + " is served"
                + (pointer.pinned() ? " and pinned; promote lets the trainer go on" : "; the trainer moves it"));
        out().flush();
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "say what to do: list, show, promote, rollback, export or import");
    }
}
