package io.livepredict.model;

import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Namespace;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Manifests and pointers for tests. */
final class Manifests {
    private Manifests() {}

    static ModelManifest manifest(String name, long version) {
        return new ModelManifest(
                ModelManifest.FORMAT,
                name,
                version,
                version - 1,
                "2026-01-01T00:00:00Z",
                "mlp",
                List.of(new ModelManifest.Feature("count.CHAT.5m", "0123456789abcdef")),
                List.of("JOIN", "CHAT"),
                2,
                "fedcba9876543210",
                List.of(new ModelManifest.Feature("id.context", "00ff00ff00ff00ff")),
                List.of(new ModelManifest.Head("leave-30s", "1111111111111111")),
                0,
                0,
                "",
                Map.of(0, 1234L),
                99,
                1_700_000_000_000L,
                Map.of("leave-30s", Map.of("log_loss", 0.25)),
                "abc",
                "def",
                List.of(new ModelManifest.GoldenRow(
                        new float[] {1.1f, Float.MIN_VALUE},
                        new int[] {1, 2},
                        new float[] {0.1f, 3e38f},
                        new int[] {7},
                        new float[] {0.3333333f})));
    }

    static final Namespace NAMESPACE = Namespace.defaults();

    static ModelSigner signer(SigningKey key) {
        return new ModelSigner(NAMESPACE, key);
    }

    static ModelVerifier verifier(SigningKey key) {
        return new ModelVerifier(NAMESPACE, TrustedKeys.of(List.of(key.publicKey())));
    }

    /** Issued the later the higher the version. */
    static ModelPointer pointer(String name, long version, List<ModelPacker.Entry> packed) {
        return new ModelPointer(
                name,
                version,
                false,
                ModelPacker.manifestSha256(packed),
                Instant.parse("2026-01-01T00:00:00Z").plusSeconds(version).toString());
    }
}
