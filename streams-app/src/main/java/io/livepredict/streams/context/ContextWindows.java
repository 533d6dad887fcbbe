package io.livepredict.streams.context;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Scale;
import io.livepredict.streams.activity.FeatureWords;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The recent buckets of one room or match, and the features made of them. As of a time t only buckets that were closed
 * at or before t - 10 s count, however many later ones are known: what a reader sees does not depend on how late it
 * reads. Not safe for use from several threads.
 */
final class ContextWindows {
    /** Of the value in stores and topics, apart from the definition. */
    static final int LAYOUT = 2;

    private static final long DELAY_MILLIS = 10_000;
    private static final int MINUTE = 6;
    private static final int FIVE_MINUTES = 5 * MINUTE;
    /** What is usual in a context is its average over half an hour. */
    private static final int USUAL = 30 * MINUTE;
    /** How far readers may be behind the newest bucket, as shipped. */
    static final Duration SLACK = Duration.ofMinutes(10);

    private final List<String> types;
    /** As it is written: one line per type. */
    private final String typeLines;

    private final int[] ownPlaces;
    private final boolean[] arrivals;
    private final boolean[] departures;
    private final int[] windowBuckets;
    /** How many buckets the features are made of. */
    private final int longest;
    /** Readers may be this many buckets behind the newest. */
    private final int slack;

    private final TreeMap<Long, ContextBucket> buckets = new TreeMap<>();
    private final StateReader in = new StateReader();
    private final StateWriter out = new StateWriter();

    ContextWindows(KindDefinition definition) {
        this(definition, SLACK);
    }

    /** @param slack how far readers may be behind the newest bucket */
    ContextWindows(KindDefinition definition, Duration slack) {
        this.slack = (int) (slack.toMillis() / ContextBucket.MILLIS);
        types = definition.eventTypes();
        typeLines = String.join("\n", types);
        ownPlaces = IntStream.range(0, types.size()).toArray();
        arrivals = flags(definition.sessionStart());
        departures = flags(definition.sessionEnd());
        windowBuckets = definition.windows().stream()
                .mapToInt(window -> (int) ((window.toMillis() + ContextBucket.MILLIS - 1) / ContextBucket.MILLIS))
                .toArray();
        longest = Math.max(USUAL, windowBuckets[windowBuckets.length - 1]);
    }

    private boolean[] flags(Set<String> chosen) {
        boolean[] flags = new boolean[types.size()];
        for (int type = 0; type < flags.length; type++) {
            flags[type] = chosen.contains(types.get(type));
        }
        return flags;
    }

    void clear() {
        buckets.clear();
    }

    /** Adds a part of a bucket; false if it is older than all that is kept. */
    boolean add(long index, ContextBucket part) {
        if (!buckets.isEmpty() && index < oldestKept()) {
            return false;
        }
        ContextBucket bucket = buckets.computeIfAbsent(index, i -> new ContextBucket(types.size()));
        bucket.add(part);
        buckets.headMap(oldestKept()).clear();
        return true;
    }

    /** Number of the newest bucket, {@code Long.MIN_VALUE} for none. */
    long newest() {
        return buckets.isEmpty() ? Long.MIN_VALUE : buckets.lastKey();
    }

    /** Whether no bucket that the features of that time are made of has been dropped already. */
    boolean isWhole(long newestKnown) {
        return newest() - slack <= newestKnown;
    }

    private long oldestKept() {
        return buckets.lastKey() - longest - slack + 1;
    }

    byte[] write() {
        out.reset();
        out.writeByte(LAYOUT);
        out.writeString(typeLines);
        out.writeSigned(newest());
        out.writeVarint(buckets.size());
        long after = newest();
        for (Map.Entry<Long, ContextBucket> entry : buckets.descendingMap().entrySet()) {
            out.writeVarint(after - entry.getKey());
            after = entry.getKey();
            // Who was active is asked of the last minute only, by readers that may be behind.
            entry.getValue().write(out, newest() - after < MINUTE + slack);
        }
        return out.toBytes();
    }

    /**
     * Reads a stored value into this. What was counted under other event types is taken over where their names agree.
     *
     * @return false, and empty, if it has another layout or cannot be read
     */
    boolean read(byte[] value) {
        buckets.clear();
        try {
            in.reset(value);
            if (in.readByte() == LAYOUT) {
                int[] places = places(in.readString());
                long index = in.readSigned();
                for (int i = in.readCount(); i > 0; i--) {
                    index -= in.readVarint();
                    ContextBucket bucket = new ContextBucket(types.size());
                    bucket.read(in, places);
                    buckets.put(index, bucket);
                }
                return true;
            }
        } catch (IndexOutOfBoundsException e) {
            buckets.clear(); // not what this class wrote: as good as no value
        }
        return false;
    }

    private int[] places(String lines) {
        return lines.equals(typeLines)
                ? ownPlaces
                : lines.lines().mapToInt(types::indexOf).toArray();
    }

    /** Number of the newest bucket that may be known as of that time. */
    static long newestKnown(long asOfMillis) {
        return ContextBucket.index(asOfMillis - DELAY_MILLIS) - 1;
    }

    /** The features, in the order of {@link #fill}. */
    static List<DenseFeature> describe(KindDefinition definition) {
        String here = " in this " + definition.kind().context();
        String who = definition.kind().id() + "s";
        String closed = "of all entities in the context, in buckets of 10 s closed at or before as-of - 10 s";
        List<DenseFeature> features = new ArrayList<>();
        for (var window : definition.windows()) {
            long millis = window.toMillis();
            String name = "context." + (millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms");
            String words = here + FeatureWords.inTheLast(millis);
            for (String type : definition.eventTypes()) {
                features.add(feature(
                        name + ".count." + type,
                        "everyone's " + FeatureWords.plural(type) + words,
                        Scale.COUNT,
                        closed));
            }
            features.add(feature(name + ".count.any", "everyone's events" + words, Scale.COUNT, closed));
        }
        features.add(feature(
                "context.active",
                "how many " + who + " were active" + here + " in the last minute",
                Scale.COUNT,
                "distinct entities, estimated by HyperLogLog, last minute, " + closed));
        String rate = "over the last 5 min, " + closed;
        features.add(feature("context.rate.any", "everyone's events a minute" + here, Scale.COUNT, rate));
        features.add(feature("context.rate.arrivals", "arrivals a minute" + here, Scale.COUNT, "starts, " + rate));
        features.add(feature("context.rate.departures", "departures a minute" + here, Scale.COUNT, "ends, " + rate));
        features.add(feature(
                "context.rate.each",
                "events a minute of each of the " + who + " active" + here,
                Scale.COUNT,
                "events in the last minute over context.active, 0 for none, " + closed));
        features.add(feature(
                "context.trend",
                "activity" + here + " in the last minute against its 30-minute mean",
                Scale.PLAIN,
                "ln of events in the last minute, plus 1, over their mean per minute in the last 30 min, plus 1, "
                        + closed));
        features.add(feature(
                "context.arrivals",
                "share of the arrivals" + here + " in the last 30 min that came in the last minute",
                Scale.PLAIN,
                "starts in the last minute over those in the last 30 min, 0 for none, " + closed));
        return features;
    }

    private static DenseFeature feature(String name, String words, Scale scale, String meaning) {
        return new DenseFeature(name, words, scale, Hashes.definition(name + '\n' + scale + '\n' + meaning));
    }

    /** Fills the features as of the end of that bucket; buckets after it do not count. */
    void fill(long newestKnown, float[] into, int offset) {
        int at = offset;
        for (int window : windowBuckets) {
            int[] counts = counts(newestKnown, window);
            for (int count : counts) {
                into[at++] = count;
            }
            into[at++] = Arrays.stream(counts).sum();
        }
        int[] minute = counts(newestKnown, MINUTE);
        int[] fiveMinutes = counts(newestKnown, FIVE_MINUTES);
        int[] usual = counts(newestKnown, USUAL);
        int lastMinute = Arrays.stream(minute).sum();
        double active = active(newestKnown);
        into[at++] = (float) active;
        into[at++] = Arrays.stream(fiveMinutes).sum() / 5f;
        into[at++] = sum(fiveMinutes, arrivals) / 5f;
        into[at++] = sum(fiveMinutes, departures) / 5f;
        into[at++] = active == 0 ? 0 : (float) (lastMinute / active);
        into[at++] = (float) Math.log(
                (1.0 + lastMinute) / (1.0 + (double) Arrays.stream(usual).sum() * MINUTE / USUAL));
        int arrived = sum(usual, arrivals);
        into[at] = arrived == 0 ? 0 : (float) sum(minute, arrivals) / arrived;
    }

    private double active(long newestKnown) {
        ActiveSketch active = new ActiveSketch();
        last(newestKnown, MINUTE).forEach(bucket -> active.add(bucket.active));
        return active.estimate();
    }

    /** Events by type in the last of the known buckets. */
    private int[] counts(long newestKnown, int count) {
        int[] counts = new int[types.size()];
        for (ContextBucket bucket : last(newestKnown, count)) {
            for (int type = 0; type < counts.length; type++) {
                counts[type] += bucket.counts[type];
            }
        }
        return counts;
    }

    private Collection<ContextBucket> last(long newestKnown, int count) {
        return buckets.subMap(newestKnown - count + 1, newestKnown + 1).values();
    }

    private static int sum(int[] counts, boolean[] which) {
        int sum = 0;
        for (int type = 0; type < counts.length; type++) {
            sum += which[type] ? counts[type] : 0;
        }
        return sum;
    }
}
