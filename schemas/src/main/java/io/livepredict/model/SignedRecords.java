package io.livepredict.model;

import io.livepredict.avro.ModelChunk;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.SignedManifest;
import io.livepredict.avro.SignedPointer;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.model.ModelKeys.ModelKey;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads a record of the models topic as what its key says it is. Refusals name the record. */
final class SignedRecords {
    private final ModelVerifier verifier;

    SignedRecords(ModelVerifier verifier) {
        this.verifier = verifier;
    }

    /** @throws RefusedException if it is not a pointer of that model signed by a trusted key */
    ModelPointer pointer(ModelKey.Serving key, ModelRecord value) throws RefusedException {
        String what = "pointer " + ModelKeys.serving(key.name());
        if (!(value.getBody() instanceof SignedPointer signed)) {
            throw new RefusedException(Refusal.UNREADABLE, what + " is not a pointer");
        }
        ModelPointer pointer = within(what, () -> verifier.pointer(signed));
        if (!pointer.name().equals(key.name())) {
            throw new RefusedException(
                    Refusal.MISPLACED,
                    what + " points to version " + pointer.version() + " of " + shown(pointer.name()));
        }
        return pointer;
    }

    /**
     * A version as its manifest says, without bytes. One that is signed and of a format that this build does not know is
     * there too, as unusable: its number is used.
     *
     * @throws RefusedException if it is not a manifest of that version signed by a trusted key
     */
    SignedVersion version(ModelKey.Manifest key, ModelRecord value) throws RefusedException {
        String what = "manifest " + ModelKeys.manifest(key.name(), key.version());
        if (!(value.getBody() instanceof SignedManifest signed)) {
            throw new RefusedException(Refusal.UNREADABLE, what + " is not a manifest");
        }
        ModelManifest manifest;
        @Nullable RefusedException unusable = null;
        try {
            manifest = within(what, () -> verifier.manifest(signed));
        } catch (RefusedException e) {
            if (e.reason() != Refusal.UNKNOWN_FORMAT) {
                throw e;
            }
            manifest = within(what, () -> ModelJson.readManifest(signed.getJson()));
            unusable = e;
        }
        if (!manifest.name().equals(key.name()) || manifest.version() != key.version()) {
            throw new RefusedException(
                    Refusal.MISPLACED,
                    what + " is that of version " + manifest.version() + " of " + shown(manifest.name()));
        }
        return new SignedVersion(manifest, signed.getJson(), unusable);
    }

    /**
     * A piece of a version's bytes. Nothing signs it; a signed manifest may name its hash.
     *
     * @throws RefusedException if it is not the chunk that the key names
     */
    static ByteBuffer chunk(ModelKey.Chunk key, ModelRecord value) throws RefusedException {
        if (!(value.getBody() instanceof ModelChunk chunk)
                || chunk.getIndex() != key.index()
                || chunk.getData().remaining() > ModelPacker.CHUNK_BYTES) {
            throw new RefusedException(
                    Refusal.UNREADABLE,
                    "model " + ModelKeys.manifest(key.name(), key.version()) + ": what should be chunk " + key.index()
                            + " is not");
        }
        return chunk.getData();
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

    /** What a stranger wrote, fit for a line. */
    static String shown(String text) {
        String start = text.length() > 60 ? text.substring(0, 60) + "…" : text;
        return "'" + start.replaceAll("[^\\x20-\\x7e…]", "?") + "'";
    }
}
