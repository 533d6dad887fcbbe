package io.livepredict.streams.api;

import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.http.Call;
import io.livepredict.http.Problem;
import io.livepredict.http.Route;
import io.livepredict.streams.model.Activation;
import io.livepredict.streams.model.ModelIntake;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which models there are, what they say of themselves, and which is active here. */
final class ModelAnswers {
    private final Map<Kind, Activation> activations;
    private final Function<Kind, ModelIntake.Known> known;

    ModelAnswers(Map<Kind, Activation> activations, Function<Kind, ModelIntake.Known> known) {
        this.activations = activations;
        this.known = known;
    }

    record Models(List<KindModels> models) {}

    record KindModels(
            String kind, long activeVersion, boolean pinned, List<String> servedByPrior, List<Version> versions) {}

    record Version(
            long version,
            long parentVersion,
            String createdAt,
            String family,
            long examples,
            @Nullable Instant lastExampleEmittedAt,
            int bytes,
            String sha256,
            boolean active,
            boolean pointedTo,
            Map<String, Map<String, @Nullable Double>> metrics) {}

    record Head(String target, String definition, boolean learned) {}

    record Ancestor(long version, @Nullable String createdAt) {}

    record Manifest(
            String kind,
            Version version,
            List<ModelManifest.Feature> dense,
            List<String> eventTypes,
            int sequenceLength,
            List<ModelManifest.Feature> ids,
            List<Head> heads,
            Map<Integer, Long> trainingOffsets,
            String gitCommit,
            String configurationHash,
            List<Ancestor> lineage) {}

    List<Route> routes() {
        return List.of(
                Route.get("models", "/v1/models", this::models),
                Route.get("kindModels", "/v1/models/{kind}", this::ofKind),
                Route.get("manifest", "/v1/models/{kind}/versions/{version}", this::manifest));
    }

    private Models models(Call call) {
        call.checkOnly(Set.of(), Set.of());
        return new Models(activations.keySet().stream().map(this::models).toList());
    }

    private KindModels ofKind(Call call) {
        call.checkOnly(Set.of(), Set.of());
        return models(Kinds.of(call, activations.keySet()));
    }

    private KindModels models(Kind kind) {
        Activation activation = activation(kind);
        ModelIntake.Known there = known.apply(kind);
        ModelPointer pointer = there.pointer();
        return new KindModels(
                kind.id(),
                activation.activeVersion(),
                pointer != null && pointer.pinned(),
                activation.servedByPrior(),
                there.versions().reversed().stream()
                        .map(manifest -> version(kind, manifest, pointer))
                        .toList());
    }

    private Activation activation(Kind kind) {
        Activation activation = activations.get(kind);
        if (activation == null) {
            throw new IllegalStateException("no target is for " + kind);
        }
        return activation;
    }

    private Version version(Kind kind, ModelManifest manifest, @Nullable ModelPointer pointer) {
        return new Version(
                manifest.version(),
                manifest.parentVersion(),
                manifest.createdAt(),
                manifest.family(),
                manifest.examples(),
                manifest.lastExampleEmittedAt() == 0 ? null : Instant.ofEpochMilli(manifest.lastExampleEmittedAt()),
                manifest.bytes(),
                manifest.sha256(),
                activation(kind).activeVersion() == manifest.version(),
                pointer != null && pointer.version() == manifest.version(),
                finite(manifest.metrics()));
    }

    /** JSON has no NaN. */
    private static Map<String, Map<String, @Nullable Double>> finite(Map<String, Map<String, Double>> metrics) {
        Map<String, Map<String, @Nullable Double>> finite = new TreeMap<>();
        metrics.forEach((target, values) -> {
            Map<String, @Nullable Double> of = new TreeMap<>();
            values.forEach((name, value) -> of.put(name, value != null && Double.isFinite(value) ? value : null));
            finite.put(target, of);
        });
        return finite;
    }

    private Manifest manifest(Call call) {
        call.checkOnly(Set.of(), Set.of());
        Kind kind = Kinds.of(call, activations.keySet());
        ModelIntake.Known there = known.apply(kind);
        Map<Long, ModelManifest> byVersion =
                there.versions().stream().collect(Collectors.toMap(ModelManifest::version, each -> each));
        ModelManifest manifest = Optional.ofNullable(byVersion.get(number(call.of("version"))))
                .orElseThrow(() -> Problem.notFound("/v1/models/" + kind.id() + " lists the versions there are."));
        return new Manifest(
                kind.id(),
                version(kind, manifest, there.pointer()),
                manifest.dense(),
                manifest.eventTypes(),
                manifest.sequenceLength(),
                manifest.ids(),
                manifest.targets().stream()
                        .map(head -> new Head(head.name(), head.definition(), !head.unlearned()))
                        .toList(),
                manifest.trainingOffsets(),
                manifest.gitCommit(),
                manifest.configurationHash(),
                lineage(manifest, byVersion));
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw Problem.badRequest("A version is a number.");
        }
    }

    private static List<Ancestor> lineage(ModelManifest of, Map<Long, ModelManifest> byVersion) {
        List<Ancestor> lineage = new ArrayList<>();
        long version = of.version();
        long before = Long.MAX_VALUE;
        while (version > 0 && version < before) { // a parent is always older
            ModelManifest manifest = byVersion.get(version);
            lineage.add(new Ancestor(version, manifest == null ? null : manifest.createdAt()));
            before = version;
            version = manifest == null ? 0 : manifest.parentVersion();
        }
        return lineage;
    }
}
