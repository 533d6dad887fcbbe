package io.livepredict.trainer.family;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Scale;
import io.livepredict.onnx.OrtProcess;
import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.OnnxWriter;
import io.livepredict.trainer.graph.Value;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncoderTest {
    private static final int ROWS = 33;
    private static final float[] EDGES = {0f, -0f, 1e-9f, -1e-9f, 1e18f, -1e18f, Float.MIN_VALUE, 1f};

    /** As many as there are letters; a letter stands for a scale. */
    @ParameterizedTest
    @ValueSource(strings = {"P", "C", "CP", "PPCSAPCAPS", "AAAA"})
    void shouldScaleTheSameByFeatureAsByColumn(String scales) throws OrtException {
        List<DenseFeature> features = IntStream.range(0, scales.length())
                .mapToObj(i -> new DenseFeature("f" + i, "f" + i, scale(scales.charAt(i)), "f" + i))
                .toList();
        FeatureSchema schema = new FeatureSchema(Kind.VIEWER, features, List.of("JOIN"), 0, "", List.of());
        Graph g = new Graph();
        Blueprint blueprint = Blueprint.of(
                new FamilySettings.Logistic(Training.adam(0.01)), schema, List.of(Fixtures.binary("leave", 0.1)));
        Encoder encoder = new Encoder(g, blueprint);
        Value raw = encoder.rawDense();
        byte[] model = OnnxWriter.model(
                g,
                Map.of(
                        "by-column", encoder.scaled(raw),
                        "by-feature", g.transpose(encoder.scaledByFeature(raw), 1, 0)));
        Random random = new Random(5);
        float[] values = new float[ROWS * scales.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 3 == 0 ? EDGES[random.nextInt(EDGES.length)] : (float) (random.nextGaussian() * 1_000);
        }
        OrtEnvironment env = OrtProcess.environment();
        try (OrtSession session = env.createSession(model);
                OnnxTensor dense =
                        OnnxTensor.createTensor(env, FloatBuffer.wrap(values), new long[] {ROWS, scales.length()});
                OrtSession.Result result = session.run(Map.of("dense", dense))) {
            assertThat(bits(result, "by-feature")).isEqualTo(bits(result, "by-column"));
        }
    }

    private static Scale scale(char letter) {
        return switch (letter) {
            case 'C' -> Scale.COUNT;
            case 'S' -> Scale.SECONDS;
            case 'A' -> Scale.AMOUNT;
            default -> Scale.PLAIN;
        };
    }

    /** A choice takes the sign from a negative zero; it counts for nothing. */
    private static int[] bits(OrtSession.Result result, String output) throws OrtException {
        FloatBuffer floats = ((OnnxTensor) result.get(output).orElseThrow()).getFloatBuffer();
        return IntStream.range(0, floats.limit())
                .map(i -> Float.floatToRawIntBits(floats.get(i) + 0f))
                .toArray();
    }
}
