package io.livepredict.model;

import io.livepredict.avro.SignedManifest;
import io.livepredict.avro.SignedPointer;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Namespace;
import java.nio.ByteBuffer;

/**
 * Reads what a {@link ModelSigner} signed. Nothing is read out of a record before its signature is found to be right.
 *
 * @param namespace the installation's: what was signed for another is refused
 * @param trusted whose signatures are believed
 */
public record ModelVerifier(Namespace namespace, TrustedKeys trusted) {
    /**
     * The manifest that a record holds.
     *
     * @throws RefusedException if no trusted key signed it, or it is not a manifest of this namespace in this build's layout
     */
    public ModelManifest manifest(SignedManifest signed) throws RefusedException {
        verify(signed.getKeyId(), signed.getJson(), signed.getSignature());
        return ModelJson.readSignedManifest(signed.getJson(), namespace);
    }

    /**
     * The pointer that a record holds.
     *
     * @throws RefusedException as {@link #manifest}
     */
    public ModelPointer pointer(SignedPointer signed) throws RefusedException {
        verify(signed.getKeyId(), signed.getJson(), signed.getSignature());
        return ModelJson.readSignedPointer(signed.getJson(), namespace);
    }

    private void verify(String keyId, String json, ByteBuffer signature) throws RefusedException {
        byte[] bytes = new byte[signature.remaining()];
        signature.duplicate().get(bytes);
        trusted.verify(keyId, ModelPacker.utf8(json), bytes);
    }
}
