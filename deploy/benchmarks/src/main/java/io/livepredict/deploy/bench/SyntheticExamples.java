package io.livepredict.deploy.bench;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Scale;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import io.livepredict.trainer.family.ExampleBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Examples whose probabilities are known: standard normal features, so that nobody's way of scaling matters; a first target
 * that is logistic in them, at a base rate of about .25; and further ones with products of features, which a logistic
 * regression can't have. Deterministic in the seed.
 */
final class SyntheticExamples {
    /** Dense features of an example. */
    static final int FEATURES = 64;

    private static final int TARGETS = 4;
    private static final int RELEVANT = 32;
    private static final int ENTITIES = 10_000;

    final int count;
    /** [count][FEATURES]. */
    final float[][] dense;
    /** [TARGETS][count]: 0 or 1. */
    final float[][] labels;
    /** The first target's true probabilities. */
    final double[] probabilities;

    SyntheticExamples(int count, long seed) {
        this.count = count;
        dense = new float[count][FEATURES];
        labels = new float[TARGETS][count];
        probabilities = new double[count];
        Random random = new Random(seed);
        double[] weights = new double[RELEVANT];
        for (int i = 0; i < RELEVANT; i++) {
            weights[i] = 0.35 * random.nextGaussian();
        }
        for (int i = 0; i < count; i++) {
            float[] x = dense[i];
            for (int f = 0; f < FEATURES; f++) {
                x[f] = (float) random.nextGaussian();
            }
            double logit = -1.5;
            for (int f = 0; f < RELEVANT; f++) {
                logit += weights[f] * x[f];
            }
            probabilities[i] = 1 / (1 + Math.exp(-logit));
            labels[0][i] = random.nextDouble() < probabilities[i] ? 1 : 0;
            for (int t = 1; t < TARGETS; t++) {
                double tangled = -1 + x[t] * x[t + 8] + x[t + 16] * x[t + 24] + 0.5 * x[t + 40];
                labels[t][i] = random.nextDouble() < 1 / (1 + Math.exp(-tangled)) ? 1 : 0;
            }
        }
    }

    /** The schema of these features. */
    static FeatureSchema schema() {
        List<DenseFeature> features = new ArrayList<>();
        for (int f = 0; f < FEATURES; f++) {
            features.add(new DenseFeature("x" + f, "x" + f, Scale.PLAIN, "x" + f));
        }
        return new FeatureSchema(Kind.VIEWER, features, List.of("JOIN", "LEAVE"), 0, "", List.of());
    }

    /** The first so many of the targets. */
    static List<Target> targets(int some) {
        List<Target> targets = new ArrayList<>();
        for (int t = 0; t < some; t++) {
            targets.add(TargetBuilder.builder()
                    .name("target-" + t)
                    .kind(Kind.VIEWER)
                    .outcome(Target.Outcome.ANY_OF)
                    .eventTypes(Set.of("LEAVE"))
                    .within(Duration.ofSeconds(30 + t))
                    .scope(Target.Scope.SAME_CONTEXT)
                    .predictOn(Set.of("JOIN"))
                    .snapshotOn(Set.of("JOIN"))
                    .atMostEvery(Duration.ZERO)
                    .prior(0.25)
                    .build());
        }
        return targets;
    }

    /** Whose example it is. */
    static long entity(int example) {
        return example % ENTITIES;
    }

    /** The first target's labels. */
    double[] firstLabels() {
        double[] first = new double[count];
        for (int i = 0; i < count; i++) {
            first[i] = labels[0][i];
        }
        return first;
    }

    /** Lays examples from that one on into a batch, as many as it and they have. */
    void fill(ExampleBatch batch, int from) {
        fillLabels(batch, from);
        for (int r = 0; r < batch.size; r++) {
            System.arraycopy(dense[from + r], 0, batch.dense, r * FEATURES, FEATURES);
        }
    }

    /** Lays their labels only. */
    void fillLabels(ExampleBatch batch, int from) {
        batch.clear();
        batch.size = Math.min(batch.capacity, count - from);
        for (int r = 0; r < batch.size; r++) {
            for (int t = 0; t < batch.targets; t++) {
                batch.labels[r * batch.targets + t] = labels[t][from + r];
                batch.servedByModel[r * batch.targets + t] = true;
                batch.mask[r * batch.targets + t] = 1;
                batch.served[r * batch.targets + t] = 0.25f;
            }
        }
    }
}
