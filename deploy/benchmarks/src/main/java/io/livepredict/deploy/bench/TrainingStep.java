package io.livepredict.deploy.bench;

import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.FamilySettings;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.family.TrainableModels;
import io.livepredict.trainer.ort.OrtRuntime;
import java.util.Random;
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

/** One training step on one thread, from arrays, for JMH: 64 dense features, 32 recent events, two ids, four targets, Adam. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class TrainingStep {
    private static final int TARGETS = 4;

    /** Which family. */
    @Param({"logistic", "mlp", "wide-and-deep", "gru", "cnn"})
    public String family = "logistic";

    /** Examples per batch. */
    @Param({"1", "32", "256", "1024"})
    public int rows = 1;

    private TrainableModel model;
    private ExampleBatch[] batches;
    private float[] scores;
    private int next;

    /** Makes the model and the examples. */
    @Setup(Level.Trial)
    public void open() {
        DeviceModels models = new DeviceModels(SyntheticSchema.of(64, 32, 2), SyntheticExamples.targets(TARGETS));
        model = TrainableModels.create(settings(family), models.schema, models.targets, rows, 1, new OrtRuntime());
        batches = new ExampleBatch[16];
        Random random = new Random(1);
        for (int i = 0; i < batches.length; i++) {
            batches[i] = models.batch(rows);
            models.fill(batches[i], rows, random);
        }
        scores = new float[rows * TARGETS];
    }

    /** Lets go of the model. */
    @TearDown(Level.Trial)
    public void close() {
        model.close();
    }

    @Benchmark
    public double step() {
        return model.step(batches[next++ & 15], 1, scores);
    }

    private static FamilySettings settings(String family) {
        return switch (family) {
            case "logistic" -> FamilySettings.Logistic.defaults();
            case "mlp" -> FamilySettings.Mlp.defaults();
            case "wide-and-deep" -> FamilySettings.WideAndDeep.defaults();
            case "gru" -> FamilySettings.Gru.defaults();
            case "cnn" -> FamilySettings.Cnn.defaults();
            default -> throw new IllegalArgumentException(family);
        };
    }
}
