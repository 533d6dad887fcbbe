package io.livepredict.trainer.config;

import io.livepredict.settings.Settings;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One of the learners that train side by side.
 *
 * @param name the learner's name in metrics, logs and the saved state; default: the family's
 * @param family which network it is
 * @param hidden width of each hidden layer, each 1 to 4096; not with {@code logistic}; default: the family's
 * @param activation what a hidden layer does to its sums; not with {@code logistic}; default {@code relu}
 * @param pieces {@code mlp} only: how many piecewise-linear inputs all features together have besides, placed where their values
 *     lie, 0 to 4096; default: none
 * @param embedding {@code wide-and-deep} only: width of an id's embedding, 1 to 1024; default {@code 8}
 * @param units {@code gru} only: width of the recurrent state, 1 to 4096; default {@code 32}
 * @param filters {@code cnn} only: how many filters, 1 to 4096; default {@code 32}
 * @param window {@code cnn} only: how many events a filter sees at once, 1 to 1024; default {@code 4}
 * @param optimiser the update rule; default {@code adam}
 * @param learningRate the learning rate in the long run, above 0 and below 100; it stays, so that the learner follows the present
 *     for ever; default: the family's
 * @param startRate the learning rate of the first step, which falls with the square root of the steps until it is {@code
 *     learning-rate}; default: {@code learning-rate} from the first step on
 * @param l2 coefficient of ½‖w‖² that is added to the loss, 0 to 100; default {@code 0}
 * @param clipNorm the largest global norm of the gradient; default {@code 5}
 * @param positiveWeight weight of positive labels; 1 keeps probabilities calibrated; default {@code 1}
 * @param averageOver predictions are made with the parameters' average over about this many steps, 0 for the parameters as they
 *     are; default: {@value #AVERAGE_OVER} with {@code adam}, otherwise 0
 * @param replay whether it also learns from examples that are drawn again (the trainer's {@code replay}); default: it does
 */
@RecordBuilder
public record LearnerEntry(
        @Nullable String name,
        Family family,
        @Nullable List<Integer> hidden,
        @Nullable Activation activation,
        @Nullable Integer pieces,
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
        @Nullable Double averageOver,
        @Nullable Boolean replay) {

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
        within("pieces", pieces, 0, 4096);
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
        only(family, pieces, "pieces", Family.MLP);
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
        return LearnerEntry.builder(family).build();
    }

    /** The same under another name, at another learning rate. */
    public LearnerEntry with(String newName, double newLearningRate) {
        return toBuilder()
                .name(newName)
                .learningRate(newLearningRate)
                .startRate(startRate == null ? null : Double.valueOf(Math.max(startRate, newLearningRate)))
                .build();
    }

    /** The same under another name, with another update rule and learning rate. */
    public LearnerEntry with(String newName, Optimiser newOptimiser, double newLearningRate) {
        return with(newName, newLearningRate).toBuilder()
                .optimiser(newOptimiser)
                .build();
    }

    /** The same with other hidden layers. */
    public LearnerEntry withHidden(List<Integer> widths) {
        return toBuilder().hidden(widths).build();
    }

    /** The same without learning from examples that are drawn again. */
    public LearnerEntry withoutReplay() {
        return toBuilder().replay(false).build();
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

    /** Makes one in code; what is not given is left out. */
    public static LearnerEntryBuilder builder(Family family) {
        return LearnerEntryBuilder.builder().family(family);
    }

    /** Makes another one that differs from this one. */
    public LearnerEntryBuilder toBuilder() {
        return LearnerEntryBuilder.builder(this);
    }
}
