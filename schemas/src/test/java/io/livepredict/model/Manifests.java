package io.livepredict.model;

import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelManifestBuilder;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Namespace;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Manifests and pointers for tests. */
final class Manifests {
    private Manifests() {}

    static ModelManifest manifest(String name, long version) {
        return ModelManifestBuilder.builder()
                .format(ModelManifest.FORMAT)
                .name(name)
                .version(version)
                .parentVersion(version - 1)
                .createdAt("2026-01-01T00:00:00Z")
                .family("mlp")
                .dense(List.of(new ModelManifest.Feature("count.CHAT.5m", "0123456789abcdef")))
                .eventTypes(List.of("JOIN", "CHAT"))
                .sequenceLength(2)
                .sequenceDefinition("fedcba9876543210")
                .ids(List.of(new ModelManifest.Feature("id.context", "00ff00ff00ff00ff")))
                .targets(List.of(new ModelManifest.Head("leave-30s", "1111111111111111")))
                .bytes(0)
                .chunks(0)
                .sha256("")
                .trainingOffsets(Map.of(0, 1234L))
                .examples(99)
                .lastExampleEmittedAt(1_700_000_000_000L)
                .metrics(Map.of("leave-30s", Map.of("log_loss", 0.25)))
                .gitCommit("abc")
                .configurationHash("def")
                .golden(List.of(new ModelManifest.GoldenRow(
                        new float[] {1.1f, Float.MIN_VALUE},
                        new int[] {1, 2},
                        new float[] {0.1f, 3e38f},
                        new int[] {7},
                        new float[] {0.3333333f})))
                .build();
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
