package io.livepredict.trainer.learner;

import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.ModelState;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.publish.ModelRunner;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/** Logistic regression by SGD in a few lines of Java: a real learner without a runtime, for tests of the loop. */
final class PlainLogistic implements TrainableModel {
    private final int inputs;
    private final int targets;
    private final double rate;
    /** [inputs + 1, targets]; the last row is the bias. */
    private float[] weights;

    private int steps;
    private int spoilAt = -1;

    PlainLogistic(int inputs, int targets, double rate) {
        this.inputs = inputs;
        this.targets = targets;
        this.rate = rate;
        weights = new float[(inputs + 1) * targets];
    }

    @Override
    public String family() {
        return "plain-logistic";
    }

    @Override
    public double step(ExampleBatch batch, double learningRateScale, float[] scores) {
        if (++steps == spoilAt) {
            Arrays.fill(weights, Float.NaN);
        }
        predict(batch, scores);
        double loss = 0;
        double labels = 0;
        float[] gradient = new float[weights.length];
        for (int r = 0; r < batch.size; r++) {
            for (int t = 0; t < targets; t++) {
                int at = r * targets + t;
                if (batch.mask[at] == 0) {
                    continue;
                }
                labels++;
                double p = Math.min(Math.max(scores[at], 1e-7), 1 - 1e-7);
                loss -= batch.labels[at] > 0.5f ? Math.log(p) : Math.log(1 - p);
                float error = scores[at] - batch.labels[at];
                for (int i = 0; i <= inputs; i++) {
                    gradient[i * targets + t] += error * input(batch, r, i);
                }
            }
        }
        for (int i = 0; i < weights.length && labels > 0; i++) {
            weights[i] -= (float) (rate * learningRateScale * gradient[i] / labels);
        }
        return labels == 0 ? 0 : loss / labels;
    }

    @Override
    public void rehearse(ExampleBatch batch, double learningRateScale) {
        int counted = steps;
        step(batch, learningRateScale, new float[batch.size * targets]);
        steps = counted;
    }

    private float input(ExampleBatch batch, int row, int i) {
        return i == inputs ? 1 : batch.dense[row * inputs + i];
    }

    @Override
    public void predict(ExampleBatch batch, float[] scores) {
        for (int r = 0; r < batch.size; r++) {
            for (int t = 0; t < targets; t++) {
                double z = 0;
                for (int i = 0; i <= inputs; i++) {
                    z += weights[i * targets + t] * input(batch, r, i);
                }
                scores[r * targets + t] = (float) (1 / (1 + Math.exp(-z)));
            }
        }
    }

    @Override
    public byte[] export() {
        ByteBuffer bytes = ByteBuffer.allocate(8 + 4 * weights.length);
        bytes.putInt(inputs).putInt(targets);
        for (float weight : weights) {
            bytes.putFloat(weight);
        }
        return bytes.array();
    }

    /** What {@link #export} wrote, as a model. */
    static PlainLogistic read(byte[] exported) {
        ByteBuffer bytes = ByteBuffer.wrap(exported);
        PlainLogistic model = new PlainLogistic(bytes.getInt(), bytes.getInt(), 0);
        bytes.asFloatBuffer().get(model.weights);
        return model;
    }

    /** As a runner of what {@link #export} wrote. */
    static ModelRunner.Loaded load(byte[] exported) {
        PlainLogistic model = read(exported);
        return new ModelRunner.Loaded() {
            @Override
            public void scores(ExampleBatch rows, float[] into) {
                model.predict(rows, into);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public ModelState state() {
        return new ModelState(Map.of(
                "weights", new ModelState.Tensor(new long[] {inputs + 1, targets}, weights.clone())));
    }

    @Override
    public void restore(ModelState state) {
        weights =
                Objects.requireNonNull(state.tensors().get("weights")).values().clone();
    }

    /** Makes every weight NaN at that step. */
    void spoilAt(int step) {
        spoilAt = step;
    }

    @Override
    public boolean isFinite() {
        for (float weight : weights) {
            if (!Float.isFinite(weight)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {}
}
