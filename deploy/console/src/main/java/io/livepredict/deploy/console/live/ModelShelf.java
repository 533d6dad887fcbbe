package io.livepredict.deploy.console.live;

import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.deploy.console.live.Happenings.What;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.ModelKeys;
import io.livepredict.model.ModelKeys.ModelKey;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.RefusedException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The versions of every kind's model, those that have been retired meanwhile included as far as they were seen. Only what a
 * trusted key signed is there; no model's bytes are held. Not safe for use from several threads.
 */
final class ModelShelf {
    /** Of a kind, retired ones included. */
    private static final int MOST_VERSIONS = 2_000;
    /** No chunk is waited for: nobody loads a model here. */
    private static final ModelCollector.Limits LIMITS =
            new ModelCollector.Limits(0, 64L << 20, 1 << 20, Duration.ofSeconds(1));

    private final ModelCollector collector;
    private final Happenings happenings;
    private final Map<Kind, NavigableMap<Long, Version>> versions = new EnumMap<>(Kind.class);
    private final Map<Kind, ModelPointer> pointers = new EnumMap<>(Kind.class);

    /**
     * What is known of a version for good.
     *
     * @param kept whether it is still in the topic, so that it can be served
     */
    record Version(
            long version,
            long parent,
            long createdAt,
            String family,
            long examples,
            int bytes,
            boolean kept,
            Map<String, Map<String, Double>> metrics) {
        Version retired() {
            return new Version(version, parent, createdAt, family, examples, bytes, false, Map.of());
        }
    }

    ModelShelf(ModelVerifier verifier, Happenings happenings) {
        collector = new ModelCollector(
                verifier,
                Arrays.stream(Kind.values()).map(Kind::id).collect(Collectors.toSet()),
                LIMITS,
                manifest -> false,
                Clock.systemUTC(),
                ModelCollector.Ignored.silently());
        this.happenings = happenings;
        for (Kind kind : Kind.values()) {
            versions.put(kind, new TreeMap<>());
        }
    }

    /** Takes in a record of the models topic; a value of null removes what is under the key. */
    void take(@Nullable String key, @Nullable ModelRecord value) {
        ModelKey parsed = ModelKeys.parse(key).orElse(null);
        if (parsed == null || parsed instanceof ModelKey.Chunk) {
            return;
        }
        collector.accept(key, value);
        for (Kind kind : Kind.values()) {
            if (kind.id().equals(parsed.name())) {
                switch (parsed) {
                    case ModelKey.Manifest manifest -> version(kind, manifest.version());
                    case ModelKey.Serving serving -> pointer(kind);
                    case ModelKey.Chunk chunk -> {
                        // Passed over above.
                    }
                }
            }
        }
    }

    private void version(Kind kind, long number) {
        NavigableMap<Long, Version> of = of(kind);
        Optional<ModelManifest> manifest = manifest(kind, number);
        if (manifest.isPresent()) {
            ModelManifest said = manifest.get();
            of.put(
                    number,
                    new Version(
                            number,
                            said.parentVersion(),
                            Instant.parse(said.createdAt()).toEpochMilli(),
                            said.family(),
                            said.examples(),
                            said.bytes(),
                            true,
                            said.metrics()));
        } else {
            of.computeIfPresent(number, (key, before) -> before.retired());
        }
        while (of.size() > MOST_VERSIONS) {
            of.pollFirstEntry();
        }
    }

    private void pointer(Kind kind) {
        ModelPointer now = collector.serving(kind.id()).orElse(null);
        ModelPointer before = now == null ? null : pointers.put(kind, now);
        if (now == null || now.equals(before)) {
            return;
        }
        long at = Instant.parse(now.issuedAt()).toEpochMilli();
        if (now.pinned() && (before == null || !before.pinned() || before.version() != now.version())) {
            happenings.add(at, kind.id(), What.PINNED, "version " + now.version() + " pinned by an operator");
        } else if (before != null && before.pinned() && !now.pinned()) {
            happenings.add(
                    at,
                    kind.id(),
                    What.PROMOTED,
                    "version " + now.version() + " promoted; the trainer publishes again");
        }
    }

    /** What is to be served. */
    Optional<ModelPointer> serving(Kind kind) {
        return Optional.ofNullable(pointers.get(kind));
    }

    /** Newest first. */
    List<Version> versions(Kind kind) {
        return new ArrayList<>(of(kind).descendingMap().values());
    }

    /** What a version says of itself; nothing once it is retired. */
    Optional<ModelManifest> manifest(Kind kind, long version) {
        try {
            return Optional.of(collector.manifest(kind.id(), version));
        } catch (RefusedException e) {
            return collector.signed(kind.id(), version);
        }
    }

    private NavigableMap<Long, Version> of(Kind kind) {
        return versions.computeIfAbsent(kind, key -> new TreeMap<>());
    }
}
