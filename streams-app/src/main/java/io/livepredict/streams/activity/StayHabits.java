package io.livepredict.streams.activity;

import io.livepredict.contract.Scale;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.Arrays;

/**
 * In what share of its past stays an entity did what: by event type, once with recent stays and once with habit in mind (as
 * {@link Durations}). A stay counts when it has ended, in whatever context.
 */
final class StayHabits {
    private final ActivityLayout layout;
    private int count;
    /** Types ever done in a stay that has ended. */
    private long seen;

    private final float[] recent;
    private final float[] habit;

    StayHabits(ActivityLayout layout) {
        this.layout = layout;
        recent = new float[layout.types.size()];
        habit = new float[layout.types.size()];
    }

    void clear() {
        count = 0;
        seen = 0;
        Arrays.fill(recent, 0);
        Arrays.fill(habit, 0);
    }

    /** @param counts events of the stay that has ended, by type */
    void add(int[] counts) {
        count++;
        for (int type = 0; type < counts.length; type++) {
            int did = counts[type] > 0 ? 1 : 0;
            seen |= (long) did << type;
            recent[type] += (float) (Math.max(Durations.RECENT, 1.0 / count) * (did - recent[type]));
            habit[type] += (float) (Math.max(Durations.HABIT, 1.0 / count) * (did - habit[type]));
        }
    }

    void write(StateWriter out) {
        out.writeVarint(count);
        out.writeVarint(seen);
        for (long mask = seen; mask != 0; mask &= mask - 1) {
            int type = Long.numberOfTrailingZeros(mask);
            out.writeFloat(recent[type]);
            out.writeFloat(habit[type]);
        }
    }

    void read(StateReader in) {
        clear();
        count = in.readCount();
        seen = in.readVarint();
        for (long mask = seen; mask != 0; mask &= mask - 1) {
            int type = Long.numberOfTrailingZeros(mask);
            recent[type] = in.readFloat();
            habit[type] = in.readFloat();
        }
    }

    void describe(DenseList out, String stay) {
        out.add(
                "stays.ended",
                "number of past stays in any " + layout.definition.kind().context(),
                Scale.COUNT,
                stay);
        for (String type : layout.types) {
            String words = "share of %s stays with " + FeatureWords.one(type);
            String meaning = stay + "; a new one weighs max(1/n, ";
            out.add(
                    "stays.recent." + type,
                    words.formatted("recent past"),
                    Scale.PLAIN,
                    meaning + Durations.RECENT + ')');
            out.add("stays.habit." + type, words.formatted("all past"), Scale.PLAIN, meaning + Durations.HABIT + ')');
        }
    }

    void fill(DenseCursor out) {
        out.add((float) count);
        for (int type = 0; type < recent.length; type++) {
            out.add(recent[type]);
            out.add(habit[type]);
        }
    }

    /** Takes over what the other has. */
    void copy(StayHabits other, LayoutMapping mapping) {
        clear();
        count = other.count;
        for (int type = 0; type < other.recent.length; type++) {
            int to = mapping.types[type];
            if (to >= 0) {
                seen |= (other.seen >>> type & 1) << to;
                recent[to] = other.recent[type];
                habit[to] = other.habit[type];
            }
        }
    }
}
