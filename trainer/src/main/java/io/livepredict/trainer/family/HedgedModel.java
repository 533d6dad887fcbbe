package io.livepredict.trainer.family;

import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.trainer.family.ModelState.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A learner hedged with the base rate, target by target: its scores are w · the learner's + (1 − w) · the running base rate
 * (for a sum, mean), with w the posterior probability that the learner is the better of the two, 1 / (1 + e^−E). E is by how
 * many nats the learner has done better so far, test-then-train: Bayesian mixing of two experts, whose log-loss is at most
 * ln 2 above the better one's (Vovk, Aggregating strategies, COLT 1990; Cesa-Bianchi and Lugosi, Prediction, Learning, and
 * Games, 2006, section 3.3). E is kept within ±{@value #MOST_EVIDENCE}, so that no past is too long to be revised: the effect
 * of sharing a little weight at each step (Herbster and Warmuth, Tracking the best expert, Machine Learning 32, 1998).
 *
 * <p>Evidence is about the past, and a head with few labels is asked about rows unlike any that it learned from: those are a
 * horizon old. So w is also at most min(1, n / {@value #LABELS_UNTIL_TRUSTED}) after n labels of the target, as credibility
 * theory weighs few claims (full credibility after a number of them).
 *
 * <p>A sum counts by the squared error in units of twice its variance, the log-loss of a normal distribution. Not safe for
 * use from several threads.
 */
public final class HedgedModel implements TrainableModel {
    private static final double MOST_EVIDENCE = 8;
    /** Probabilities are kept this far from 0 and 1 where losses are compared. */
    private static final double LEAST = 1e-6;

    /** Over so many labels a head gains its full share (RATIONALE.md). */
    private static final double LABELS_UNTIL_TRUSTED = 2_000;

    private static final String LABELS = "hedge/labels";
    private static final String EVIDENCE = "hedge/evidence";
    private static final String MEAN = "hedge/mean";
    private static final String VARIANCE = "hedge/variance";
    private static final String WEIGHT = "hedge/weight";

    private final GraphModel learner;
    private final List<Target> targets;
    private final LabelMoments base;
    private final float[] evidence;
    /** Labels seen, by target. */
    private final float[] labels;

    /** What scores are multiplied by, and what is added then; by target. */
    private final float[] share;

    private final float[] rest;

    private HedgedModel(GraphModel learner, List<Target> targets) {
        this.learner = learner;
        this.targets = List.copyOf(targets);
        base = priors(targets);
        evidence = new float[targets.size()];
        labels = new float[targets.size()];
        share = new float[targets.size()];
        rest = new float[targets.size()];
    }

    /** Hedges a fresh learner. */
    static HedgedModel over(GraphModel learner, List<Target> targets) {
        HedgedModel hedged = new HedgedModel(learner, targets);
        hedged.updateShares();
        return hedged;
    }

    private static LabelMoments priors(List<Target> targets) {
        LabelMoments base = new LabelMoments(targets, Normalisation.defaults().memory());
        for (int t = 0; t < targets.size(); t++) {
            base.mean[t] = (float) targets.get(t).prior();
            base.variance[t] = 1;
            base.weight[t] = targets.get(t).isBinary() ? LabelMoments.PRIOR_WEIGHT : 0;
        }
        return base;
    }

    private void updateShares() {
        for (int t = 0; t < share.length; t++) {
            double proven = Math.min(1, labels[t] / LABELS_UNTIL_TRUSTED);
            share[t] = (float) (proven / (1 + StrictMath.exp(-evidence[t])));
            rest[t] = (1 - share[t]) * base.mean[t];
        }
    }

    @Override
    public boolean hasLearned(int target) {
        return labels[target] > 0;
    }

    @Override
    public String family() {
        return learner.family();
    }

    @Override
    public double step(ExampleBatch batch, double learningRateScale, float[] scores) {
        double loss = learner.step(batch, learningRateScale, scores);
        int cells = batch.size * targets.size();
        for (int i = 0; i < cells; i++) {
            int t = i % targets.size();
            float raw = scores[i];
            scores[i] = raw * share[t] + rest[t];
            // A diverged learner counts as no evidence; its owner starts it again.
            if (batch.mask[i] > 0 && Float.isFinite(raw)) {
                labels[t] = (float) Math.min(labels[t] + 1, LABELS_UNTIL_TRUSTED);
                double gained = loss(t, base.mean[t], batch.labels[i]) - loss(t, raw, batch.labels[i]);
                evidence[t] = (float) Math.min(MOST_EVIDENCE, Math.max(-MOST_EVIDENCE, evidence[t] + gained));
            }
        }
        base.take(batch);
        updateShares();
        return loss;
    }

    @Override
    public void rehearse(ExampleBatch batch, double learningRateScale) {
        learner.rehearse(batch, learningRateScale);
    }

    /** In nats. */
    private double loss(int t, double score, double label) {
        if (!targets.get(t).isBinary()) {
            double away = (score - label) / LabelMoments.deviation(base.variance[t]);
            return away * away / 2;
        }
        double p = Math.min(1 - LEAST, Math.max(LEAST, score));
        return -StrictMath.log(label > 0.5 ? p : 1 - p);
    }

    @Override
    public void predict(ExampleBatch batch, float[] scores) {
        learner.predict(batch, scores);
        for (int i = 0; i < batch.size * targets.size(); i++) {
            scores[i] = scores[i] * share[i % targets.size()] + rest[i % targets.size()];
        }
    }

    @Override
    public byte[] export() {
        return learner.export(new ExportedGraph.Hedge(share, rest));
    }

    @Override
    public List<ModelManifest.Usual> usual() {
        return learner.usual();
    }

    @Override
    public ModelState state() {
        Map<String, Tensor> tensors = new LinkedHashMap<>(learner.state().tensors());
        own(evidence, labels, base).forEach((name, values) -> tensors.put(name, tensor(values.clone())));
        return new ModelState(tensors);
    }

    private static Map<String, float[]> own(float[] evidence, float[] labels, LabelMoments base) {
        Map<String, float[]> own = new LinkedHashMap<>();
        own.put(EVIDENCE, evidence);
        own.put(LABELS, labels);
        own.put(MEAN, base.mean);
        own.put(VARIANCE, base.variance);
        own.put(WEIGHT, base.weight);
        return own;
    }

    private static Tensor tensor(float[] values) {
        return new Tensor(new long[] {values.length}, values);
    }

    @Override
    public void restore(ModelState state) {
        learner.restore(learnersOwn(state));
        own(evidence, labels, base)
                .forEach((name, into) -> System.arraycopy(values(state, name), 0, into, 0, into.length));
        updateShares();
    }

    /** The learner's part of a hedged state. */
    public static ModelState learnersOwn(ModelState hedged) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(hedged.tensors());
        tensors.keySet().removeAll(List.of(EVIDENCE, LABELS, MEAN, VARIANCE, WEIGHT));
        return new ModelState(tensors);
    }

    /**
     * A hedged state for other targets: what is known of those that stay is kept by name and definition.
     *
     * @param learner the learner's own part, already carried over
     */
    public static ModelState migrate(
            ModelState learner, ModelState old, List<Target> oldTargets, List<Target> newTargets) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(learner.tensors());
        List<String> before = new ArrayList<>();
        oldTargets.forEach(target -> before.add(target.name() + '\n' + target.definition()));
        own(new float[newTargets.size()], new float[newTargets.size()], priors(newTargets))
                .forEach((name, values) -> {
                    for (int t = 0; t < values.length; t++) {
                        int at = before.indexOf(newTargets.get(t).name()
                                + '\n'
                                + newTargets.get(t).definition());
                        if (at >= 0) {
                            values[t] = values(old, name)[at];
                        }
                    }
                    tensors.put(name, tensor(values));
                });
        return new ModelState(tensors);
    }

    private static float[] values(ModelState state, String name) {
        return Objects.requireNonNull(state.tensors().get(name), name).values();
    }

    @Override
    public boolean isFinite() {
        for (int t = 0; t < share.length; t++) {
            if (!Float.isFinite(share[t]) || !Float.isFinite(rest[t])) {
                return false;
            }
        }
        return learner.isFinite();
    }

    @Override
    public void close() {
        learner.close();
    }
}
