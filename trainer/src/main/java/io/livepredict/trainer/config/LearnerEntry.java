package io.livepredict.trainer.config;

import io.livepredict.settings.Settings;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One of the learners that train side by side.
 *
 * @param name its name in metrics, logs and the saved state; default: the family's
 * @param family {@code logistic}, {@code mlp}, {@code wide-and-deep}, {@code gru} or {@code cnn}
 * @param hidden width of each hidden layer; default: the family's
 * @param activation {@code relu}, {@code tanh} or {@code sigmoid}; default relu
 * @param embedding wide-and-deep: width of an id's embedding; default 8
 * @param units gru: width of the recurrent state; default 32
 * @param filters cnn: how many filters; default 32
 * @param window cnn: events a filter sees at once; default 4
 * @param optimiser {@code sgd}, {@code momentum}, {@code adagrad}, {@code rmsprop}, {@code adam} or {@code ftrl}; default
 *     adam
 * @param learningRate in the long run, so that it follows the present for ever; default 0.01 for logistic, 0.001 for the others
 * @param startRate that of the first step, which falls with the square root of the steps until it is the learning rate; default:
 *     the learning rate from the first step on
 * @param l2 coefficient of ½‖w‖² added to the loss; default 0
 * @param clipNorm largest global norm of the gradient; default 5
 * @param positiveWeight weight of positive labels; default 1, which keeps probabilities calibrated
 * @param averageOver predictions are made with the parameters' average over about so many steps, 0 for the parameters as they
 *     are; default {@value #AVERAGE_OVER} with adam, otherwise 0
 */
public record LearnerEntry(
        @Nullable String name,
        Family family,
        @Nullable List<Integer> hidden,
        @Nullable Activation activation,
        @Nullable Integer embedding,
        @Nullable Integer units,
        @Nullable Integer filters,
        @Nullable Integer window,
        @Nullable Optimiser optimiser,
        @Nullable Double learningRate,
        @Nullable Double startRate,
        @Nullable Double l2,
        @Nullable Double clipNorm,
        @Nullable Double positiveWeight,
        @Nullable Double averageOver) {

    /** Steps; see RATIONALE.md. */
    public static final double AVERAGE_OVER = 400;

    /** Which network. */
    public enum Family {
        LOGISTIC,
        MLP,
        WIDE_AND_DEEP,
        GRU,
        CNN;

        /** As it is written. */
        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** What a hidden layer does to its sums. */
    public enum Activation {
        SIGMOID,
        TANH,
        RELU
    }

    /** The update rule. */
    public enum Optimiser {
        SGD,
        MOMENTUM,
        ADAGRAD,
        RMSPROP,
        ADAM,
        FTRL
    }

    public LearnerEntry {
        Settings.required("family", family);
        if (learningRate != null && !(learningRate > 0 && learningRate < 100)) {
            throw new IllegalArgumentException("learning-rate must be in 0..100, got " + learningRate);
        }
        within("l2", l2, 0, 100);
        within("clip-norm", clipNorm, 1e-6, 1e9);
        within("positive-weight", positiveWeight, 1e-6, 1e6);
        within("embedding", embedding, 1, 1024);
        within("units", units, 1, 4096);
        within("filters", filters, 1, 4096);
        within("window", window, 1, 1024);
        if (averageOver != null && averageOver != 0 && !(averageOver >= 1 && averageOver <= 1e9)) {
            throw new IllegalArgumentException("average-over must be 0 or 1..1e9 steps, got " + averageOver);
        }
        if (startRate != null && !(startRate >= (learningRate == null ? 0 : learningRate) && startRate < 100)) {
            throw new IllegalArgumentException(
                    "start-rate must be at least the learning rate and below 100, got " + startRate);
        }
        if (hidden != null) {
            if (hidden.stream().anyMatch(width -> width < 1 || width > 4096)) {
                throw new IllegalArgumentException("hidden widths must be in 1..4096, got " + hidden);
            }
            hidden = List.copyOf(hidden);
        }
        only(family, embedding, "embedding", Family.WIDE_AND_DEEP);
        only(family, units, "units", Family.GRU);
        only(family, filters, "filters", Family.CNN);
        only(family, window, "window", Family.CNN);
        if (family == Family.LOGISTIC && (hidden != null || activation != null)) {
            throw new IllegalArgumentException("a logistic learner has no hidden layers and no activation");
        }
    }

    /** A learner of that family with its defaults. */
    public static LearnerEntry of(Family family) {
        return new LearnerEntry(
                null, family, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** The same under another name, at another learning rate. */
    public LearnerEntry with(String newName, double newLearningRate) {
        return new LearnerEntry(
                newName,
                family,
                hidden,
                activation,
                embedding,
                units,
                filters,
                window,
                optimiser,
                newLearningRate,
                startRate == null ? null : Math.max(startRate, newLearningRate),
                l2,
                clipNorm,
                positiveWeight,
                averageOver);
    }

    /** The same under another name, with another update rule and learning rate. */
    public LearnerEntry with(String newName, Optimiser newOptimiser, double newLearningRate) {
        return new LearnerEntry(
                newName,
                family,
                hidden,
                activation,
                embedding,
                units,
                filters,
                window,
                newOptimiser,
                newLearningRate,
                startRate == null ? null : Math.max(startRate, newLearningRate),
                l2,
                clipNorm,
                positiveWeight,
                averageOver);
    }

    /** The same with other hidden layers. */
    public LearnerEntry withHidden(List<Integer> widths) {
        return new LearnerEntry(
                name,
                family,
                widths,
                activation,
                embedding,
                units,
                filters,
                window,
                optimiser,
                learningRate,
                startRate,
                l2,
                clipNorm,
                positiveWeight,
                averageOver);
    }

    /** Its name, given or not. */
    public String resolvedName() {
        return name == null ? family.id() : name;
    }

    private static void within(String key, @Nullable Number value, double low, double high) {
        if (value != null && !(value.doubleValue() >= low && value.doubleValue() <= high)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s must be in %s..%s, got %s", key, shown(low), shown(high), value));
        }
    }

    private static String shown(double bound) {
        return bound == (long) bound ? String.valueOf((long) bound) : String.valueOf(bound);
    }

    private static void only(Family family, @Nullable Object value, String key, Family where) {
        if (value != null && family != where) {
            throw new IllegalArgumentException(key + " goes with family " + where.id() + ", not with " + family.id());
        }
    }
}
