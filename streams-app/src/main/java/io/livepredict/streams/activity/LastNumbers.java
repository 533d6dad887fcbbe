package io.livepredict.streams.activity;

import io.livepredict.contract.Scale;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.Arrays;

/** By number, such as a score: the newest value, and what is remembered of those whose last value is a feature. */
final class LastNumbers {
    private static final long NONE = ContextSlot.NONE;

    private final ActivityLayout layout;
    /** NaN for none. */
    private final double[] last;

    private final long[] lastMillis;
    private final NumberHistory[] histories;

    LastNumbers(ActivityLayout layout) {
        this.layout = layout;
        last = new double[layout.numbers.size()];
        lastMillis = new long[last.length];
        histories = new NumberHistory[last.length];
        for (int i = 0; i < histories.length; i++) {
            histories[i] = new NumberHistory();
        }
    }

    void clear() {
        Arrays.fill(last, Double.NaN);
        Arrays.fill(lastMillis, NONE);
        for (NumberHistory history : histories) {
            history.clear();
        }
    }

    void add(long timeMillis, double[] numbers) {
        for (int i = 0; i < numbers.length; i++) {
            if (Double.isNaN(numbers[i])) {
                continue;
            }
            if (layout.last[i]) {
                histories[i].add(numbers[i]);
            }
            if (timeMillis >= lastMillis[i]) {
                last[i] = numbers[i];
                lastMillis[i] = timeMillis;
            }
        }
    }

    void describe(DenseList out) {
        for (int n = 0; n < last.length; n++) {
            if (layout.last[n]) {
                String number = layout.numbers.get(n);
                out.add("last." + number, "last " + FeatureWords.words(number), Scale.AMOUNT, "0 for none");
                NumberHistory.describe(out, number);
            }
        }
    }

    void fill(DenseCursor out) {
        for (int n = 0; n < last.length; n++) {
            if (layout.last[n]) {
                out.add(Double.isNaN(last[n]) ? 0 : last[n]);
                histories[n].fill(out);
            }
        }
    }

    void write(StateWriter out, long latestMillis) {
        for (int n = 0; n < last.length; n++) {
            out.writeVarint(lastMillis[n] == NONE ? 0 : 1 + latestMillis - lastMillis[n]);
            if (lastMillis[n] != NONE) {
                out.writeDouble(last[n]);
            }
            histories[n].write(out);
        }
    }

    void read(StateReader in, long latestMillis) {
        for (int n = 0; n < last.length; n++) {
            long ago = in.readVarint();
            lastMillis[n] = ago == 0 ? NONE : latestMillis + 1 - ago;
            last[n] = ago == 0 ? Double.NaN : in.readDouble();
            histories[n].read(in);
        }
    }

    /** Takes over what the other has. */
    void copy(LastNumbers other, LayoutMapping mapping) {
        for (int n = 0; n < other.last.length; n++) {
            int to = mapping.numbers[n];
            if (to >= 0) {
                last[to] = other.last[n];
                lastMillis[to] = other.lastMillis[n];
                histories[to].copy(other.histories[n]);
            }
        }
    }
}
