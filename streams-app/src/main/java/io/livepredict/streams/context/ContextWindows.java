package io.livepredict.streams.context;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Scale;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The recent buckets of one room or match, and the features made of them. As of a time t only buckets that were closed
 * at or before t - 10 s count, however many later ones are known: what a reader sees does not depend on how late it
 * reads. Not safe for use from several threads.
 */
final class ContextWindows {
    /** Of the value in stores and topics, apart from the definition. */
    static final int LAYOUT = 1;

    private static final long DELAY_MILLIS = 10_000;
    private static final int MINUTE = 6;
    /** Readers may be this many buckets behind the newest: ten minutes. */
    private static final int SLACK = 60;

    private final int types;
    private final boolean[] arrivals;
    private final int[] windowBuckets;
    private final int hash;
    private final TreeMap<Long, ContextBucket> buckets = new TreeMap<>();
    private final StateReader in = new StateReader();
    private final StateWriter out = new StateWriter();

    ContextWindows(KindDefinition definition) {
        types = definition.eventTypes().size();
        arrivals = new boolean[types];
        for (String start : definition.sessionStart()) {
            arrivals[definition.eventTypes().indexOf(start)] = true;
        }
        windowBuckets = definition.windows().stream()
                .mapToInt(window -> (int) ((window.toMillis() + ContextBucket.MILLIS - 1) / ContextBucket.MILLIS))
                .toArray();
        hash = (definition.eventTypes() + " " + definition.windows()).hashCode();
    }

    void clear() {
        buckets.clear();
    }

    /** Adds a part of a bucket; false if it is older than all that is kept. */
    boolean add(long index, ContextBucket part) {
        if (!buckets.isEmpty() && index < oldestKept()) {
            return false;
        }
        ContextBucket bucket = buckets.computeIfAbsent(index, i -> new ContextBucket(types));
        bucket.add(part);
        buckets.headMap(oldestKept()).clear();
        return true;
    }

    /** Number of the newest bucket, {@code Long.MIN_VALUE} for none. */
    long newest() {
        return buckets.isEmpty() ? Long.MIN_VALUE : buckets.lastKey();
    }

    private long oldestKept() {
        return buckets.lastKey() - longest() - SLACK + 1;
    }

    private int longest() {
        return Math.max(MINUTE, windowBuckets[windowBuckets.length - 1]);
    }

    byte[] write() {
        out.reset();
        out.writeByte(LAYOUT);
        out.writeInt(hash);
        out.writeSigned(newest());
        out.writeVarint(buckets.size());
        long after = newest();
        for (Map.Entry<Long, ContextBucket> entry : buckets.descendingMap().entrySet()) {
            out.writeVarint(after - entry.getKey());
            after = entry.getKey();
            // Who was active is asked of the last minute only, by readers that may be behind.
            entry.getValue().write(out, newest() - after < MINUTE + SLACK);
        }
        return out.toBytes();
    }

    /**
     * Becomes that stored value.
     *
     * @return false, and empty, if it has another layout or cannot be read
     */
    boolean read(byte[] value) {
        buckets.clear();
        try {
            in.reset(value);
            if (in.readByte() == LAYOUT && in.readInt() == hash) {
                long index = in.readSigned();
                for (int i = in.readCount(); i > 0; i--) {
                    index -= in.readVarint();
                    ContextBucket bucket = new ContextBucket(types);
                    bucket.read(in);
                    buckets.put(index, bucket);
                }
                return true;
            }
        } catch (IndexOutOfBoundsException e) {
            buckets.clear(); // not what this class wrote: as good as no value
        }
        return false;
    }

    /** Number of the newest bucket that may be known as of that time. */
    static long newestKnown(long asOfMillis) {
        return ContextBucket.index(asOfMillis - DELAY_MILLIS) - 1;
    }

    /** The features, in the order of {@link #fill}. */
    static List<DenseFeature> describe(KindDefinition definition) {
        String here = definition.kind() == Kind.VIEWER ? " in the room" : " in the match";
        String closed = "of all entities in the context, in buckets of 10 s closed at or before as-of - 10 s";
        List<DenseFeature> features = new ArrayList<>();
        for (var window : definition.windows()) {
            long millis = window.toMillis();
            String name = "context." + (millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms");
            String words = " in the last " + (millis % 60_000 == 0 ? millis / 60_000 + " min" : millis / 1000 + " s");
            for (String type : definition.eventTypes()) {
                String events = type.toLowerCase(Locale.ROOT).replace('_', ' ') + " events" + here;
                features.add(feature(name + ".count." + type, events + words, Scale.COUNT, closed));
            }
            features.add(feature(name + ".count.any", "events" + here + words, Scale.COUNT, closed));
        }
        features.add(feature("context.active", "how many are active" + here, Scale.COUNT, "last minute, " + closed));
        features.add(feature(
                "context.trend",
                "more activity than usual" + here,
                Scale.PLAIN,
                "ln of events in the last minute, plus 1, over their mean per minute in the longest window, plus 1, "
                        + closed));
        features.add(feature(
                "context.arrivals",
                "share of arrivals" + here + " that were in the last minute",
                Scale.PLAIN,
                "starts in the last minute over those in the longest window, 0 for none, " + closed));
        return features;
    }

    private static DenseFeature feature(String name, String words, Scale scale, String meaning) {
        return new DenseFeature(name, words, scale, Hashes.definition(name + '\n' + scale + '\n' + meaning));
    }

    /** Fills the features as of the end of that bucket; buckets after it do not count. */
    void fill(long newestKnown, float[] into, int offset) {
        int at = offset;
        int[] totals = new int[types];
        int[] minute = new int[types];
        long[] active = new long[ContextBucket.BITS / Long.SIZE];
        int done = 0;
        for (int window : windowBuckets) {
            add(totals, newestKnown - window, newestKnown - done);
            done = window;
            int any = 0;
            for (int total : totals) {
                into[at++] = total;
                any += total;
            }
            into[at++] = any;
        }
        add(totals, newestKnown - longest(), newestKnown - done);
        add(minute, newestKnown - MINUTE, newestKnown);
        for (ContextBucket bucket :
                buckets.subMap(newestKnown - MINUTE + 1, newestKnown + 1).values()) {
            for (int i = 0; i < active.length; i++) {
                active[i] |= bucket.active[i];
            }
        }
        int lastMinute = Arrays.stream(minute).sum();
        int usual = Arrays.stream(totals).sum();
        into[at++] = (float) ContextBucket.estimate(active);
        into[at++] = (float) Math.log((1.0 + lastMinute) / (1.0 + (double) usual * MINUTE / longest()));
        int arrivedLately = arrived(minute);
        int arrived = arrived(totals);
        into[at] = arrived == 0 ? 0 : (float) arrivedLately / arrived;
    }

    private int arrived(int[] counts) {
        int arrived = 0;
        for (int type = 0; type < types; type++) {
            arrived += arrivals[type] ? counts[type] : 0;
        }
        return arrived;
    }

    /** Adds the counts of the buckets in (after, to]. */
    private void add(int[] totals, long after, long to) {
        if (after >= to) {
            return;
        }
        for (ContextBucket bucket : buckets.subMap(after + 1, to + 1).values()) {
            for (int type = 0; type < types; type++) {
                totals[type] += bucket.counts[type];
            }
        }
    }
}
