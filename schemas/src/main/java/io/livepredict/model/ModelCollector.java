package io.livepredict.model;

import io.livepredict.avro.ModelChunk;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.SignedManifest;
import io.livepredict.avro.SignedPointer;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.model.ModelKeys.ModelKey;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Takes in the records of the models topic, in order, and gives out what is signed and whole. Taking in never fails and
 * verifies nothing; every question verifies anew. Not safe for use from several threads.
 *
 * <p>Manifests of all versions are held. Bytes are held up to a budget: above it, those of the oldest versions are let
 * go, never those of the newest or of the one that is pointed to. A version that was let go {@link #isReleased}; whoever
 * needs it (a rollback to it) collects the topic anew with {@link #keeping}.
 */
public final class ModelCollector {
    /** What the bytes of all versions together may take before old ones are let go. */
    public static final long DEFAULT_BUDGET_BYTES = 256L << 20;

    private final TrustedKeys trusted;
    private final long budgetBytes;
    private final @Nullable Kept kept;
    private final Map<String, Collected> byName = new HashMap<>();
    private long heldBytes;
    private long ignored;

    private record Kept(String name, long version) {}

    /** What is there of one model. */
    private static final class Collected {
        final TreeMap<Long, Version> versions = new TreeMap<>();

        @Nullable
        ModelRecord pointer;

        long pointedTo;
        long maxVersion;
    }

    /** What is there of one version. */
    private static final class Version {
        final TreeMap<Integer, ModelRecord> chunks = new TreeMap<>();

        @Nullable
        ModelRecord manifest;

        boolean released;
    }

    public ModelCollector(TrustedKeys trusted) {
        this(trusted, DEFAULT_BUDGET_BYTES);
    }

    /**
     * @param budgetBytes what the bytes of all versions together may take before old ones are let go
     */
    public ModelCollector(TrustedKeys trusted, long budgetBytes) {
        this(trusted, budgetBytes, null);
    }

    private ModelCollector(TrustedKeys trusted, long budgetBytes, @Nullable Kept kept) {
        this.trusted = trusted;
        this.budgetBytes = budgetBytes;
        this.kept = kept;
    }

    /** A new, empty collector that will not let go of that version. */
    public ModelCollector keeping(String name, long version) {
        return new ModelCollector(trusted, budgetBytes, new Kept(name, version));
    }

    /** Takes in a record; a null value removes what is under the key. A key of no known form is counted and ignored. */
    public void accept(String key, @Nullable ModelRecord value) {
        Optional<ModelKey> parsed = ModelKeys.parse(key);
        if (parsed.isEmpty()) {
            ignored++;
            return;
        }
        Collected model = byName.computeIfAbsent(parsed.get().name(), n -> new Collected());
        switch (parsed.get()) {
            case ModelKey.Serving serving -> {
                model.pointer = value;
                model.pointedTo = pointedTo(value);
            }
            case ModelKey.Manifest manifest -> {
                model.maxVersion = Math.max(model.maxVersion, manifest.version());
                version(model, manifest.version()).manifest = value;
                forgetIfEmpty(model, manifest.version());
            }
            case ModelKey.Chunk chunk -> {
                model.maxVersion = Math.max(model.maxVersion, chunk.version());
                accept(version(model, chunk.version()), chunk.index(), value);
                forgetIfEmpty(model, chunk.version());
                letGo();
            }
        }
    }

    /** How many records had a key of no known form. */
    public long ignored() {
        return ignored;
    }

    /**
     * Which version is to be served; nothing if no pointer was ever published.
     *
     * @throws RefusedException if the pointer is not signed by a trusted key, or makes no sense
     */
    public Optional<ModelPointer> serving(String name) throws RefusedException {
        Collected model = byName.get(name);
        if (model == null || model.pointer == null) {
            return Optional.empty();
        }
        String what = "pointer " + ModelKeys.serving(name);
        if (!(model.pointer.getBody() instanceof SignedPointer signed)) {
            throw new RefusedException(Refusal.UNREADABLE, what + " is not a pointer");
        }
        verify(what, signed.getKeyId(), signed.getJson(), signed.getSignature());
        ModelPointer pointer = within(what, () -> ModelJson.readPointer(signed.getJson()));
        if (!pointer.name().equals(name) || pointer.version() < 1) {
            throw new RefusedException(
                    Refusal.UNREADABLE,
                    what + " points to version " + pointer.version() + " of '" + pointer.name() + "'");
        }
        return Optional.of(pointer);
    }

    /**
     * What a version says of itself.
     *
     * @throws RefusedException if it is not there, not signed by a trusted key, not readable, or not the manifest that
     *     the pointer to this version names
     */
    public ModelManifest manifest(String name, long version) throws RefusedException {
        String what = "manifest " + ModelKeys.manifest(name, version);
        SignedManifest signed = signedManifest(name, version);
        verify(what, signed.getKeyId(), signed.getJson(), signed.getSignature());
        ModelManifest manifest = within(what, () -> ModelJson.readManifest(signed.getJson()));
        if (!manifest.name().equals(name) || manifest.version() != version) {
            throw new RefusedException(
                    Refusal.UNREADABLE,
                    what + " is that of version " + manifest.version() + " of '" + manifest.name() + "'");
        }
        if (isNotTheOneNamed(name, version, signed.getJson())) {
            throw new RefusedException(Refusal.HASH_MISMATCH, what + " is not the one that the pointer to it names");
        }
        return manifest;
    }

    /** Whether the pointer is to that version and names another manifest; one that is not to be trusted names none. */
    private boolean isNotTheOneNamed(String name, long version, String json) {
        try {
            return serving(name)
                    .filter(pointer -> pointer.version() == version)
                    .map(pointer -> !pointer.manifestSha256().equals(Hashes.sha256(ModelPacker.utf8(json))))
                    .orElse(false);
        } catch (RefusedException e) {
            return false;
        }
    }

    /**
     * The hash by which a pointer names a version's manifest.
     *
     * @throws RefusedException as {@link #manifest}
     */
    public String manifestSha256(String name, long version) throws RefusedException {
        manifest(name, version);
        return Hashes.sha256(ModelPacker.utf8(signedManifest(name, version).getJson()));
    }

    /**
     * A version, whole and verified.
     *
     * @throws RefusedException as {@link #manifest}, or if bytes are missing or not those that were signed
     */
    public ModelArtifact artifact(String name, long version) throws RefusedException {
        ModelManifest manifest = manifest(name, version);
        String what = "model " + ModelKeys.manifest(name, version);
        Version held = version(byName.getOrDefault(name, new Collected()), version);
        if (held.released) {
            throw new RefusedException(
                    Refusal.MISSING_CHUNK, what + ": its bytes are no longer held here; read the topic again");
        }
        ByteArrayOutputStream onnx = new ByteArrayOutputStream();
        for (int index = 0; index < manifest.chunks(); index++) {
            ModelRecord chunk = held.chunks.get(index);
            if (chunk == null) {
                throw new RefusedException(
                        Refusal.MISSING_CHUNK, what + ": chunk " + index + " of " + manifest.chunks() + " is missing");
            }
            if (!(chunk.getBody() instanceof ModelChunk piece) || piece.getIndex() != index) {
                throw new RefusedException(Refusal.UNREADABLE, what + ": what should be chunk " + index + " is not");
            }
            ByteBuffer data = piece.getData().duplicate();
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            onnx.writeBytes(bytes);
        }
        byte[] bytes = onnx.toByteArray();
        if (bytes.length != manifest.bytes() || !Hashes.sha256(bytes).equals(manifest.sha256())) {
            throw new RefusedException(
                    Refusal.HASH_MISMATCH, what + ": its bytes are not those its manifest names by SHA-256");
        }
        return new ModelArtifact(manifest, bytes);
    }

    /** Whether bytes of that version were let go to keep within the budget. */
    public boolean isReleased(String name, long version) {
        Collected model = byName.get(name);
        Version held = model == null ? null : model.versions.get(version);
        return held != null && held.released;
    }

    /** The names of the models there are. */
    public SortedSet<String> names() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(byName.keySet()));
    }

    /** The versions that have a manifest, whether it is signed or not. */
    public SortedSet<Long> versions(String name) {
        TreeSet<Long> versions = new TreeSet<>();
        Collected model = byName.get(name);
        if (model != null) {
            model.versions.forEach((number, version) -> {
                if (version.manifest != null) {
                    versions.add(number);
                }
            });
        }
        return Collections.unmodifiableSortedSet(versions);
    }

    /** The highest version that was ever seen, removed ones included; 0 for none. The next one is above it. */
    public long maxVersion(String name) {
        Collected model = byName.get(name);
        return model == null ? 0 : model.maxVersion;
    }

    private SignedManifest signedManifest(String name, long version) throws RefusedException {
        Collected model = byName.get(name);
        Version held = model == null ? null : model.versions.get(version);
        if (held == null || held.manifest == null) {
            throw new RefusedException(
                    Refusal.MISSING_CHUNK, "manifest " + ModelKeys.manifest(name, version) + " is not there");
        }
        if (!(held.manifest.getBody() instanceof SignedManifest signed)) {
            throw new RefusedException(
                    Refusal.UNREADABLE, "manifest " + ModelKeys.manifest(name, version) + " is not a manifest");
        }
        return signed;
    }

    private void verify(String what, String keyId, String json, ByteBuffer signature) throws RefusedException {
        byte[] bytes = new byte[signature.remaining()];
        signature.duplicate().get(bytes);
        within(what, () -> {
            trusted.verify(keyId, ModelPacker.utf8(json), bytes);
            return true;
        });
    }

    private interface Step<T> {
        T run() throws RefusedException;
    }

    /** Says of which record a refusal is. */
    private static <T> T within(String what, Step<T> step) throws RefusedException {
        try {
            return step.run();
        } catch (RefusedException e) {
            throw new RefusedException(e.reason(), what + ": " + e.getMessage(), e);
        }
    }

    private static Version version(Collected model, long version) {
        return model.versions.computeIfAbsent(version, v -> new Version());
    }

    private void accept(Version version, int index, @Nullable ModelRecord chunk) {
        ModelRecord before = chunk == null ? version.chunks.remove(index) : version.chunks.put(index, chunk);
        heldBytes += bytes(chunk) - bytes(before);
    }

    private static void forgetIfEmpty(Collected model, long number) {
        Version version = model.versions.get(number);
        if (version != null && version.manifest == null && version.chunks.isEmpty()) {
            model.versions.remove(number);
        }
    }

    /** The version an unverified pointer names: good enough to decide what to hold. */
    private static long pointedTo(@Nullable ModelRecord value) {
        try {
            return value != null && value.getBody() instanceof SignedPointer signed
                    ? ModelJson.readPointer(signed.getJson()).version()
                    : 0;
        } catch (RefusedException e) {
            return 0;
        }
    }

    /** Lets go of the bytes of the oldest versions while there are more than the budget allows. */
    private void letGo() {
        if (heldBytes <= budgetBytes) {
            return;
        }
        byName.forEach((name, model) -> {
            for (Map.Entry<Long, Version> entry : model.versions.entrySet()) {
                long number = entry.getKey();
                Version version = entry.getValue();
                if (heldBytes <= budgetBytes) {
                    return;
                }
                boolean needed = number == model.versions.lastKey()
                        || number == model.pointedTo
                        || (kept != null && kept.name().equals(name) && kept.version() == number);
                if (!needed && !version.chunks.isEmpty()) {
                    version.chunks.values().forEach(chunk -> heldBytes -= bytes(chunk));
                    version.chunks.clear();
                    version.released = true;
                }
            }
        });
    }

    private static long bytes(@Nullable ModelRecord chunk) {
        return chunk != null && chunk.getBody() instanceof ModelChunk piece
                ? piece.getData().remaining()
                : 0;
    }
}
