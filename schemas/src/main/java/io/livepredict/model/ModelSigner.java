package io.livepredict.model;

import io.livepredict.avro.SignedManifest;
import io.livepredict.avro.SignedPointer;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Namespace;
import java.nio.ByteBuffer;

/**
 * Signs manifests and pointers of one installation. What is signed says its sort, the layout's version and the namespace, so
 * that a record signed for one place counts in no other.
 *
 * @param namespace the installation's
 * @param key whose signature it is
 */
public record ModelSigner(Namespace namespace, SigningKey key) {
    /** The manifest as its record. */
    public SignedManifest sign(ModelManifest manifest) {
        String json = ModelJson.writeSigned(manifest, namespace);
        return new SignedManifest(json, key.keyId(), signature(json));
    }

    /** The pointer as its record. */
    public SignedPointer sign(ModelPointer pointer) {
        String json = ModelJson.writeSigned(pointer, namespace);
        return new SignedPointer(json, key.keyId(), signature(json));
    }

    private ByteBuffer signature(String json) {
        return ByteBuffer.wrap(key.sign(ModelPacker.utf8(json)));
    }
}
