package io.livepredict.trainer.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.Scale;
import io.livepredict.contract.Target;
import io.livepredict.trainer.optimiser.Optimiser;
import io.livepredict.trainer.ort.OrtRuntime;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExportTest {
    private static final int CAPACITY = 64;
    private final FeatureSchema schema = Fixtures.schema(7, 6, 2);
    private final List<Target> targets =
            List.of(Fixtures.binary("chat", 0.3), Fixtures.sum("spend", 5), Fixtures.binary("leave", 0.05));

    private TrainableModel trained(FamilySettings family) {
        TrainableModel model = TrainableModels.create(family, schema, targets, CAPACITY, 7, new OrtRuntime());
        float[] scores = new float[CAPACITY * 3];
        for (int i = 0; i < 70; i++) { // until pieces are placed
            model.step(batch(CAPACITY, i), 1, scores);
        }
        return model;
    }

    private ExampleBatch batch(int size, long seed) {
        ExampleBatch batch = Fixtures.batch(schema, targets.size(), CAPACITY);
        Fixtures.fill(batch, schema, targets, size, new SplittableRandom(seed));
        return batch;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Explained(float[][] scores, float[][][] attributions) {}

    private Explained run(OrtSession session, ExampleBatch b, boolean explain) throws OrtException {
        OrtEnvironment env = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> in = new HashMap<>();
        for (String name : session.getInputNames()) {
            in.put(
                    name,
                    switch (name) {
                        case OnnxContract.DENSE ->
                            OnnxTensor.createTensor(
                                    env, FloatBuffer.wrap(b.dense, 0, b.size * b.denseWidth), shape(b, b.denseWidth));
                        case OnnxContract.SEQUENCE_TYPES ->
                            OnnxTensor.createTensor(
                                    env,
                                    IntBuffer.wrap(b.sequenceTypes, 0, b.size * b.sequenceLength),
                                    shape(b, b.sequenceLength));
                        case OnnxContract.SEQUENCE_GAPS ->
                            OnnxTensor.createTensor(
                                    env,
                                    FloatBuffer.wrap(b.sequenceGaps, 0, b.size * b.sequenceLength),
                                    shape(b, b.sequenceLength));
                        case OnnxContract.IDS ->
                            OnnxTensor.createTensor(
                                    env, IntBuffer.wrap(b.ids, 0, b.size * b.idWidth), shape(b, b.idWidth));
                        case OnnxContract.EXPLAIN -> OnnxTensor.createTensor(env, explain);
                        default -> throw new IllegalStateException("not in the contract: " + name);
                    });
        }
        try (OrtSession.Result result = session.run(in)) {
            return new Explained(
                    (float[][]) result.get(OnnxContract.SCORES).orElseThrow().getValue(), (float[][][])
                            result.get(OnnxContract.ATTRIBUTIONS).orElseThrow().getValue());
        } finally {
            in.values().forEach(OnnxTensor::close);
        }
    }

    private static long[] shape(ExampleBatch b, int width) {
        return new long[] {b.size, width};
    }

    static Object[] families() {
        return TrainableModelTest.families().toArray();
    }

    /** Those whose score has no kink that could lie between two points. */
    static Object[] smoothFamilies() {
        Training training = Training.adam(0.01);
        return new Object[] {
            new FamilySettings.Logistic(training),
            new FamilySettings.Mlp(List.of(12, 8), Activation.TANH, training),
            new FamilySettings.Mlp(List.of(8), Activation.SIGMOID, training),
            new FamilySettings.WideAndDeep(List.of(8), Activation.TANH, 4, 16, Optimiser.Ftrl.defaults(), training),
            new FamilySettings.Gru(8, List.of(16), Activation.TANH, training),
        };
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldScoreInTheExportedModelAsInTheTrainer(FamilySettings family) throws OrtException {
        try (TrainableModel model = trained(family);
                OrtSession session = OrtEnvironment.getEnvironment().createSession(model.export())) {
            for (int size : new int[] {1, 17, CAPACITY}) {
                ExampleBatch batch = batch(size, 1000 + size);
                float[] scores = new float[CAPACITY * 3];
                model.predict(batch, scores);
                for (boolean explain : new boolean[] {true, false}) {
                    Explained exported = run(session, batch, explain);
                    for (int i = 0; i < size * 3; i++) {
                        float score = exported.scores[i / 3][i % 3];
                        assertThat(score).isCloseTo(scores[i], within(1e-5f * Math.max(1f, Math.abs(scores[i]))));
                    }
                    assertThat(exported.attributions).hasNumberOfRows(explain ? size : 0);
                }
            }
        }
    }

    /** A session opens slowly where there are many nodes, and several times as slowly where sizes are unknown. */
    @ParameterizedTest
    @MethodSource("families")
    void shouldDeclareEveryShapeAndExplainAllTargetsInOnePassBack(FamilySettings family) throws Exception {
        List<Integer> nodes = new ArrayList<>();
        for (int count : new int[] {1, targets.size()}) {
            try (TrainableModel model =
                    TrainableModels.create(family, schema, targets.subList(0, count), CAPACITY, 1, new OrtRuntime())) {
                ModelProto proto = ModelProto.parseFrom(model.export());
                GraphProto explained = proto.getGraph().getNodeList().stream()
                        .flatMap(node -> node.getAttributeList().stream())
                        .filter(attribute -> attribute.getName().equals("then_branch"))
                        .findFirst()
                        .orElseThrow()
                        .getG();
                nodes.add(explained.getNodeCount());
                for (GraphProto graph : List.of(proto.getGraph(), explained)) {
                    Set<String> declared = graph.getValueInfoList().stream()
                            .map(ValueInfoProto::getName)
                            .collect(Collectors.toSet());
                    assertThat(graph.getNodeList())
                            .filteredOn(
                                    node -> !Set.of("Identity", "If", "Shape").contains(node.getOpType()))
                            .allSatisfy(node -> assertThat(declared).containsAll(node.getOutputList()));
                }
            }
        }
        assertThat(nodes.get(1) - nodes.get(0)).isLessThan(10);
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldHaveTheInputsItUsesAndTheOutputsOfTheContract(FamilySettings family) throws Exception {
        try (TrainableModel model = trained(family)) {
            ModelProto proto = ModelProto.parseFrom(model.export());
            List<String> inputs = new ArrayList<>(List.of(OnnxContract.DENSE, OnnxContract.EXPLAIN));
            if (family.usesSequence()) {
                inputs.addAll(List.of(OnnxContract.SEQUENCE_TYPES, OnnxContract.SEQUENCE_GAPS));
            }
            if (family.usesIds()) {
                inputs.add(OnnxContract.IDS);
            }
            assertThat(proto.getGraph().getInputList())
                    .extracting(ValueInfoProto::getName)
                    .containsExactlyInAnyOrderElementsOf(inputs);
            assertThat(proto.getGraph().getOutputList())
                    .extracting(ValueInfoProto::getName)
                    .containsExactly(OnnxContract.SCORES, OnnxContract.ATTRIBUTIONS);
        }
    }

    /** What an output is worth in logits, or for a sum as it is. */
    private double logit(float[] scores, int target) {
        double p = scores[target];
        return targets.get(target).isBinary() ? Math.log(p / (1 - p)) : p;
    }

    /**
     * The attribution of a dense feature is ∂z/∂s · (s − mean) for s the scaled raw value: compared with a central difference
     * of the exported model itself, moved by the raw value that moves s by h.
     */
    @ParameterizedTest
    @MethodSource("smoothFamilies")
    void shouldAttributeToDenseFeaturesAsFiniteDifferencesDo(FamilySettings family) throws OrtException {
        double h = 0.02;
        try (TrainableModel model = trained(family);
                OrtSession session = OrtEnvironment.getEnvironment().createSession(model.export())) {
            float[] means = States.values(model.state(), Names.MEAN);
            ExampleBatch batch = batch(8, 77);
            Explained base = run(session, batch, true);
            float[] raw = batch.dense.clone();
            for (int feature = 0; feature < 7; feature++) {
                Scale scale = schema.dense().get(feature).scale();
                Explained[] moved = new Explained[2];
                for (int side = 0; side < 2; side++) {
                    for (int row = 0; row < 8; row++) {
                        int cell = row * 7 + feature;
                        batch.dense[cell] = (float) raw(scaled(raw[cell], scale) + (side == 0 ? h : -h), scale);
                    }
                    moved[side] = run(session, batch, false);
                }
                System.arraycopy(raw, 0, batch.dense, 0, raw.length);
                for (int row = 0; row < 8; row++) {
                    double away = scaled(raw[row * 7 + feature], scale) - means[feature];
                    for (int t = 0; t < 3; t++) {
                        double slope = (logit(moved[0].scores[row], t) - logit(moved[1].scores[row], t)) / (2 * h);
                        double attribution = base.attributions[row][t][feature];
                        assertThat(attribution)
                                .as("feature %d row %d target %d", feature, row, t)
                                .isCloseTo(slope * away, within(0.02 + 0.03 * Math.abs(slope * away)));
                    }
                }
            }
        }
    }

    /** With weights so small that the hidden layer is linear, contributions add up to how far a row's logit is from another's. */
    @Test
    void shouldAttributeToDenseFeaturesWhatTheirPiecesContribute() throws OrtException {
        FamilySettings family = new FamilySettings.Mlp(List.of(8), Activation.TANH, 24, Training.adam(0.01));
        try (TrainableModel model = trained(family)) {
            ModelState state = model.state();
            Arrays.fill(States.values(state, "parameter/hidden1.weight"), 0f);
            Arrays.fill(States.values(state, "parameter/hidden1.bias"), 0f);
            float[] weights = States.values(state, Names.parameter(Pieces.WEIGHT));
            for (int i = 0; i < weights.length; i++) {
                weights[i] *= 0.1f;
            }
            model.restore(state);
            try (OrtSession session = OrtEnvironment.getEnvironment().createSession(model.export())) {
                Explained e = run(session, batch(8, 77), true);
                for (int t : new int[] {0, 2}) {
                    for (int row = 1; row < 8; row++) {
                        double apart = logit(e.scores[row], t) - logit(e.scores[0], t);
                        assertThat(sum(e.attributions[row][t]) - sum(e.attributions[0][t]))
                                .isCloseTo(apart, within(1e-3 + 0.1 * Math.abs(apart)));
                        assertThat(Math.abs(apart)).isGreaterThan(1e-3);
                    }
                }
            }
        }
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    private static double scaled(double raw, Scale scale) {
        return scale == Scale.PLAIN ? raw : Math.signum(raw) * Math.log1p(Math.abs(raw));
    }

    private static double raw(double scaled, Scale scale) {
        return scale == Scale.PLAIN ? scaled : Math.signum(scaled) * Math.expm1(Math.abs(scaled));
    }

    @Test
    void shouldAttributeToIdsWhatTheirEmbeddingsContribute() throws OrtException {
        // Tanh, so that the network is smooth; moving one id's embedding towards zero moves the logit by its
        // attribution.
        FamilySettings.WideAndDeep family = new FamilySettings.WideAndDeep(
                List.of(8),
                Activation.TANH,
                4,
                1 << 16,
                FamilySettings.WideAndDeep.defaults().wideOptimiser(),
                Training.adam(0.02));
        double h = 0.05;
        try (TrainableModel model = trained(family)) {
            ExampleBatch batch = batch(8, 5);
            Explained base;
            ModelState state = model.state();
            try (OrtSession session = OrtEnvironment.getEnvironment().createSession(model.export())) {
                base = run(session, batch, true);
            }
            for (int row = 0; row < 8; row++) {
                for (int i = 0; i < 2; i++) {
                    int tableRow = (i == 0 ? 0 : 16) + batch.ids[row * 2 + i];
                    Explained[] moved = new Explained[2];
                    for (int side = 0; side < 2; side++) {
                        model.restore(scaledRow(state, tableRow, side == 0 ? 1 + h : 1 - h));
                        try (OrtSession session =
                                OrtEnvironment.getEnvironment().createSession(model.export())) {
                            moved[side] = run(session, batch, false);
                        }
                    }
                    for (int t = 0; t < 3; t++) {
                        double slope = (logit(moved[0].scores[row], t) - logit(moved[1].scores[row], t)) / (2 * h);
                        assertThat((double) base.attributions[row][t][7 + i])
                                .as("row %d id %d target %d", row, i, t)
                                .isCloseTo(slope, within(0.01 + 0.02 * Math.abs(slope)));
                    }
                }
            }
        }
    }

    private static ModelState scaledRow(ModelState state, int row, double by) {
        Map<String, ModelState.Tensor> tensors = new HashMap<>(state.tensors());
        for (String table : List.of("table/embedding", "table/wide")) {
            float[] values = States.values(state, table).clone();
            int width = table.equals("table/wide") ? 3 : 4;
            for (int i = row * width; i < (row + 1) * width; i++) {
                values[i] *= (float) by;
            }
            tensors.put(table, new ModelState.Tensor(new long[] {values.length / width, width}, values));
        }
        return new ModelState(tensors);
    }

    @Test
    void shouldAddUpToTheLogitForALinearModel() throws OrtException {
        try (TrainableModel model = trained(FamilySettings.Logistic.defaults());
                OrtSession session = OrtEnvironment.getEnvironment().createSession(model.export())) {
            float[] rates = States.values(model.state(), Names.LABEL_MEAN);
            float[] bias = States.values(model.state(), Names.parameter("head.bias"));
            ExampleBatch batch = batch(20, 3);
            Explained e = run(session, batch, true);
            for (int row = 0; row < 20; row++) {
                for (int t : new int[] {0, 2}) {
                    double sum = bias[t] + LabelMoments.offset(targets.get(t), rates[t]);
                    for (float a : e.attributions[row][t]) {
                        sum += a;
                    }
                    assertThat(sum).isCloseTo(logit(e.scores[row], t), within(1e-3));
                }
            }
        }
    }

    @Test
    void shouldGiveAttributionsForEveryEventOfTheSequenceButPadding() throws OrtException {
        try (TrainableModel model = trained(FamilySettings.Gru.defaults().with(Training.adam(0.01)));
                OrtSession session = OrtEnvironment.getEnvironment().createSession(model.export())) {
            ExampleBatch batch = batch(6, 3);
            Explained e = run(session, batch, true);
            for (int row = 0; row < 6; row++) {
                assertThat(e.attributions[row][0]).hasSize(7 + 6);
                for (int k = 0; k < 6; k++) {
                    float attribution = e.attributions[row][0][7 + k];
                    if (batch.sequenceTypes[row * 6 + k] == 0) {
                        assertThat(attribution).isZero();
                    } else {
                        assertThat(attribution).isNotZero();
                    }
                }
            }
        }
    }

    @Test
    void shouldScoreTheSameWhateverPaddingIsInFront() throws OrtException {
        FeatureSchema longer = Fixtures.schema(7, 9, 2);
        FamilySettings family = FamilySettings.Gru.defaults();
        try (TrainableModel model = trained(family);
                TrainableModel other = TrainableModels.create(family, longer, targets, CAPACITY, 7, new OrtRuntime())) {
            other.restore(model.state());
            ExampleBatch batch = batch(10, 1);
            ExampleBatch padded = Fixtures.batch(longer, 3, CAPACITY);
            padded.size = 10;
            System.arraycopy(batch.dense, 0, padded.dense, 0, batch.dense.length);
            for (int row = 0; row < 10; row++) {
                System.arraycopy(batch.sequenceTypes, row * 6, padded.sequenceTypes, row * 9 + 3, 6);
                System.arraycopy(batch.sequenceGaps, row * 6, padded.sequenceGaps, row * 9 + 3, 6);
            }
            float[] one = new float[CAPACITY * 3];
            float[] two = new float[CAPACITY * 3];
            model.predict(batch, one);
            other.predict(padded, two);
            assertThat(Arrays.copyOf(two, 30)).containsExactly(Arrays.copyOf(one, 30), within(1e-5f));
        }
    }
}
