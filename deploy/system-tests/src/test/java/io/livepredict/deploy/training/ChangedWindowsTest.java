package io.livepredict.deploy.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinitionBuilder;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.onnx.MissingInputException;
import io.livepredict.streams.score.onnx.OnnxModel;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.trainer.family.BatchLayout;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.FamilySettings;
import io.livepredict.trainer.family.HedgedModel;
import io.livepredict.trainer.family.TrainableModels;
import io.livepredict.trainer.ort.OrtRuntime;
import io.livepredict.trainer.publish.Manifests;
import io.livepredict.trainer.publish.Origin;
import io.livepredict.trainer.publish.TrainingProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The windows of a kind are changed while a model serves that has learned with the former ones. */
class ChangedWindowsTest {
    private static final int ROWS = 256;
    private static final KindDefinition BEFORE = KindDefinition.defaults(Kind.VIEWER);
    private static final FeatureSchema SCHEMA = FeatureDefinitions.schema(BEFORE);
    private static final List<Target> TARGETS = List.of(TargetBuilder.builder()
            .name("leave-30s")
            .kind(Kind.VIEWER)
            .outcome(Target.Outcome.ANY_OF)
            .eventTypes(Set.of("LEAVE"))
            .within(Duration.ofSeconds(30))
            .scope(Target.Scope.SAME_CONTEXT)
            .predictOn(Set.of("CHAT"))
            .snapshotOn(Set.of("CHAT"))
            .atMostEvery(Duration.ZERO)
            .prior(0.1)
            .build());

    /** Counts that go up and down together, as those of neighbouring windows do, and a label that follows them. */
    private static void fill(ExampleBatch batch, long seed) {
        Random random = new Random(seed);
        batch.clear();
        batch.size = ROWS;
        for (int r = 0; r < ROWS; r++) {
            double busy = random.nextGaussian();
            for (int c = 0; c < batch.denseWidth; c++) {
                batch.dense[r * batch.denseWidth + c] =
                        (float) Math.floor(Math.exp(busy + 0.5 * random.nextGaussian()) * 3);
            }
            batch.labels[r] = random.nextDouble() < 1 / (1 + Math.exp(-busy)) ? 1 : 0;
            batch.mask[r] = 1;
        }
    }

    private static float[] scores(byte[] onnx, ModelManifest manifest, FeatureSchema schema, ExampleBatch rows)
            throws Exception {
        FeatureVector[] vectors = new FeatureVector[ROWS];
        for (int r = 0; r < ROWS; r++) {
            vectors[r] = new FeatureVector(schema);
            for (int c = 0; c < schema.dense().size(); c++) {
                int at = SCHEMA.dense().indexOf(schema.dense().get(c));
                vectors[r].dense[c] = at < 0 ? 1_000 : rows.dense[r * rows.denseWidth + at];
            }
        }
        float[] scores = new float[ROWS];
        OnnxModel model = OnnxModel.build(OnnxRuntime.onCpu(), onnx, manifest, schema, TARGETS);
        try (Scorer scorer = model.newScorer(ROWS, new DirectBuffers())) {
            scorer.score(vectors, ROWS, scores);
        } finally {
            model.close();
        }
        return scores;
    }

    @Test
    void shouldGoOnPredictingNearWhatItDidAndRefuseWhatTooLittleIsLeftOf() throws Exception {
        ExampleBatch rows = new ExampleBatch(ROWS, SCHEMA, 1);
        try (HedgedModel model = TrainableModels.hedged(
                FamilySettings.Mlp.defaults(), new BatchLayout(SCHEMA, TARGETS), ROWS, 1, new OrtRuntime())) {
            for (int step = 0; step < 200; step++) {
                fill(rows, step);
                model.step(rows, 1, new float[ROWS]);
            }
            byte[] onnx = model.export();
            ModelManifest manifest = Manifests.make(
                    new Manifests.Facts(
                            new Manifests.Identity("viewer", 1, 0, Instant.EPOCH),
                            model.family(),
                            new TrainingProgress(Map.of(), 1, 0),
                            Map.of(),
                            new Origin("commit", "hash"),
                            model.usual()),
                    SCHEMA,
                    TARGETS,
                    onnx,
                    rows,
                    new float[ROWS]);
            List<Duration> windows = BEFORE.windows();
            float[] before = scores(onnx, manifest, SCHEMA, rows);
            // The shortest window is gone, another one is new.
            List<Duration> changed = new ArrayList<>(windows.subList(1, windows.size()));
            changed.add(Duration.ofHours(5));
            FeatureSchema after = FeatureDefinitions.schema(
                    KindDefinitionBuilder.builder(BEFORE).windows(changed).build());
            float[] now = scores(onnx, manifest, after, rows);
            double distance = 0;
            double spread = 0;
            for (int r = 0; r < ROWS; r++) {
                assertThat(now[r]).isBetween(0f, 1f);
                distance += Math.abs(now[r] - before[r]) / ROWS;
                spread += Math.abs(before[r] - 0.1) / ROWS;
            }
            assertThat(distance).as("mean distance").isCloseTo(0, within(0.1)).isLessThan(spread / 4);
            assertThat(now).isNotEqualTo(before);

            // With hardly a feature left it is refused, as ever.
            FeatureSchema hardly =
                    new FeatureSchema(Kind.VIEWER, SCHEMA.dense().subList(0, 3), SCHEMA.eventTypes(), 0, "", List.of());
            assertThatThrownBy(() -> scores(onnx, manifest, hardly, rows))
                    .isInstanceOf(MissingInputException.class)
                    .hasMessageContaining("of its weight, more than 50 %");
        }
    }
}
