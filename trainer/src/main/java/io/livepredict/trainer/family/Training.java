package io.livepredict.trainer.family;

import io.livepredict.trainer.optimiser.LearningRate;
import io.livepredict.trainer.optimiser.Optimiser;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * How a network learns. Made from {@link #adam} by what differs. Its text is part of the fingerprints of saved states: a component
 * that is renamed or added makes learners start afresh.
 *
 * @param optimiser the update rule
 * @param learningRate η by step
 * @param l2 coefficient of ½‖w‖² over the weights (not the biases) added to the loss; of a table, over the rows a batch
 *     touches
 * @param clipNorm largest global norm of the gradient; infinite for none
 * @param positiveWeight weight of positive labels; 1 keeps the probabilities calibrated
 * @param normalisation of the dense features
 * @param averageOver steps over which the parameters are averaged for predictions, tables left as they are; 0 for none
 * @param averageRestarts whether an average starts over once the latest parameters predict better ({@link AverageWatch})
 */
@RecordBuilder
public record Training(
        Optimiser optimiser,
        LearningRate learningRate,
        double l2,
        double clipNorm,
        double positiveWeight,
        Normalisation normalisation,
        double averageOver,
        boolean averageRestarts) {
    public Training {
        require(l2 >= 0 && Double.isFinite(l2), "l2 must not be negative, got " + l2);
        require(clipNorm > 0, "clip norm must be positive, got " + clipNorm);
        require(
                positiveWeight > 0 && Double.isFinite(positiveWeight),
                "positive weight must be positive, got " + positiveWeight);
        averageRestarts &= averageOver > 0;
        require(
                averageOver == 0 || averageOver >= 1,
                "an average must be over at least 1 step or off (0), got " + averageOver);
    }

    /** Adam at that constant rate, gradients clipped at norm 5, nothing averaged. */
    public static Training adam(double rate) {
        return TrainingBuilder.builder()
                .optimiser(Optimiser.Adam.defaults())
                .learningRate(new LearningRate.Constant(rate))
                .l2(0)
                .clipNorm(5)
                .positiveWeight(1)
                .normalisation(Normalisation.defaults())
                .averageOver(0)
                .averageRestarts(false)
                .build();
    }

    /** The same with another learning rate. */
    public Training with(LearningRate rate) {
        return TrainingBuilder.builder(this).learningRate(rate).build();
    }

    /** The same with another optimiser. */
    public Training with(Optimiser other) {
        return TrainingBuilder.builder(this).optimiser(other).build();
    }

    /** The same with the features normalised otherwise. */
    public Training with(Normalisation other) {
        return TrainingBuilder.builder(this).normalisation(other).build();
    }

    /** The same with another penalty on the weights. */
    public Training withL2(double coefficient) {
        return TrainingBuilder.builder(this).l2(coefficient).build();
    }

    /** The same with gradients clipped at another norm. */
    public Training withClipNorm(double norm) {
        return TrainingBuilder.builder(this).clipNorm(norm).build();
    }

    /** The same with another weight of positive labels. */
    public Training withPositiveWeight(double weight) {
        return TrainingBuilder.builder(this).positiveWeight(weight).build();
    }

    /** The same with predictions from averaged parameters; the average starts over when it lags behind. */
    public Training averagedOver(double steps) {
        return averagedOver(steps, true);
    }

    /** The same with predictions from averaged parameters. */
    public Training averagedOver(double steps, boolean restarts) {
        return TrainingBuilder.builder(this)
                .averageOver(steps)
                .averageRestarts(restarts)
                .build();
    }

    /** Whether predictions come from averaged parameters. */
    boolean averages() {
        return averageOver > 0;
    }

    /** The rule for everything but tables. */
    Optimiser parameterRule() {
        return averages() ? new Optimiser.Averaged(optimiser, averageOver) : optimiser;
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException("training: " + message);
        }
    }
}
