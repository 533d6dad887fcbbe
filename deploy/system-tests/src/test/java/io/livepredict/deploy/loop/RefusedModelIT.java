package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.SignedManifest;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelManifestBuilder;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Topic;
import io.livepredict.model.ModelArtifact;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.ModelPacker;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.SigningKey;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicReader;
import io.livepredict.trainer.wiring.TrainerApp;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that fails any check is refused with its reason, and the one before it goes on serving. */
class RefusedModelIT {
    private static final String NAME = "viewer";

    @TempDir
    Path directory;

    @Test
    void shouldRefuseWhatItCantTrustOrUseAndGoOnServingTheModelBefore() throws Exception {
        try (Installation installation =
                        new Installation(directory, "refused", Installation.AS_RECORDED, SimulatedMeaning.yaml());
                StreamsApp app = StreamsApp.start(installation.streams())) {
            ModelArtifact good = learned(installation, app);
            long serving = app.activeVersions().getOrDefault(Kind.VIEWER, 0L);
            assertThat(serving).isPositive();
            ModelSigner key = installation.signer();
            byte[] onnx = good.onnx();

            byte[] other = onnx.clone();
            other[other.length / 2] ^= 1;
            refused(installation, app, "HASH_MISMATCH", () -> {
                ModelManifest manifest = next(good.manifest(), onnx);
                // The chunks of other bytes under the manifest of the true ones.
                List<ModelPacker.Entry> mixed = new ArrayList<>(pack(manifest, other, key));
                mixed.set(mixed.size() - 1, pack(manifest, onnx, key).getLast());
                return mixed;
            });
            refused(
                    installation,
                    app,
                    "UNKNOWN_KEY",
                    () -> pack(
                            next(good.manifest(), onnx),
                            onnx,
                            new ModelSigner(key.namespace(), SigningKey.generate())));
            refused(installation, app, "UNREADABLE", () -> {
                byte[] nonsense = "no model".getBytes(StandardCharsets.UTF_8);
                return pack(next(good.manifest(), nonsense), nonsense, key);
            });
            refused(installation, app, "MISSING_INPUT", () -> {
                List<ModelManifest.Feature> dense =
                        new ArrayList<>(good.manifest().dense());
                dense.set(0, new ModelManifest.Feature("of another build", "0123456789abcdef"));
                return pack(withDense(next(good.manifest(), onnx), dense), onnx, key);
            });
            refused(
                    installation,
                    app,
                    "WRONG_SHAPE",
                    () -> pack(
                            withDense(
                                    next(good.manifest(), onnx),
                                    good.manifest()
                                            .dense()
                                            .subList(0, good.manifest().dense().size() - 1)),
                            onnx,
                            key));
            assertThat(app.activeVersions()).containsEntry(Kind.VIEWER, serving);
            assertThat(app.isReady()).isTrue();
        }
    }

    private long version;

    /** The newest model of a trainer that runs just long enough to make some. */
    private ModelArtifact learned(Installation installation, StreamsApp app) throws Exception {
        try (TrainerApp trainer = TrainerApp.start(installation.trainer())) {
            long start = System.currentTimeMillis() - 200_000;
            SimulatedMeaning.events(
                            6, start, 90, 200, installation.streams().kinds().targets())
                    .forEach(installation::send);
            installation.flush();
            await().atMost(Installation.PATIENCE).until(() -> Installation.hasLearned(app));
            assertThat(trainer.trainers()).isNotEmpty();
        }
        ModelCollector[] collected = new ModelCollector[1];
        await().atMost(Installation.PATIENCE).untilAsserted(() -> {
            collected[0] = new ModelCollector(installation.verifier(), Set.of(NAME));
            TopicReader.readToEnd(
                    installation.kafka().consumer("refused-test"),
                    installation.topics().models(),
                    collected[0]::accept);
            assertThat(app.activeVersions()).containsEntry(Kind.VIEWER, collected[0].maxVersion(NAME));
        });
        version = collected[0].maxVersion(NAME);
        return collected[0].artifact(NAME, version);
    }

    private interface Made {
        List<ModelPacker.Entry> entries() throws Exception;
    }

    /** Writes a version and points to it; waits until the refusal is counted under its reason. */
    private void refused(Installation installation, StreamsApp app, String reason, Made made) throws Exception {
        long before = app.metrics().by(Metric.REFUSALS, "reason").getOrDefault(reason, 0L);
        Topic<String, ModelRecord> topic = installation.topics().models();
        List<ModelPacker.Entry> entries = made.entries();
        entries.forEach(entry -> installation.send(topic, entry.key(), entry.value()));
        String manifest = ((SignedManifest) entries.getLast().value().getBody()).getJson();
        ModelPacker.Entry pointer = ModelPacker.pointer(
                new ModelPointer(
                        NAME,
                        version,
                        false,
                        Hashes.sha256(manifest.getBytes(StandardCharsets.UTF_8)),
                        Instant.now().toString()),
                installation.signer());
        installation.send(topic, pointer.key(), pointer.value());
        installation.flush();
        await().atMost(Installation.PATIENCE)
                .untilAsserted(() ->
                        assertThat(app.metrics().by(Metric.REFUSALS, "reason")).containsEntry(reason, before + 1));
    }

    private static List<ModelPacker.Entry> pack(ModelManifest manifest, byte[] onnx, ModelSigner key) {
        return ModelPacker.pack(manifest, onnx, key);
    }

    /** The same manifest for a new version with those bytes. */
    private ModelManifest next(ModelManifest of, byte[] onnx) {
        version++;
        return ModelManifestBuilder.builder(of)
                .version(version)
                .parentVersion(of.version())
                .bytes(onnx.length)
                .chunks(1)
                .sha256(Hashes.sha256(onnx))
                .build();
    }

    private static ModelManifest withDense(ModelManifest of, List<ModelManifest.Feature> dense) {
        // Nothing is said of what its inputs usually are, so none can be held there.
        return ModelManifestBuilder.builder(of).dense(dense).usual(List.of()).build();
    }
}
