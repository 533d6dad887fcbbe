package io.livepredict.streams.outlook;

import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.streams.outlook.OutlookPart.Sums;
import io.livepredict.streams.targets.TargetPlan;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Reads one kind's outlook from the two stores of a task that adds it up, for whoever asks: who is present in a context as of
 * the last bucket that is over, and what was scored there in the last {@link #BUCKETS} of them. Changes nothing; may be used
 * from any thread while the task works, and then speaks of a moment that has just passed.
 */
public final class OutlookView {
    /**
     * The last minute, or the longest horizon where that is shorter, for buckets go once they are labelled: one bucket alone has
     * few snapshots where little happens.
     */
    static final int BUCKETS = 6;

    private final TargetPlan plan;

    /** @param targets those of the kind */
    public OutlookView(KindDefinition definition, List<Target> targets) {
        plan = new TargetPlan(definition, targets);
    }

    /**
     * A task's stores.
     *
     * @param buckets what is known of contexts' buckets
     * @param present how many are present
     */
    public record Stores(ReadOnlyKeyValueStore<Bytes, byte[]> buckets, ReadOnlyKeyValueStore<String, byte[]> present) {}

    /**
     * What is expected of one context.
     *
     * @param endMillis end of the last bucket that is over
     * @param present entities, as of then
     * @param targets in configuration order
     */
    public record Room(String contextId, long endMillis, long present, List<Expected> targets) {}

    /**
     * For one target.
     *
     * @param snapshots of the last minute with a score for it
     * @param scoreSum the sum of their scores
     * @param lowestVersion of a model that made one of them; 0 for a prior, and where there are none
     * @param highestVersion likewise
     */
    public record Expected(String target, long snapshots, double scoreSum, long lowestVersion, long highestVersion) {
        /** How many of those present are expected to; NaN while nothing says. */
        public double of(long present) {
            return snapshots == 0 ? present == 0 ? 0 : Double.NaN : scoreSum / snapshots * present;
        }
    }

    /** A context of which nothing is known in this task is null. */
    public @Nullable Room room(Stores stores, String contextId) {
        byte[] closed = closed(stores);
        if (closed == null || contextId.equals(OutlookMergeProcessor.CLOSED_KEY)) {
            return null;
        }
        long last = number(closed);
        OutlookPart sum = new OutlookPart(last);
        for (long bucket = last - BUCKETS + 1; bucket <= last; bucket++) {
            add(sum, stores.buckets.get(new BucketKey(bucket, bucket, contextId).bytes()));
        }
        byte[] present = stores.present.get(contextId);
        return present == null && sum.targets.isEmpty()
                ? null
                : room(contextId, last, present == null ? 0 : Math.max(0, number(present)), sum);
    }

    /** Every context of this task in which anybody is present, in no order. */
    public List<Room> rooms(Stores stores) {
        List<Room> rooms = new ArrayList<>();
        byte[] closed = closed(stores);
        if (closed == null) {
            return rooms;
        }
        long last = number(closed);
        Map<String, OutlookPart> sums = new HashMap<>();
        try (KeyValueIterator<Bytes, byte[]> all =
                stores.buckets.range(BucketKey.first(last - BUCKETS + 1), BucketKey.first(last + 1))) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> entry = all.next();
                add(
                        sums.computeIfAbsent(BucketKey.of(entry.key).contextId(), absent -> new OutlookPart(last)),
                        entry.value);
            }
        }
        try (KeyValueIterator<String, byte[]> all = stores.present.all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> entry = all.next();
                if (!entry.key.equals(OutlookMergeProcessor.CLOSED_KEY) && number(entry.value) > 0) {
                    OutlookPart sum = sums.getOrDefault(entry.key, new OutlookPart(last));
                    rooms.add(room(entry.key, last, number(entry.value), sum));
                }
            }
        }
        return rooms;
    }

    private static byte @Nullable [] closed(Stores stores) {
        return stores.present.get(OutlookMergeProcessor.CLOSED_KEY);
    }

    private static void add(OutlookPart sum, byte @Nullable [] stored) {
        OutlookPart part = OutlookPart.read(stored);
        if (part != null) {
            sum.add(part);
        }
    }

    private Room room(String contextId, long bucket, long present, OutlookPart sum) {
        List<Expected> targets = new ArrayList<>();
        for (TargetPlan.Planned planned : plan.targets) {
            Sums sums = sum.targets.getOrDefault(planned.reference, new Sums());
            targets.add(new Expected(
                    planned.target.name(), sums.snapshots, sums.scores(), sums.lowestVersion, sums.highestVersion));
        }
        return new Room(contextId, Buckets.end(bucket), present, targets);
    }

    private static long number(byte[] stored) {
        return ByteBuffer.wrap(stored).getLong();
    }
}
