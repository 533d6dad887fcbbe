package io.livepredict.streams.score.onnx;

import ai.onnx.proto.OnnxMl;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.management.ThreadMXBean;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.Scale;
import io.livepredict.contract.Target;
import io.livepredict.streams.model.TestModels;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.ScoringException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Our scorer (vectors copied in, scores copied out) against a bare ONNX Runtime loop over ready tensors, same model: an
 * MLP of 128-64-32-4.
 *
 * <pre>
 * mvn -B -q -pl streams-app -am test-compile dependency:build-classpath -Dmdep.outputFile=/tmp/cp
 * java -cp streams-app/target/test-classes:streams-app/target/classes:schemas/target/classes:$(cat /tmp/cp) \
 *   org.openjdk.jmh.Main ScoringBenchmark
 * </pre>
 *
 * Run as a program of its own ({@code java -cp … io.livepredict.streams.score.onnx.ScoringBenchmark}) it prints the CPU time
 * of the calling thread instead, both in turn, and the bytes that a call allocates: that holds on a machine that is busy with
 * other things. With {@code -Dlivepredict.device=cuda:0} (and {@code -jvmArgsAppend} for JMH) it runs on a GPU, and the
 * program first compares 100,000 random rows with the CPU.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class ScoringBenchmark {
    private static final int INPUTS = 128;
    private static final int HEADS = 4;

    @Param({"1", "16", "64", "256", "1024"})
    public int batch;

    private OnnxModel model;
    private Scorer scorer;
    private FeatureVector[] rows;
    private float[] scores;
    private OrtSession bare;
    private Map<String, OnnxTensor> inputs;
    private Map<String, OnnxTensor> outputs;

    @Setup(Level.Trial)
    public void open() throws Exception {
        FeatureSchema schema = new FeatureSchema(
                Kind.VIEWER,
                IntStream.range(0, INPUTS)
                        .mapToObj(i -> new DenseFeature("f" + i, "f" + i, Scale.PLAIN, "d"))
                        .toList(),
                List.of("JOIN"),
                0,
                "",
                List.of());
        List<Target> targets = IntStream.range(0, HEADS)
                .mapToObj(i -> new Target(
                        "t" + i,
                        Kind.VIEWER,
                        Target.Outcome.ANY_OF,
                        Set.of("JOIN"),
                        null,
                        Duration.ofSeconds(30),
                        Target.Scope.SAME_CONTEXT,
                        Set.of("JOIN"),
                        Set.of("JOIN"),
                        Duration.ZERO,
                        0.5))
                .toList();
        ModelManifest manifest = TestModels.over(schema, targets).manifest();
        byte[] onnx = mlp();
        OnnxRuntime runtime = OnnxRuntime.start(Device.of(System.getProperty("livepredict.device", "cpu")));
        model = OnnxModel.build(runtime, onnx, manifest, schema, targets);
        scorer = model.newScorer(batch, new DirectBuffers());
        scores = new float[batch * HEADS];
        rows = new FeatureVector[batch];
        Random random = new Random(1);
        FloatBuffer ready = direct(batch * INPUTS);
        for (int i = 0; i < batch; i++) {
            rows[i] = new FeatureVector(schema);
            for (int j = 0; j < INPUTS; j++) {
                rows[i].dense[j] = (float) random.nextGaussian();
                ready.put(rows[i].dense[j]);
            }
        }
        ready.flip();
        bare = runtime.session(onnx);
        inputs = Map.of(
                OnnxContract.DENSE, OnnxTensor.createTensor(runtime.environment(), ready, new long[] {batch, INPUTS}));
        outputs = Map.of(
                OnnxContract.SCORES,
                OnnxTensor.createTensor(runtime.environment(), direct(batch * HEADS), new long[] {batch, HEADS}));
    }

    @TearDown(Level.Trial)
    public void close() throws OrtException {
        scorer.close();
        model.close();
        inputs.values().forEach(OnnxTensor::close);
        outputs.values().forEach(OnnxTensor::close);
        bare.close();
    }

    @Benchmark
    public float ours() throws ScoringException {
        scorer.score(rows, batch, scores);
        return scores[0];
    }

    @Benchmark
    public int bare() throws OrtException {
        try (OrtSession.Result result = bare.run(inputs, Set.of(), outputs)) {
            return result.size();
        }
    }

    /** Prints CPU times, the median of their ratio over 31 rounds, and what is allocated. */
    public static void main(String[] args) throws Exception {
        if (!System.getProperty("livepredict.device", "cpu").equals("cpu")) {
            compareWithCpu();
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int size : new int[] {1, 16, 64, 256, 1024}) {
            ScoringBenchmark benchmark = new ScoringBenchmark();
            benchmark.batch = size;
            benchmark.open();
            int calls = 20_000 / (size + 20);
            double ours = Double.MAX_VALUE;
            double bare = Double.MAX_VALUE;
            double[] ratios = new double[31];
            for (int round = -8; round < ratios.length; round++) {
                long start = threads.getCurrentThreadCpuTime();
                for (int i = 0; i < calls; i++) {
                    benchmark.ours();
                }
                long middle = threads.getCurrentThreadCpuTime();
                for (int i = 0; i < calls; i++) {
                    benchmark.bare();
                }
                long end = threads.getCurrentThreadCpuTime();
                if (round >= 0) {
                    ours = Math.min(ours, (middle - start) / 1e3 / calls);
                    bare = Math.min(bare, (end - middle) / 1e3 / calls);
                    ratios[round] = (double) (middle - start) / (end - middle);
                }
            }
            Arrays.sort(ratios);
            long allocated = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < calls; i++) {
                benchmark.ours();
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
            System.out.printf(
                    "batch %4d: ours %.1f µs, bare %.1f µs, ratio %.2f (quartiles %.2f, %.2f); ours allocates %d bytes"
                            + " a call%n",
                    size, ours, bare, ratios[15], ratios[7], ratios[23], allocated / calls);
            benchmark.close();
        }
    }

    /** The largest difference that a device makes in 100,000 random rows. */
    private static void compareWithCpu() throws Exception {
        String device = System.getProperty("livepredict.device", "cpu");
        float[][] scores = new float[2][];
        for (int side = 0; side < 2; side++) {
            System.setProperty("livepredict.device", side == 0 ? "cpu" : device);
            ScoringBenchmark benchmark = new ScoringBenchmark();
            benchmark.batch = 100_000;
            benchmark.open();
            benchmark.ours();
            scores[side] = benchmark.scores.clone();
            benchmark.close();
        }
        float largest = 0;
        for (int i = 0; i < scores[0].length; i++) {
            largest = Math.max(largest, Math.abs(scores[0][i] - scores[1][i]));
        }
        System.out.println("100,000 rows on " + device + " differ from those on the CPU by at most " + largest);
    }

    private static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(floats * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    private static byte[] mlp() {
        OnnxMl.TensorProto.DataType f = OnnxMl.TensorProto.DataType.FLOAT;
        OnnxMl.GraphProto.Builder graph = OnnxMl.GraphProto.newBuilder()
                .setName("mlp")
                .addInput(TestModels.tensor(OnnxContract.DENSE, f, -1, INPUTS))
                .addOutput(TestModels.tensor(OnnxContract.SCORES, f, -1, HEADS));
        int[] sizes = {INPUTS, 64, 32, HEADS};
        Random random = new Random(2);
        String in = OnnxContract.DENSE;
        for (int layer = 0; layer < 3; layer++) {
            float[] weights = new float[sizes[layer] * sizes[layer + 1]];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = (float) random.nextGaussian() / 8;
            }
            String out = layer == 2 ? OnnxContract.SCORES : "h" + layer;
            graph.addInitializer(TestModels.constant("w" + layer, weights, sizes[layer], sizes[layer + 1]))
                    .addInitializer(TestModels.constant("b" + layer, new float[sizes[layer + 1]], sizes[layer + 1]))
                    .addNode(TestModels.node("Gemm", "z" + layer, in, "w" + layer, "b" + layer))
                    .addNode(TestModels.node(layer == 2 ? "Sigmoid" : "Relu", out, "z" + layer));
            in = out;
        }
        return OnnxMl.ModelProto.newBuilder()
                .setIrVersion(10)
                .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(OnnxContract.OPSET))
                .setGraph(graph)
                .build()
                .toByteArray();
    }
}
