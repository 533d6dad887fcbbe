package io.livepredict.streams.activity;

import io.livepredict.contract.Scale;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.Arrays;

/**
 * Event counts and number sums since the entity was first seen, each event weighing 2^(-age / half-life), for five
 * half-lives; and the same counts by part of the day for the configured one. As of the entity's latest event.
 */
final class DecayedCounts {
    private static final double LN2 = Math.log(2);

    private final ActivityLayout layout;
    private final int types;
    private final int numbers;
    private final int lives;
    /** Types ever seen. */
    private long seen;
    /** By type and half-life. */
    private final float[] counts;
    /** By summed number and half-life. */
    private final float[] sums;
    /** By summed number and half-life: weight of its values. */
    private final float[] weights;
    /** By part of the day. */
    private final float[] dayParts = new float[ActivityLayout.DAY_PARTS];
    /** By half-life: what is left after the time that is passing. */
    private final float[] factors;

    DecayedCounts(ActivityLayout layout) {
        this.layout = layout;
        types = layout.types.size();
        numbers = layout.summedCount;
        lives = layout.halfLifeMillis.length;
        counts = new float[types * lives];
        sums = new float[numbers * lives];
        weights = new float[numbers * lives];
        factors = new float[lives];
    }

    void clear() {
        seen = 0;
        Arrays.fill(counts, 0);
        Arrays.fill(sums, 0);
        Arrays.fill(weights, 0);
        Arrays.fill(dayParts, 0);
    }

    /** What an event of that age weighs. */
    static double weight(long ageMillis, long halfLifeMillis) {
        return ageMillis == 0 ? 1 : Math.exp(-LN2 * ageMillis / halfLifeMillis);
    }

    /** Lets that much time pass. */
    void advance(long millis) {
        if (millis == 0) {
            return;
        }
        for (int h = 0; h < lives; h++) {
            factors[h] = (float) weight(millis, layout.halfLifeMillis[h]);
        }
        for (long mask = seen; mask != 0; mask &= mask - 1) {
            int at = Long.numberOfTrailingZeros(mask) * lives;
            for (int h = 0; h < lives; h++) {
                counts[at + h] *= factors[h];
            }
        }
        for (int at = 0; at < sums.length; at += lives) {
            for (int h = 0; h < lives; h++) {
                sums[at + h] *= factors[h];
                weights[at + h] *= factors[h];
            }
        }
        for (int i = 0; i < dayParts.length; i++) {
            dayParts[i] *= factors[ActivityLayout.CONFIGURED_LIFE];
        }
    }

    /** Adds an event that is that much older than the latest. */
    void add(long timeMillis, long ageMillis, int type, double[] eventNumbers) {
        seen |= 1L << type;
        for (int h = 0; h < lives; h++) {
            float weight = (float) weight(ageMillis, layout.halfLifeMillis[h]);
            counts[type * lives + h] += weight;
            for (int n = 0; n < eventNumbers.length; n++) {
                int place = layout.summed[n];
                if (place >= 0 && !Double.isNaN(eventNumbers[n])) {
                    sums[place * lives + h] += (float) (weight * eventNumbers[n]);
                    weights[place * lives + h] += weight;
                }
            }
        }
        dayParts[dayPart(timeMillis)] +=
                (float) weight(ageMillis, layout.halfLifeMillis[ActivityLayout.CONFIGURED_LIFE]);
    }

    static int dayPart(long timeMillis) {
        return (int) (Math.floorMod(timeMillis, 86_400_000L) / (86_400_000L / ActivityLayout.DAY_PARTS));
    }

    /** Weight of all events at the configured half-life. */
    float total() {
        float total = 0;
        for (int at = ActivityLayout.CONFIGURED_LIFE; at < counts.length; at += lives) {
            total += counts[at];
        }
        return total;
    }

    void write(StateWriter out) {
        out.writeVarint(seen);
        for (long mask = seen; mask != 0; mask &= mask - 1) {
            out.writeFloats(counts, Long.numberOfTrailingZeros(mask) * lives, lives);
        }
        for (int i = 0; i < numbers; i++) {
            boolean any = weights[i * lives + lives - 1] > 0;
            out.writeByte(any ? 1 : 0);
            for (int h = 0; any && h < lives; h++) {
                out.writeFloat(sums[i * lives + h]);
                out.writeFloat(weights[i * lives + h]);
            }
        }
        int present = 0;
        for (int i = 0; i < dayParts.length; i++) {
            present |= dayParts[i] > 0 ? 1 << i : 0;
        }
        out.writeByte(present);
        for (float part : dayParts) {
            if (part > 0) {
                out.writeFloat(part);
            }
        }
    }

    void read(StateReader in) {
        clear();
        seen = in.readVarint();
        for (long mask = seen; mask != 0; mask &= mask - 1) {
            in.readFloats(counts, Long.numberOfTrailingZeros(mask) * lives, lives);
        }
        for (int i = 0; i < numbers; i++) {
            boolean any = in.readByte() == 1;
            for (int h = 0; any && h < lives; h++) {
                sums[i * lives + h] = in.readFloat();
                weights[i * lives + h] = in.readFloat();
            }
        }
        int present = in.readByte();
        for (int i = 0; i < dayParts.length; i++) {
            if ((present & 1 << i) != 0) {
                dayParts[i] = in.readFloat();
            }
        }
    }

    void describe(DenseList out) {
        for (int h = 0; h < lives; h++) {
            String name = "decayed-" + ActivityLayout.shortName(layout.halfLifeMillis[h]);
            String words = ", counting half after " + FeatureWords.span(layout.halfLifeMillis[h]);
            String meaning = "weighing 2^(-age/" + layout.halfLifeMillis[h] + " ms), since first seen, in all contexts";
            for (String type : layout.types) {
                out.add(
                        "count." + type + "." + name,
                        "own " + FeatureWords.plural(type) + words,
                        Scale.COUNT,
                        "events " + meaning);
            }
            out.add("count.any." + name, "own events" + words, Scale.COUNT, "events " + meaning);
            for (int n = 0; n < layout.numbers.size(); n++) {
                String number = layout.numbers.get(n);
                if (layout.sum[n]) {
                    out.add(
                            "sum." + number + "." + name,
                            "own total " + FeatureWords.words(number) + words,
                            Scale.AMOUNT,
                            "sum " + meaning);
                }
                if (layout.mean[n]) {
                    out.add(
                            "mean." + number + "." + name,
                            "own mean " + FeatureWords.words(number) + words,
                            Scale.AMOUNT,
                            "mean, 0 for no value, " + meaning);
                }
            }
        }
        out.add(
                "hour.familiarity",
                "share of the own events that were at this time of day",
                Scale.PLAIN,
                "share of the decayed events in this of " + ActivityLayout.DAY_PARTS + " parts of the day (UTC), "
                        + layout.halfLifeMillis[ActivityLayout.CONFIGURED_LIFE] + " ms");
    }

    void fill(DenseCursor out, long nowMillis) {
        for (int h = 0; h < lives; h++) {
            float any = 0;
            for (int type = 0; type < types; type++) {
                float count = counts[type * lives + h];
                out.add(count);
                any += count;
            }
            out.add(any);
            for (int n = 0; n < layout.summed.length; n++) {
                int place = layout.summed[n];
                if (place < 0) {
                    continue;
                }
                float sum = sums[place * lives + h];
                if (layout.sum[n]) {
                    out.add(sum);
                }
                if (layout.mean[n]) {
                    float weight = weights[place * lives + h];
                    out.add(weight > 1e-30f ? sum / weight : 0);
                }
            }
        }
        float total = total();
        out.add(total > 0 ? dayParts[dayPart(nowMillis)] / total : 0);
    }

    /** Makes this equal to the other, which must have the same layout. */
    void set(DecayedCounts other) {
        seen = other.seen;
        System.arraycopy(other.counts, 0, counts, 0, counts.length);
        System.arraycopy(other.sums, 0, sums, 0, sums.length);
        System.arraycopy(other.weights, 0, weights, 0, weights.length);
        System.arraycopy(other.dayParts, 0, dayParts, 0, dayParts.length);
    }

    /** Takes over what the other has, both as of the same time. */
    void copy(DecayedCounts other, LayoutMapping mapping) {
        clear();
        for (int type = 0; type < other.types; type++) {
            int to = mapping.types[type];
            if (to >= 0 && (other.seen & 1L << type) != 0) {
                seen |= 1L << to;
                for (int h = 0; h < lives; h++) {
                    int from = mapping.halfLives[h];
                    counts[to * lives + h] = from < 0 ? 0 : other.counts[type * other.lives + from];
                }
            }
        }
        for (int place = 0; place < other.numbers; place++) {
            int to = mapping.summed[place];
            for (int h = 0; to >= 0 && h < lives; h++) {
                int from = mapping.halfLives[h];
                sums[to * lives + h] = from < 0 ? 0 : other.sums[place * other.lives + from];
                weights[to * lives + h] = from < 0 ? 0 : other.weights[place * other.lives + from];
            }
        }
        if (mapping.halfLives[ActivityLayout.CONFIGURED_LIFE] == ActivityLayout.CONFIGURED_LIFE) {
            System.arraycopy(other.dayParts, 0, dayParts, 0, dayParts.length);
        }
    }
}
