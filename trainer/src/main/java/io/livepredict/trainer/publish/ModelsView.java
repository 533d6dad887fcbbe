package io.livepredict.trainer.publish;

import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.SignedManifest;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.model.ModelArtifact;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.ModelJson;
import io.livepredict.model.ModelKeys;
import io.livepredict.model.RefusedException;
import io.livepredict.model.TrustedKeys;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One model as it stands in the models topic: which version numbers were used and for what, what is to be served, and what
 * users brought. Holds the ONNX bytes of imported models only. Not safe for use from several threads.
 */
public final class ModelsView {
    private static final Logger LOG = LoggerFactory.getLogger(ModelsView.class);
    /** How many of the newest imported models stay, however many versions come after them. */
    static final int IMPORTED_KEPT = 3;

    private final String name;
    private final TrustedKeys trusted;
    private final VersionLedger ledger;
    /** Takes in the pointer only. */
    private final ModelCollector pointers;

    private final TreeMap<Long, Held> versions = new TreeMap<>();
    /** Chunks whose manifest has not come yet: it follows them in their transaction. */
    private final Map<Long, ModelCollector> pending = new HashMap<>();

    private @Nullable String complaint;

    /**
     * @param chunks in how many chunks its bytes travel
     * @param imported whether a user brought it, signed by a trusted key
     * @param artifact the imported model itself; null for any other version, or if it is not whole
     */
    private record Held(
            Instant createdAt,
            int chunks,
            boolean imported,
            @Nullable ModelArtifact artifact) {}

    /**
     * @param name the model's name
     * @param trusted whose pointers and imported models count
     * @param ledger is told of every version number that was used
     */
    public ModelsView(String name, TrustedKeys trusted, VersionLedger ledger) {
        this.name = name;
        this.trusted = trusted;
        this.ledger = ledger;
        pointers = new ModelCollector(trusted);
    }

    /** Takes in a record of the topic, in order; null is a tombstone. */
    public void accept(String key, @Nullable ModelRecord value) {
        ModelKeys.parse(key).filter(parsed -> parsed.name().equals(name)).ifPresent(parsed -> {
            switch (parsed) {
                case ModelKeys.ModelKey.Serving serving -> pointers.accept(key, value);
                case ModelKeys.ModelKey.Chunk chunk -> acceptChunk(chunk.version(), key, value);
                case ModelKeys.ModelKey.Manifest manifest -> accept(manifest.version(), key, value);
            }
        });
    }

    private void acceptChunk(long version, String key, @Nullable ModelRecord value) {
        ledger.used(version);
        if (value == null) {
            pending.remove(version);
        } else {
            pending.computeIfAbsent(version, absent -> new ModelCollector(trusted))
                    .accept(key, value);
        }
    }

    private void accept(long version, String key, @Nullable ModelRecord value) {
        ledger.used(version);
        ModelCollector chunks = pending.remove(version);
        if (value == null) {
            versions.remove(version);
        } else if (value.getBody() instanceof SignedManifest signed) {
            try {
                ModelManifest manifest = ModelJson.readManifest(signed.getJson());
                ledger.add(version, manifest.sha256());
                boolean imported = isImported(manifest, signed);
                ModelArtifact artifact = imported && chunks != null ? artifact(version, chunks, key, value) : null;
                versions.put(version, new Held(createdAt(manifest), manifest.chunks(), imported, artifact));
            } catch (RefusedException e) {
                // Not ours to serve, but its number is taken, and it goes with the others when it is old.
                versions.put(version, new Held(Instant.EPOCH, 1, false, null));
            }
        }
    }

    private boolean isImported(ModelManifest manifest, SignedManifest signed) {
        if (!manifest.family().equals(ModelManifest.IMPORTED)) {
            return false;
        }
        byte[] signature = new byte[signed.getSignature().remaining()];
        signed.getSignature().duplicate().get(signature);
        try {
            trusted.verify(signed.getKeyId(), signed.getJson().getBytes(StandardCharsets.UTF_8), signature);
            return true;
        } catch (RefusedException e) {
            LOG.warn("{}: imported model {} is passed over: {}", name, manifest.version(), e.getMessage());
            return false;
        }
    }

    private @Nullable ModelArtifact artifact(long version, ModelCollector chunks, String key, ModelRecord manifest) {
        chunks.accept(key, manifest);
        try {
            return chunks.artifact(name, version);
        } catch (RefusedException e) {
            LOG.warn("{}: imported model {} is not scored: {}", name, version, e.getMessage());
            return null;
        }
    }

    private static Instant createdAt(ModelManifest manifest) {
        try {
            return Instant.parse(manifest.createdAt());
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }

    /** What is to be served; nothing when there is no pointer, or none that a trusted key signed. */
    public Optional<ModelPointer> serving() {
        try {
            return pointers.serving(name);
        } catch (RefusedException e) {
            String line = String.valueOf(e.getMessage());
            if (!line.equals(complaint)) {
                complaint = line;
                LOG.warn("{}: pointer is passed over: {}", name, line);
            }
            return Optional.empty();
        }
    }

    /** The version numbers that have a manifest, ascending. */
    public List<Long> versions() {
        return List.copyOf(versions.keySet());
    }

    /** The imported models that stay: the newest few and the one that is pointed to, ascending; only those that are whole. */
    public List<ModelArtifact> importedModels() {
        List<ModelArtifact> artifacts = new ArrayList<>();
        Set<Long> kept = keptImportedModels();
        serving().ifPresent(pointer -> kept.add(pointer.version()));
        versions.forEach((version, held) -> {
            if (kept.contains(version) && held.artifact() != null) {
                artifacts.add(held.artifact());
            }
        });
        return artifacts;
    }

    private Set<Long> keptImportedModels() {
        return versions.descendingMap().entrySet().stream()
                .filter(version -> version.getValue().imported())
                .limit(IMPORTED_KEPT)
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** The keys to tombstone, manifest before chunks, when {@code added} is published and the policy drops others. */
    public List<String> dropped(RetentionPolicy policy, ModelManifest added) {
        Instant now = createdAt(added);
        List<RetentionPolicy.Made> all = new ArrayList<>();
        versions.forEach((version, held) -> all.add(new RetentionPolicy.Made(version, held.createdAt())));
        all.add(new RetentionPolicy.Made(added.version(), now));
        Set<Long> kept = keptImportedModels();
        kept.add(added.version());
        serving().ifPresent(pointer -> kept.add(pointer.version()));
        List<String> keys = new ArrayList<>();
        for (long version : policy.dropped(all, kept, now)) {
            Held held = versions.get(version);
            keys.addAll(ModelKeys.ofVersion(name, version, held == null ? 1 : held.chunks()));
        }
        return keys;
    }
}
