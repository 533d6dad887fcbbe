package io.livepredict.streams.score;

import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Target;
import java.util.List;

/** What is served before there is a model: each target's configured prior, as version 0. */
public final class PriorModel implements ScoringModel {
    private final ScoreOrigins origins;
    private final float[] priors;

    /**
     * @param name the model's name, which is the kind's id
     * @param targets the kind's targets, in configuration order
     */
    public PriorModel(String name, List<Target> targets) {
        this.origins = new ScoreOrigins(ModelIdentity.prior(name));
        this.priors = priors(targets);
    }

    /** The targets' priors, in their order. */
    public static float[] priors(List<Target> targets) {
        float[] priors = new float[targets.size()];
        for (int i = 0; i < priors.length; i++) {
            priors[i] = (float) targets.get(i).prior();
        }
        return priors;
    }

    @Override
    public ModelIdentity identity() {
        return origins.model();
    }

    @Override
    public ScoreOrigins origins() {
        return origins;
    }

    @Override
    public boolean explains() {
        return false;
    }

    @Override
    public Scorer newScorer(int maxRows, DirectBuffers buffers) {
        return new Scorer() {
            @Override
            public void score(FeatureVector[] rows, int count, float[] into) {
                for (int row = 0; row < count; row++) {
                    System.arraycopy(priors, 0, into, row * priors.length, priors.length);
                }
            }

            @Override
            public List<List<List<Reason>>> explain(FeatureVector[] rows, int count) {
                throw new UnsupportedOperationException("a prior has no reasons");
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {}
}
