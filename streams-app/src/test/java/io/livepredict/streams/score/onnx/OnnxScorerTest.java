package io.livepredict.streams.score.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelManifestBuilder;
import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.Scale;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import io.livepredict.streams.model.TestModels;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.score.PriorModel;
import io.livepredict.streams.score.Reason;
import io.livepredict.streams.score.ScoreOrigins;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.ScoringModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OnnxScorerTest {
    private static final List<Target> TARGETS =
            List.of(target("first", 0.1), target("second", 0.2), target("third", 0.3));
    /** The app's own: more features than the model asks for, in another order. */
    private static final FeatureSchema OWN =
            schema(List.of("a", "b", "c", "d"), List.of("JOIN", "CHAT", "NEW", "LEAVE"), 5, List.of("id.x", "id.y"));

    private static Target target(String name, double prior) {
        return TargetBuilder.builder()
                .name(name)
                .kind(Kind.VIEWER)
                .outcome(Target.Outcome.ANY_OF)
                .eventTypes(Set.of("LEAVE"))
                .within(Duration.ofSeconds(30))
                .scope(Target.Scope.SAME_CONTEXT)
                .predictOn(Set.of("JOIN"))
                .snapshotOn(Set.of("JOIN"))
                .atMostEvery(Duration.ZERO)
                .prior(prior)
                .build();
    }

    private static FeatureSchema schema(List<String> dense, List<String> types, int length, List<String> ids) {
        return new FeatureSchema(
                Kind.VIEWER,
                dense.stream()
                        .map(name -> new DenseFeature(name, "words of " + name, Scale.PLAIN, "def-" + name))
                        .toList(),
                types,
                length,
                "sequence",
                ids.stream()
                        .map(name -> new IdFeature(name, "words of " + name, 100, "def-" + name))
                        .toList());
    }

    private static OnnxRuntime cpu() throws DeviceException {
        return OnnxRuntime.start(new Device.Cpu());
    }

    /**
     * A model whose heads show what it was given: head 0 is 100·d + b (dense inputs d, b), head 1 the sum of its three
     * sequence codes weighted 1, 10, 100 plus the gaps' sum, head 2 is id.y.
     */
    private static byte[] probe() {
        OnnxMl.TensorProto.DataType f = OnnxMl.TensorProto.DataType.FLOAT;
        OnnxMl.TensorProto.DataType i = OnnxMl.TensorProto.DataType.INT32;
        return OnnxMl.ModelProto.newBuilder()
                .setIrVersion(OnnxContract.IR_VERSION)
                .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(OnnxContract.OPSET))
                .setGraph(OnnxMl.GraphProto.newBuilder()
                        .setName("probe")
                        .addInput(TestModels.tensor(OnnxContract.DENSE, f, -1, 2))
                        .addInput(TestModels.tensor(OnnxContract.SEQUENCE_TYPES, i, -1, 3))
                        .addInput(TestModels.tensor(OnnxContract.SEQUENCE_GAPS, f, -1, 3))
                        .addInput(TestModels.tensor(OnnxContract.IDS, i, -1, 1))
                        .addOutput(TestModels.tensor(OnnxContract.SCORES, f, -1, 3))
                        .addInitializer(TestModels.constant("dw", new float[] {100, 1}, 2, 1))
                        .addInitializer(TestModels.constant("sw", new float[] {1, 10, 100}, 3, 1))
                        .addInitializer(TestModels.constant("gw", new float[] {1, 1, 1}, 3, 1))
                        .addNode(TestModels.node("MatMul", "h0", OnnxContract.DENSE, "dw"))
                        .addNode(cast("types_f", OnnxContract.SEQUENCE_TYPES))
                        .addNode(TestModels.node("MatMul", "h1a", "types_f", "sw"))
                        .addNode(TestModels.node("MatMul", "h1b", OnnxContract.SEQUENCE_GAPS, "gw"))
                        .addNode(TestModels.node("Add", "h1", "h1a", "h1b"))
                        .addNode(cast("h2", OnnxContract.IDS))
                        .addNode(TestModels.node("Concat", OnnxContract.SCORES, "h0", "h1", "h2").toBuilder()
                                .addAttribute(OnnxMl.AttributeProto.newBuilder()
                                        .setName("axis")
                                        .setType(OnnxMl.AttributeProto.AttributeType.INT)
                                        .setI(1))))
                .build()
                .toByteArray();
    }

    private static OnnxMl.NodeProto cast(String output, String input) {
        return TestModels.node("Cast", output, input).toBuilder()
                .addAttribute(OnnxMl.AttributeProto.newBuilder()
                        .setName("to")
                        .setType(OnnxMl.AttributeProto.AttributeType.INT)
                        .setI(OnnxMl.TensorProto.DataType.FLOAT.getNumber()))
                .build();
    }

    /** Knows LEAVE as 1 and CHAT as 2 and no other type; its heads are third, second and one that nobody configured. */
    private static ModelManifest probeManifest() {
        return ModelManifestBuilder.builder()
                .format(1)
                .name("viewer")
                .version(7)
                .parentVersion(6)
                .createdAt("2026-01-01T00:00:00Z")
                .family("probe")
                .dense(List.of(new ModelManifest.Feature("d", "def-d"), new ModelManifest.Feature("b", "def-b")))
                .eventTypes(List.of("LEAVE", "CHAT"))
                .sequenceLength(3)
                .sequenceDefinition("sequence")
                .ids(List.of(new ModelManifest.Feature("id.y", "def-id.y")))
                .targets(List.of(
                        new ModelManifest.Head("third", TARGETS.get(2).definition()),
                        new ModelManifest.Head("second", TARGETS.get(1).definition()),
                        new ModelManifest.Head("unknown", "x")))
                .bytes(0)
                .chunks(0)
                .sha256("hash")
                .trainingOffsets(Map.of())
                .examples(0)
                .lastExampleEmittedAt(0)
                .metrics(Map.of())
                .gitCommit("")
                .configurationHash("")
                .golden(List.of())
                .build();
    }

    private static FeatureVector row(float a, float b, float c, float d, int[] types, float[] gaps, int x, int y) {
        FeatureVector row = new FeatureVector(OWN);
        System.arraycopy(new float[] {a, b, c, d}, 0, row.dense, 0, 4);
        System.arraycopy(types, 0, row.sequenceTypes, 0, 5);
        System.arraycopy(gaps, 0, row.sequenceGaps, 0, 5);
        row.ids[0] = x;
        row.ids[1] = y;
        return row;
    }

    @Test
    void shouldProjectTheVectorOntoTheModelByNameAndItsHeadsOntoTheTargets() throws Exception {
        OnnxModel model = OnnxModel.build(cpu(), probe(), probeManifest(), OWN, TARGETS);
        try (model;
                Scorer scorer = model.newScorer(8, new DirectBuffers())) {
            FeatureVector first =
                    row(1, 2, 3, 4, new int[] {0, 0, 2, 4, 3}, new float[] {0, 0, .5f, .25f, .125f}, 9, 11);
            FeatureVector second = row(5, 6, 7, 8, new int[] {1, 1, 4, 4, 2}, new float[] {9, 9, 0, 0, 1}, 1, 2);
            float[] scores = new float[6];
            scorer.score(new FeatureVector[] {first, second}, 2, scores);

            // CHAT is 2 there, LEAVE 1, NEW unknown; the last three of five steps.
            assertThat(scores)
                    .containsExactly(0.1f, 2 * 1 + 1 * 10 + 0 * 100 + .875f, 402, 0.1f, 1 + 10 + 2 * 100 + 1, 806);
            assertThat(model.identity().version()).isEqualTo(7);
            assertThat(model.projection().targets()).containsExactly(2, 1, -1);
        }
    }

    @Test
    void shouldServeThePriorAsVersionZeroWhereNoHeadHasLearned() throws Exception {
        ModelManifest probe = probeManifest();
        ModelManifest.Head third = probe.targets().get(0);
        ModelManifest unlearned = withHeads(
                probe,
                List.of(
                        new ModelManifest.Head(third.name(), third.definition(), true),
                        probe.targets().get(1),
                        probe.targets().get(2)));
        OnnxModel model = OnnxModel.build(cpu(), probe(), unlearned, OWN, TARGETS);
        try (model;
                Scorer scorer = model.newScorer(1, new DirectBuffers())) {
            float[] scores = new float[3];
            scorer.score(new FeatureVector[] {row(1, 2, 3, 4, new int[5], new float[5], 0, 0)}, 1, scores);
            assertThat(scores[0]).isEqualTo((float) TARGETS.get(0).prior());
            assertThat(scores[2]).isEqualTo((float) TARGETS.get(2).prior());
            assertThat(IntStream.range(0, 3).mapToObj(model.origins()::of))
                    .containsExactly(ModelIdentity.prior("viewer"), model.identity(), ModelIdentity.prior("viewer"));
        }
    }

    private static ModelManifest withHeads(ModelManifest of, List<ModelManifest.Head> heads) {
        return ModelManifestBuilder.builder(of).targets(heads).build();
    }

    @Test
    void shouldScoreARowTheSameInBatchesOfAnySize() throws Exception {
        OnnxModel model = OnnxModel.build(cpu(), probe(), probeManifest(), OWN, TARGETS);
        try (model;
                Scorer scorer = model.newScorer(64, new DirectBuffers())) {
            Random random = new Random(3);
            FeatureVector[] rows = new FeatureVector[64];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = row(
                        random.nextFloat(),
                        random.nextFloat(),
                        random.nextFloat(),
                        random.nextFloat(),
                        random.ints(5, 0, 5).toArray(),
                        new float[] {1, 2, 3, 4, random.nextFloat()},
                        random.nextInt(100),
                        random.nextInt(100));
            }
            float[] together = new float[64 * 3];
            scorer.score(rows, 64, together);
            for (int size : new int[] {1, 3, 64, 2, 17}) {
                float[] scores = new float[size * 3];
                scorer.score(rows, size, scores);
                assertThat(scores).containsExactly(java.util.Arrays.copyOf(together, size * 3), within(1e-5f));
            }
        }
    }

    @Test
    void shouldNameTheThreeFeaturesThatMovedTheScoreMost() throws Exception {
        List<Target> one = TARGETS.subList(0, 1);
        TestModels.Builder builder = TestModels.over(OWN, one).weight(2).explaining();
        OnnxModel model = OnnxModel.build(cpu(), builder.onnx(), builder.manifest(), OWN, TARGETS);
        try (model;
                Scorer scorer = model.newScorer(2, new DirectBuffers())) {
            assertThat(model.explains()).isTrue();
            FeatureVector row = row(1, -5, 0, 3, new int[5], new float[5], 0, 0);
            List<List<Reason>> reasons =
                    scorer.explain(new FeatureVector[] {row}, 1).get(0);
            assertThat(reasons.get(0))
                    .containsExactly(
                            new Reason("words of b", -10), new Reason("words of d", 6), new Reason("words of a", 2));
            assertThat(reasons.get(1)).isEmpty();
            float[] scores = new float[3];
            scorer.score(new FeatureVector[] {row}, 1, scores);
            assertThat(scores[0]).isCloseTo((float) (1 / (1 + Math.exp(2))), within(1e-5f));
        }
    }

    @Test
    void shouldExplainEachOfManyRowsByItself() throws Exception {
        TestModels.Builder builder =
                TestModels.over(OWN, TARGETS.subList(0, 1)).weight(2).explaining();
        OnnxModel model = OnnxModel.build(cpu(), builder.onnx(), builder.manifest(), OWN, TARGETS);
        try (model;
                Scorer scorer = model.newScorer(200, new DirectBuffers())) {
            FeatureVector[] rows = new FeatureVector[200];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = row(i + 1, 0, 0, 0, new int[5], new float[5], 0, 0);
            }
            List<List<List<Reason>>> reasons = scorer.explain(rows, 150);
            assertThat(reasons).hasSize(150);
            for (int i = 0; i < 150; i++) {
                assertThat(reasons.get(i).get(0)).containsExactly(new Reason("words of a", 2 * (i + 1)));
            }
        }
    }

    @Test
    void shouldGoOnScoringWhileModelsAreSwappedByAnotherThread() throws Exception {
        OnnxRuntime runtime = cpu();
        List<ScoringModel> closed = new java.util.concurrent.CopyOnWriteArrayList<>();
        ActiveModel active = new ActiveModel(new PriorModel("viewer", TARGETS));
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        List<Future<Long>> scored = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            scored.add(threads.submit(() -> {
                DirectBuffers buffers = new DirectBuffers();
                FeatureVector row = row(1, 2, 3, 4, new int[5], new float[5], 1, 2);
                FeatureVector[] rows = {row, row};
                float[] scores = new float[6];
                long batches = 0;
                ScoringModel last = null;
                Scorer scorer = null;
                while (!done.get()) {
                    try (ActiveModel.Lease lease = active.lease()) {
                        assertThat(closed).doesNotContain(lease.model());
                        if (lease.model() != last) {
                            if (scorer != null) {
                                scorer.close();
                            }
                            last = lease.model();
                            scorer = last.newScorer(2, buffers);
                        }
                        java.util.Objects.requireNonNull(scorer).score(rows, 2, scores);
                        batches++;
                    }
                }
                if (scorer != null) {
                    scorer.close();
                }
                return batches;
            }));
        }
        int swaps = 200;
        for (int version = 1; version <= swaps; version++) {
            OnnxModel model = OnnxModel.build(runtime, probe(), probeManifest(), OWN, TARGETS);
            active.swap(new ScoringModel() {
                @Override
                public ModelIdentity identity() {
                    return model.identity();
                }

                @Override
                public ScoreOrigins origins() {
                    return model.origins();
                }

                @Override
                public boolean explains() {
                    return false;
                }

                @Override
                public Scorer newScorer(int maxRows, DirectBuffers buffers) {
                    return model.newScorer(maxRows, buffers);
                }

                @Override
                public void close() {
                    closed.add(this);
                    model.close();
                }
            });
        }
        done.set(true);
        long batches = 0;
        for (Future<Long> thread : scored) {
            batches += thread.get(30, TimeUnit.SECONDS);
        }
        threads.shutdown();
        assertThat(batches).isPositive();
        assertThat(closed).hasSize(swaps - 1).doesNotHaveDuplicates();
        active.close();
        assertThat(closed).hasSize(swaps);
    }

    @Test
    void shouldSayInOneLineWhyAGpuThatWasAskedForCannotBeUsed() {
        org.assertj.core.api.Assumptions.assumeThat(
                        java.nio.file.Files.exists(java.nio.file.Path.of("/proc/driver/nvidia/version")))
                .isFalse();
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> OnnxRuntime.start(Device.of("cuda:0")))
                .isInstanceOf(DeviceException.class)
                .hasMessageStartingWith("device cuda:0 can't be used: ")
                .hasMessageNotContaining("\n");
    }

    @Test
    void shouldFallBackToTheCpuWhereThereIsNoGpu() throws Exception {
        org.assertj.core.api.Assumptions.assumeThat(
                        java.nio.file.Files.exists(java.nio.file.Path.of("/proc/driver/nvidia/version")))
                .isFalse();
        assertThat(OnnxRuntime.start(new Device.Auto()).device()).isEqualTo("cpu");
    }
}
