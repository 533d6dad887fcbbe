package io.livepredict.trainer.family;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.trainer.optimiser.Optimiser;
import io.livepredict.trainer.ort.OrtRuntime;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * One training step on one thread, from arrays: 64 dense features, K = 32, two ids, four targets, Adam. Run with
 *
 * <pre>mvn -q -pl trainer -am test-compile dependency:build-classpath -Dmdep.outputFile=/tmp/cp -Dmdep.includeScope=test
 * java -cp trainer/target/test-classes:trainer/target/classes:$(cat /tmp/cp) \
 *   io.livepredict.trainer.family.TrainingStepBenchmark [cpu | -p family=mlp -p rows=256]</pre>
 */
@SuppressWarnings("NullAway.Init") // JMH calls setUp first
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class TrainingStepBenchmark {
    private static final int TARGETS = 4;

    /** Which family. */
    @Param({"logistic", "mlp", "wide-and-deep", "gru", "cnn"})
    public String family;

    /** Batch size. */
    @Param({"1", "32", "256", "1024"})
    public int rows;

    private TrainableModel model;
    private ExampleBatch[] batches;
    private float[] scores;
    private int next;

    @Setup(Level.Trial)
    public void setUp() {
        FamilySettings settings = switch (family) {
            case "logistic" -> FamilySettings.Logistic.defaults();
            case "mlp" -> FamilySettings.Mlp.defaults();
            case "mlp-sgd" ->
                FamilySettings.Mlp.defaults().with(Training.adam(0.01).with(new Optimiser.Sgd()));
            case "wide-and-deep" -> FamilySettings.WideAndDeep.defaults();
            case "gru" -> FamilySettings.Gru.defaults();
            case "cnn" -> FamilySettings.Cnn.defaults();
            default -> throw new IllegalArgumentException(family);
        };
        FeatureSchema schema = Fixtures.schema(64, 32, 2);
        List<Target> targets = new ArrayList<>();
        for (int i = 0; i < TARGETS; i++) {
            targets.add(Fixtures.binary("target" + i, 0.2));
        }
        model = TrainableModels.create(settings, schema, targets, rows, 1, new OrtRuntime());
        batches = new ExampleBatch[16];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < batches.length; i++) {
            batches[i] = Fixtures.batch(schema, TARGETS, rows);
            Fixtures.fill(batches[i], schema, targets, rows, random);
        }
        scores = new float[rows * TARGETS];
    }

    @Benchmark
    public double step() {
        return model.step(batches[next++ & 15], 1, scores);
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        model.close();
    }

    /** Options as JMH takes them; or {@code cpu} for thread CPU time, which other work on the machine disturbs less. */
    public static void main(String[] arguments) throws RunnerException, CommandLineOptionException {
        if (arguments.length == 1 && arguments[0].equals("cpu")) {
            cpuTime();
            return;
        }
        new Runner(new OptionsBuilder()
                        .parent(new CommandLineOptions(arguments))
                        .include(TrainingStepBenchmark.class.getName())
                        .build())
                .run();
    }

    private static void cpuTime() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (String family : List.of("logistic", "mlp", "wide-and-deep", "gru", "cnn")) {
            for (int rows : new int[] {1, 32, 256, 1024}) {
                TrainingStepBenchmark benchmark = new TrainingStepBenchmark();
                benchmark.family = family;
                benchmark.rows = rows;
                benchmark.setUp();
                int steps = Math.max(20, 20_000 / rows / (family.equals("gru") || family.equals("cnn") ? 8 : 1));
                double best = Double.MAX_VALUE;
                for (int round = 0; round < 10; round++) {
                    long start = threads.getCurrentThreadCpuTime();
                    for (int i = 0; i < steps; i++) {
                        benchmark.step();
                    }
                    best = Math.min(best, (threads.getCurrentThreadCpuTime() - start) / 1e3 / steps);
                }
                System.out.printf(
                        "%-14s batch %4d: %7.1f us a step, %8.0f examples/s%n", family, rows, best, rows / best * 1e6);
                benchmark.tearDown();
            }
        }
    }
}
