package io.livepredict.deploy.bench;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Target;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.ScoringException;
import io.livepredict.streams.score.onnx.BareSession;
import io.livepredict.streams.score.onnx.Device;
import io.livepredict.streams.score.onnx.DeviceException;
import io.livepredict.streams.score.onnx.MissingInputException;
import io.livepredict.streams.score.onnx.OnnxModel;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.streams.score.onnx.SessionFailedException;
import io.livepredict.streams.score.onnx.WrongShapeException;
import io.livepredict.trainer.family.Activation;
import io.livepredict.trainer.family.FamilySettings;
import io.livepredict.trainer.family.Training;
import java.util.List;
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

/**
 * One call of our scorer (vectors copied in, scores copied out) beside a bare ONNX Runtime loop over ready tensors, for JMH;
 * the same model, an MLP of 64 and 32 hidden units and four outputs as the trainer exports it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class ScorerCall {
    private static final int HEADS = 4;

    /** Rows per call. */
    @Param({"1", "16", "64", "256", "1024"})
    public int batch = 1;

    /** Dense features. */
    @Param("128")
    public int features = 128;

    /** Piecewise-linear inputs. */
    @Param("0")
    public int pieces;

    private OnnxModel model;
    private Scorer scorer;
    private FeatureVector[] rows;
    private float[] scores;
    private BareSession bare;

    /** Makes the model and the rows. */
    @Setup(Level.Trial)
    public void open() throws DeviceException, MissingInputException, WrongShapeException, SessionFailedException {
        FeatureSchema schema = SyntheticSchema.of(features, 0, 0);
        List<Target> targets = SyntheticExamples.targets(HEADS);
        DeviceModels models = new DeviceModels(schema, targets);
        DeviceModels.Exported exported =
                models.export(new FamilySettings.Mlp(List.of(64, 32), Activation.RELU, pieces, Training.adam(0.001)));
        OnnxRuntime runtime = OnnxRuntime.start(new Device.Cpu());
        model = OnnxModel.build(runtime, exported.onnx(), exported.manifest(), schema, targets);
        scorer = model.newScorer(batch, new DirectBuffers());
        scores = new float[batch * HEADS];
        rows = models.rows(batch, 1);
        float[] dense = new float[batch * features];
        for (int i = 0; i < batch; i++) {
            System.arraycopy(rows[i].dense, 0, dense, i * features, features);
        }
        bare = new BareSession(runtime, exported.onnx(), dense, batch, HEADS);
    }

    /** Lets go of them. */
    @TearDown(Level.Trial)
    public void close() {
        scorer.close();
        model.close();
        bare.close();
    }

    @Benchmark
    public float ours() throws ScoringException {
        scorer.score(rows, batch, scores);
        return scores[0];
    }

    @Benchmark
    public int bare() {
        return bare.run();
    }
}
