package io.livepredict.trainer.learner;

import io.livepredict.trainer.evaluation.Adwin;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Watches the champion's loss by ADWIN and says by how much learning rates are raised. A cut to a lower loss is learning at
 * work, not drift. Not safe for use from several threads.
 */
final class DriftWatch {
    private final DriftSettings settings;
    private final Adwin adwin;
    private long drifts;
    private double lastSize;
    /** Examples for which rates stay raised. */
    private long remaining;

    DriftWatch(DriftSettings settings) {
        this.settings = settings;
        adwin = new Adwin(settings.delta());
    }

    /**
     * Takes the champion's loss on one example, in [0, 1].
     *
     * @return whether a drift was found just now
     */
    boolean add(double loss) {
        if (remaining > 0) {
            remaining--;
        }
        boolean rose = adwin.add(loss) && adwin.change() > 0 && adwin.change() >= settings.leastRise();
        if (!rose || !settings.enabled() || remaining > 0) {
            return false;
        }
        drifts++;
        lastSize = adwin.change();
        remaining = settings.examples();
        return true;
    }

    /** What learning rates are multiplied by. */
    double learningRateScale() {
        return 1 + (settings.boost() - 1) * remaining / settings.examples();
    }

    /** Another learner's loss from here on. */
    void championChanged() {
        adwin.clear();
    }

    long drifts() {
        return drifts;
    }

    /** By how much the mean loss had risen at the last drift, relative. */
    double lastSize() {
        return lastSize;
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(drifts);
        out.writeDouble(lastSize);
        out.writeLong(remaining);
        adwin.write(out);
    }

    void read(DataInput in) throws IOException {
        drifts = in.readLong();
        lastSize = in.readDouble();
        remaining = in.readLong();
        adwin.read(in);
    }
}
