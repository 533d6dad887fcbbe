package io.livepredict.model;

import io.livepredict.contract.Hashes;
import io.livepredict.contract.ModelManifest;
import org.jspecify.annotations.Nullable;

/** A version that a trusted key vouches for, and its bytes while they are held. */
final class SignedVersion {
    /** What a manifest takes in memory for each character of its JSON, roughly. */
    private static final int BYTES_PER_CHARACTER = 3;

    final ModelManifest manifest;
    final String manifestSha256;
    final long manifestCost;
    /** Why it can't be used though it is signed; null if it can. */
    final @Nullable RefusedException unusable;

    byte @Nullable [] onnx;
    boolean released;

    SignedVersion(ModelManifest manifest, String json, @Nullable RefusedException unusable) {
        this.manifest = manifest;
        this.manifestSha256 = Hashes.sha256(ModelPacker.utf8(json));
        this.manifestCost = (long) BYTES_PER_CHARACTER * json.length();
        this.unusable = unusable;
    }

    long bytes() {
        return onnx == null ? 0 : onnx.length;
    }
}
