package io.livepredict.deploy.console.live;

import io.livepredict.avro.Prediction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What was predicted of an entity as of one event, and what came of it. Places are those of {@link Targets}. */
final class Moment {
    final long event;
    final String type;
    final String context;
    final long eventTime;
    final long scoredAt;
    long version;
    private float[] scores;
    private float[] labels;
    private Why @Nullable [] reasons;

    /**
     * A feature that moved a score.
     *
     * @param words what it is
     * @param contribution to the logit; positive raises the score
     */
    record Reason(String words, double contribution) {}

    /** The reasons of one score, strongest first. */
    record Why(List<Reason> reasons) {}

    Moment(long event, String type, String context, long eventTime, long scoredAt, int targets) {
        this.event = event;
        this.type = type;
        this.context = context;
        this.eventTime = eventTime;
        this.scoredAt = scoredAt;
        scores = filled(targets);
        labels = new float[0];
    }

    void score(int place, Prediction prediction, UnaryOperator<String> shared) {
        scores = longEnough(scores, place);
        scores[place] = (float) prediction.getScore();
        version = Math.max(version, prediction.getModelVersion());
        String first = prediction.getReason1();
        if (first != null) {
            List<Reason> why = new ArrayList<>(3);
            add(why, first, prediction.getContribution1(), shared);
            add(why, prediction.getReason2(), prediction.getContribution2(), shared);
            add(why, prediction.getReason3(), prediction.getContribution3(), shared);
            Why[] all = reasons == null ? new Why[place + 1] : reasons;
            all = all.length > place ? all : Arrays.copyOf(all, place + 1);
            all[place] = new Why(why);
            reasons = all;
        }
    }

    private static void add(
            List<Reason> why, @Nullable String words, @Nullable Double contribution, UnaryOperator<String> shared) {
        if (words != null && contribution != null) {
            why.add(new Reason(shared.apply(words), contribution));
        }
    }

    void label(int place, double label) {
        labels = longEnough(labels, place);
        labels[place] = (float) label;
    }

    /** NaN where there is none. */
    double score(int place) {
        return place < scores.length ? scores[place] : Double.NaN;
    }

    /** What came true; NaN while that is not known, and where it was not logged. */
    double label(int place) {
        return place < labels.length ? labels[place] : Double.NaN;
    }

    /** Empty where the row was not explained. */
    List<Reason> reasons(int place) {
        Why[] all = reasons;
        return all == null || place >= all.length || all[place] == null ? List.of() : all[place].reasons();
    }

    private static float[] filled(int length) {
        float[] values = new float[length];
        Arrays.fill(values, Float.NaN);
        return values;
    }

    private static float[] longEnough(float[] values, int place) {
        if (place < values.length) {
            return values;
        }
        float[] longer = filled(place + 1);
        System.arraycopy(values, 0, longer, 0, values.length);
        return longer;
    }
}
