package io.livepredict.model;

import io.livepredict.settings.SettingsException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** The public keys whose signatures are believed. Immutable. */
public final class TrustedKeys {
    private final Map<String, PublicKey> keys;

    private TrustedKeys(Map<String, PublicKey> keys) {
        this.keys = Map.copyOf(keys);
    }

    public static TrustedKeys of(Collection<PublicKey> publicKeys) {
        Map<String, PublicKey> keys = new HashMap<>();
        publicKeys.forEach(key -> keys.put(SigningKey.keyId(key), key));
        return new TrustedKeys(keys);
    }

    /**
     * Reads public keys in PEM, one per file.
     *
     * @throws SettingsException if a file holds none
     */
    public static TrustedKeys read(Collection<Path> publicPems) {
        Map<String, PublicKey> keys = new HashMap<>();
        for (Path file : publicPems) {
            byte[] der = Pem.read(file, Pem.PUBLIC);
            try {
                PublicKey key =
                        KeyFactory.getInstance(SigningKey.ALGORITHM).generatePublic(new X509EncodedKeySpec(der));
                keys.put(SigningKey.keyId(key), key);
            } catch (GeneralSecurityException e) {
                throw new SettingsException(file + ": holds a public key that is not Ed25519: " + e.getMessage(), e);
            }
        }
        return new TrustedKeys(keys);
    }

    /** These keys and one more. */
    public TrustedKeys with(PublicKey publicKey) {
        Map<String, PublicKey> more = new HashMap<>(keys);
        more.put(SigningKey.keyId(publicKey), publicKey);
        return new TrustedKeys(more);
    }

    /**
     * Returns if that key is trusted and signed exactly these bytes.
     *
     * @throws RefusedException UNSIGNED, UNKNOWN_KEY or BAD_SIGNATURE
     */
    public void verify(String keyId, byte[] message, byte[] signature) throws RefusedException {
        if (keyId.isEmpty() || signature.length == 0) {
            throw new RefusedException(Refusal.UNSIGNED, "it is not signed");
        }
        PublicKey key = keys.get(keyId);
        if (key == null) {
            throw new RefusedException(
                    Refusal.UNKNOWN_KEY,
                    "it is signed by key " + (keyId.matches("[0-9a-f]{16}") ? keyId : SignedRecords.shown(keyId))
                            + ", which is not trusted here; trusted: "
                            + (keys.isEmpty()
                                    ? "none"
                                    : String.join(
                                            ", ",
                                            keys.keySet().stream().sorted().toList())));
        }
        if (!isSigned(key, message, signature)) {
            throw new RefusedException(
                    Refusal.BAD_SIGNATURE, "its signature is not that of key " + keyId + " over these bytes");
        }
    }

    private static boolean isSigned(PublicKey key, byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(SigningKey.ALGORITHM);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false; // of the wrong length or not a point of the curve
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("an " + SigningKey.ALGORITHM + " key that can't verify", e);
        }
    }
}
