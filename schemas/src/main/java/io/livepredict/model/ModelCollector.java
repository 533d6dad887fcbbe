package io.livepredict.model;

import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.model.ModelKeys.ModelKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes in the records of the models topic, in order, and gives out what is signed and whole. Taking in never fails. Anybody
 * may write to a topic, so a record counts for nothing until a trusted key's signature vouches for it: no version is known,
 * no number is used, no pointer moves, and what is held of it is bounded. Not safe for use from several threads.
 *
 * <p>Chunks carry no signature. They wait as {@link UnsignedPieces} for the manifest that names their hash; a version whose
 * bytes fit it is whole, and nothing that comes later changes it but another signed manifest or the tombstone of its own.
 *
 * <p>A pointer counts if it was issued after the one that counts so far, so an old one that is written again moves nothing.
 *
 * <p>Bytes of whole versions are held up to a budget: above it, those of the oldest versions are let go, never those of the
 * newest or of the one that is pointed to. A version that was let go {@link #isReleased}; whoever needs it (a rollback to
 * it) collects the topic anew with {@link #keeping}.
 */
public final class ModelCollector {
    /** Of so many versions of a model it is remembered why their manifests were refused. */
    private static final int REFUSALS_REMEMBERED = 100;

    private final SignedRecords records;
    private final Limits limits;
    private final Predicate<ModelManifest> wanted;
    private final InstantSource clock;
    private final Ignored ignored;
    private final @Nullable VersionKey kept;
    private final Map<String, Model> byName = new HashMap<>();
    private final UnsignedPieces<VersionKey> pieces;
    private long modelBytes;
    private long manifestBytes;

    private record VersionKey(String name, long version) {}

    /**
     * What may be held in memory, over all models.
     *
     * @param modelBytes ONNX bytes of whole versions before old ones are let go
     * @param manifestBytes signed manifests before those of old versions are forgotten
     * @param unsignedBytes chunks that no manifest vouches for yet; a larger model can't be taken in
     * @param unsignedFor how long those chunks wait for more
     */
    public record Limits(long modelBytes, long manifestBytes, long unsignedBytes, Duration unsignedFor) {
        /**
         * A quarter of the heap for models, a sixteenth for manifests, an eighth for chunks during 10 minutes; at most 256,
         * 64 and 128 MB.
         */
        public static Limits defaults() {
            long heap = Runtime.getRuntime().maxMemory();
            return new Limits(
                    Math.min(256L << 20, heap / 4),
                    Math.min(64L << 20, heap / 16),
                    Math.min(128L << 20, heap / 8),
                    Duration.ofMinutes(10));
        }

        /** The same with another budget for whole versions. */
        public Limits withModelBytes(long bytes) {
            return new Limits(bytes, manifestBytes, unsignedBytes, unsignedFor);
        }
    }

    /** Is told of records that count for nothing. */
    @FunctionalInterface
    public interface Ignored {
        /**
         * Records were ignored.
         *
         * @param reason why
         * @param line the same in one line, with the key of the last of them
         * @param records how many
         */
        void ignored(Refusal reason, String line, long records);

        /** Tells nobody. */
        static Ignored silently() {
            return (reason, line, records) -> {};
        }
    }

    /** What is there of one model. */
    private static final class Model {
        final TreeMap<Long, SignedVersion> versions = new TreeMap<>();
        /** Versions whose manifest no trusted key vouches for, and why. */
        final LinkedHashMap<Long, RefusedException> refused = new LinkedHashMap<>();

        @Nullable
        ModelPointer pointer;

        Instant issuedAt = Instant.MIN;
        /** Whether the last pointer in the topic is another than the one that counts. */
        boolean overwritten;

        long maxVersion;
    }

    /** Collects a topic once, within the default limits. */
    public ModelCollector(ModelVerifier verifier, Set<String> names) {
        this(verifier, names, Limits.defaults());
    }

    /** Collects a topic once: the clock plays no part, and ignored records are not reported. */
    public ModelCollector(ModelVerifier verifier, Set<String> names, Limits limits) {
        this(verifier, names, limits, manifest -> true, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC), Ignored.silently());
    }

    /**
     * @param verifier whose records count
     * @param names the models taken in; records of other models are ignored
     * @param limits what may be held
     * @param wanted the versions whose bytes are held at all
     * @param clock the present
     * @param ignored receives the records that count for nothing
     */
    public ModelCollector(
            ModelVerifier verifier,
            Set<String> names,
            Limits limits,
            Predicate<ModelManifest> wanted,
            InstantSource clock,
            Ignored ignored) {
        this(new SignedRecords(verifier), limits, wanted, clock, ignored, null);
        names.forEach(name -> byName.put(name, new Model()));
    }

    private ModelCollector(
            SignedRecords records,
            Limits limits,
            Predicate<ModelManifest> wanted,
            InstantSource clock,
            Ignored ignored,
            @Nullable VersionKey kept) {
        this.records = records;
        this.limits = limits;
        this.wanted = wanted;
        this.clock = clock;
        this.ignored = ignored;
        this.kept = kept;
        pieces = new UnsignedPieces<>(
                limits.unsignedBytes(),
                limits.unsignedFor(),
                clock,
                count -> ignored.ignored(
                        Refusal.UNSIGNED, "chunks of the models topic had no signed manifest after them", count));
    }

    /** A new collector that will not let go of that version. It is empty but for the pointers, which stay monotonic. */
    public ModelCollector keeping(String name, long version) {
        ModelCollector next =
                new ModelCollector(records, limits, wanted, clock, ignored, new VersionKey(name, version));
        byName.forEach((each, model) -> {
            Model copy = new Model();
            copy.pointer = model.pointer;
            copy.issuedAt = model.issuedAt;
            copy.maxVersion = model.maxVersion;
            next.byName.put(each, copy);
        });
        return next;
    }

    /** Takes in a record; a null value removes what is under the key. */
    public void accept(@Nullable String key, @Nullable ModelRecord value) {
        Optional<ModelKey> parsed = ModelKeys.parse(key);
        if (parsed.isEmpty()) {
            ignored.ignored(
                    Refusal.UNREADABLE,
                    "key " + (key == null ? "null" : SignedRecords.shown(key)) + " does not belong in the models topic",
                    1);
            return;
        }
        Model model = byName.get(parsed.get().name());
        if (model == null) {
            return;
        }
        try {
            switch (parsed.get()) {
                case ModelKey.Serving serving -> accept(model, serving, value);
                case ModelKey.Manifest manifest -> accept(model, manifest, value);
                case ModelKey.Chunk chunk -> accept(model, chunk, value);
            }
        } catch (RefusedException e) {
            ignored.ignored(e.reason(), String.valueOf(e.getMessage()), 1);
        }
    }

    /** Lets go of chunks that have waited too long. {@link #accept} does so too; for when nothing comes. */
    public void expire() {
        pieces.expire();
    }

    private void accept(Model model, ModelKey.Serving key, @Nullable ModelRecord value) throws RefusedException {
        model.overwritten = true;
        if (value == null) {
            model.overwritten = model.pointer != null;
            return; // nobody signs a tombstone
        }
        ModelPointer pointer = records.pointer(key, value);
        Instant issuedAt = Instant.parse(pointer.issuedAt());
        if (pointer.equals(model.pointer)) {
            model.overwritten = false;
        } else if (issuedAt.isAfter(model.issuedAt)) {
            model.pointer = pointer;
            model.issuedAt = issuedAt;
            model.overwritten = false;
            model.maxVersion = Math.max(model.maxVersion, pointer.version());
        } else {
            throw new RefusedException(
                    Refusal.OUTDATED,
                    "pointer " + ModelKeys.serving(key.name()) + " to version " + pointer.version() + " was issued at "
                            + pointer.issuedAt() + ", not after the one that counts (" + model.issuedAt
                            + "): an old one was written again");
        }
    }

    private void accept(Model model, ModelKey.Manifest key, @Nullable ModelRecord value) throws RefusedException {
        if (value == null) {
            forget(model, key.version());
            model.refused.remove(key.version());
            return;
        }
        try {
            accept(model, key, records.version(key, value));
            model.refused.remove(key.version());
        } catch (RefusedException e) {
            model.refused.put(key.version(), e);
            while (model.refused.size() > REFUSALS_REMEMBERED) {
                model.refused.pollFirstEntry();
            }
            throw e;
        }
    }

    private void accept(Model model, ModelKey.Manifest key, SignedVersion version) {
        model.maxVersion = Math.max(model.maxVersion, key.version());
        SignedVersion before = model.versions.get(key.version());
        if (before != null && before.manifestSha256.equals(version.manifestSha256)) {
            return;
        }
        forget(model, key.version());
        model.versions.put(key.version(), version);
        manifestBytes += version.manifestCost;
        VersionKey of = new VersionKey(key.name(), key.version());
        if (version.unusable != null || !wanted.test(version.manifest)) {
            pieces.forget(of);
        } else {
            if (before != null && before.manifest.sha256().equals(version.manifest.sha256())) {
                takeOver(before, version);
            }
            if (version.onnx == null && !version.released) {
                complete(of, version);
            }
        }
        letGo();
    }

    private void accept(Model model, ModelKey.Chunk key, @Nullable ModelRecord value) throws RefusedException {
        VersionKey of = new VersionKey(key.name(), key.version());
        if (value == null) {
            pieces.remove(of, key.index());
            return;
        }
        pieces.put(of, key.index(), SignedRecords.chunk(key, value));
        SignedVersion version = model.versions.get(key.version());
        if (version != null && version.onnx == null && !version.released && version.unusable == null) {
            complete(of, version);
            letGo();
        }
    }

    /** Another manifest of the very bytes that are held already: their chunks will not come again. */
    private void takeOver(SignedVersion before, SignedVersion version) {
        version.onnx = before.onnx;
        version.released = before.released;
        modelBytes += version.bytes();
    }

    /** Makes a version whole, if all its chunks are there and give the bytes that its manifest names. */
    private void complete(VersionKey of, SignedVersion version) {
        byte[] onnx = pieces.join(of, version.manifest.chunks(), version.manifest.bytes());
        if (onnx != null && Hashes.sha256(onnx).equals(version.manifest.sha256())) {
            version.onnx = onnx;
            modelBytes += onnx.length;
            pieces.forget(of);
        }
    }

    private void forget(Model model, long number) {
        SignedVersion version = model.versions.remove(number);
        if (version != null) {
            modelBytes -= version.bytes();
            manifestBytes -= version.manifestCost;
        }
    }

    /** Which version is to be served; nothing if no trusted key ever signed a pointer. */
    public Optional<ModelPointer> serving(String name) {
        Model model = byName.get(name);
        return model == null ? Optional.empty() : Optional.ofNullable(model.pointer);
    }

    /**
     * Whether the topic's last record under the pointer's key is another than the pointer that counts, if any does. Who reads
     * the topic from its beginning, once it is compacted, would not find the one that counts; whoever may sign writes it
     * again.
     */
    public boolean isPointerOverwritten(String name) {
        Model model = byName.get(name);
        return model != null && model.overwritten;
    }

    /**
     * What a version says of itself.
     *
     * @throws RefusedException if it is not there, not signed by a trusted key, not readable, or not the manifest that
     *     the pointer to this version names
     */
    public ModelManifest manifest(String name, long version) throws RefusedException {
        return version(name, version).manifest;
    }

    private SignedVersion version(String name, long number) throws RefusedException {
        String what = "manifest " + ModelKeys.manifest(name, number);
        Model model = byName.get(name);
        SignedVersion version = model == null ? null : model.versions.get(number);
        if (version == null) {
            RefusedException refused = model == null ? null : model.refused.get(number);
            throw refused == null
                    ? new RefusedException(Refusal.MISSING_CHUNK, what + " is not there")
                    : again(refused);
        }
        if (version.unusable != null) {
            throw again(version.unusable);
        }
        boolean another = serving(name)
                .filter(pointer -> pointer.version() == number)
                .filter(pointer -> !pointer.manifestSha256().equals(version.manifestSha256))
                .isPresent();
        if (another) {
            throw new RefusedException(Refusal.HASH_MISMATCH, what + " is not the one that the pointer to it names");
        }
        return version;
    }

    private static RefusedException again(RefusedException e) {
        return new RefusedException(e.reason(), String.valueOf(e.getMessage()), e);
    }

    /**
     * The hash by which a pointer names a version's manifest.
     *
     * @throws RefusedException as {@link #manifest}
     */
    public String manifestSha256(String name, long version) throws RefusedException {
        return version(name, version).manifestSha256;
    }

    /**
     * A version, whole and verified.
     *
     * @throws RefusedException as {@link #manifest}, or if bytes are missing or not those that were signed
     */
    public ModelArtifact artifact(String name, long number) throws RefusedException {
        SignedVersion version = version(name, number);
        ModelManifest manifest = version.manifest;
        String what = "model " + ModelKeys.manifest(name, number);
        byte[] onnx = version.onnx;
        if (onnx != null) {
            return new ModelArtifact(manifest, onnx);
        }
        if (version.released) {
            throw new RefusedException(
                    Refusal.MISSING_CHUNK, what + ": its bytes are no longer held here; read the topic again");
        }
        int missing = pieces.firstMissing(new VersionKey(name, number), manifest.chunks());
        if (missing < manifest.chunks()) {
            throw new RefusedException(
                    Refusal.MISSING_CHUNK,
                    what + ": chunk " + missing + " of " + manifest.chunks() + " is missing"
                            + (manifest.bytes() < limits.unsignedBytes()
                                    ? ""
                                    : "; a model may have " + (limits.unsignedBytes() >> 20) + " MB, this one has "
                                            + (manifest.bytes() >> 20)));
        }
        throw new RefusedException(
                Refusal.HASH_MISMATCH, what + ": its bytes are not those its manifest names by SHA-256");
    }

    /** Whether that version's bytes are there and those that were signed. */
    public boolean isWhole(String name, long version) {
        Model model = byName.get(name);
        SignedVersion held = model == null ? null : model.versions.get(version);
        return held != null && held.onnx != null;
    }

    /** Whether bytes of that version were let go to keep within the budget. */
    public boolean isReleased(String name, long version) {
        Model model = byName.get(name);
        SignedVersion held = model == null ? null : model.versions.get(version);
        return held != null && held.released;
    }

    /** The versions that a trusted key vouches for, those included that this build can't use. */
    public SortedSet<Long> versions(String name) {
        Model model = byName.get(name);
        return model == null
                ? Collections.emptySortedSet()
                : Collections.unmodifiableSortedSet(new TreeSet<>(model.versions.keySet()));
    }

    /** Versions whose manifest counts for nothing, the last hundred of them, and why. */
    public Map<Long, RefusedException> refused(String name) {
        Model model = byName.get(name);
        return model == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(model.refused));
    }

    /** A version that a trusted key vouches for, whether this build can use it or not. */
    public Optional<ModelManifest> signed(String name, long version) {
        Model model = byName.get(name);
        SignedVersion held = model == null ? null : model.versions.get(version);
        return Optional.ofNullable(held).map(each -> each.manifest);
    }

    /** The highest version that a trusted key ever signed something of, removed ones included; 0 for none. */
    public long maxVersion(String name) {
        Model model = byName.get(name);
        return model == null ? 0 : model.maxVersion;
    }

    /** What all that is held takes, roughly. */
    long heldBytes() {
        return modelBytes + manifestBytes + pieces.heldBytes();
    }

    /** Lets go of the bytes, then of the manifests, of the oldest versions while there are more than the limits allow. */
    private void letGo() {
        byName.forEach((name, model) -> {
            for (Map.Entry<Long, SignedVersion> entry : model.versions.entrySet()) {
                if (modelBytes <= limits.modelBytes()) {
                    break;
                }
                SignedVersion version = entry.getValue();
                if (version.onnx != null && !isNeeded(name, model, entry.getKey())) {
                    modelBytes -= version.bytes();
                    version.onnx = null;
                    version.released = true;
                }
            }
            for (long number :
                    new TreeSet<>(manifestBytes <= limits.manifestBytes() ? Set.of() : model.versions.keySet())) {
                if (manifestBytes > limits.manifestBytes() && !isNeeded(name, model, number)) {
                    forget(model, number);
                }
            }
        });
    }

    private boolean isNeeded(String name, Model model, long number) {
        return number == model.versions.lastKey()
                || (model.pointer != null && model.pointer.version() == number)
                || new VersionKey(name, number).equals(kept);
    }
}
