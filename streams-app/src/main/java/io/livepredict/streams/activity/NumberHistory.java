package io.livepredict.streams.activity;

import io.livepredict.contract.Scale;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;

/**
 * What is remembered of the values of one number, such as an entity's scores, in the order in which they came: the best, and
 * the mean of their logarithm in a fast and a slow memory (as {@link Durations}).
 */
final class NumberHistory {
    private int count;
    private double best;
    private float recent;
    private float habit;
    private boolean record;

    void clear() {
        count = 0;
        best = 0;
        recent = 0;
        habit = 0;
        record = false;
    }

    void add(double value) {
        count++;
        record = count == 1 || value >= best;
        best = record ? value : best;
        double log = Math.signum(value) * Math.log1p(Math.abs(value));
        recent += (float) (Math.max(Durations.RECENT, 1.0 / count) * (log - recent));
        habit += (float) (Math.max(Durations.HABIT, 1.0 / count) * (log - habit));
    }

    void write(StateWriter out) {
        out.writeVarint(count);
        if (count > 0) {
            out.writeDouble(best);
            out.writeFloat(recent);
            out.writeFloat(habit);
            out.writeByte(record ? 1 : 0);
        }
    }

    void read(StateReader in) {
        clear();
        count = in.readCount();
        if (count > 0) {
            best = in.readDouble();
            recent = in.readFloat();
            habit = in.readFloat();
            record = in.readByte() == 1;
        }
    }

    static void describe(DenseList out, String number) {
        String words = FeatureWords.words(number);
        String log = "mean sign(x) ln(1+|x|), a new one weighs max(1/n, ";
        out.add("recent." + number, "usual recent " + words, Scale.PLAIN, log + Durations.RECENT + ')');
        out.add("habit." + number, "usual " + words + " in the long run", Scale.PLAIN, log + Durations.HABIT + ')');
        out.add("best." + number, "highest " + words, Scale.AMOUNT, "0 for none");
        out.add(
                "record." + number,
                "the last " + words + " is the highest",
                Scale.PLAIN,
                "1 if none before was higher");
    }

    void fill(DenseCursor out) {
        out.add(recent);
        out.add(habit);
        out.add(best);
        out.add(record ? 1f : 0f);
    }

    /** Takes over what the other has. */
    void copy(NumberHistory other) {
        count = other.count;
        best = other.best;
        recent = other.recent;
        habit = other.habit;
        record = other.record;
    }
}
