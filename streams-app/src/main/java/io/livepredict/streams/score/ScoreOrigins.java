package io.livepredict.streams.score;

/**
 * Which model makes each target's score: a version that has learned a head for it, or else the configured prior, which is
 * version 0. Made once per model.
 */
public final class ScoreOrigins {
    private final ModelIdentity model;
    private final ModelIdentity prior;
    private final boolean[] byPrior;

    /** One model for all targets. */
    public ScoreOrigins(ModelIdentity model) {
        this(model, new boolean[0]);
    }

    /**
     * @param byPrior for each configured target whether its prior is served in place of the model; those that are not in
     *     it are the model's
     */
    public ScoreOrigins(ModelIdentity model, boolean[] byPrior) {
        this.model = model;
        this.prior = ModelIdentity.prior(model.name());
        this.byPrior = byPrior.clone();
    }

    /** The model that scores, whichever targets it has heads for. */
    public ModelIdentity model() {
        return model;
    }

    /**
     * What made a target's score.
     *
     * @param target its place among the configured targets
     */
    public ModelIdentity of(int target) {
        return isPrior(target) ? prior : model;
    }

    /** Whether a model is served and that target gets its prior nevertheless. */
    public boolean isPrior(int target) {
        return target < byPrior.length && byPrior[target];
    }
}
