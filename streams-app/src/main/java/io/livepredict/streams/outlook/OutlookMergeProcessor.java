package io.livepredict.streams.outlook;

import io.livepredict.avro.Outlook;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.streams.outlook.OutlookPart.Sums;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.LoggedStore;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import io.livepredict.streams.targets.TargetPlan;
import io.livepredict.streams.targets.TargetPlan.Planned;
import io.livepredict.streams.time.OutputGate;
import io.livepredict.streams.time.PartitionTime;
import io.livepredict.streams.time.SourceAnnouncement;
import io.livepredict.streams.time.SourceTimes;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the parts of buckets that come from all tasks, and sends a context's bucket on once all tasks have come past its
 * end, and again with labels once they have come past the horizon. Time is that of the task that has come least far.
 *
 * <p>Two stores: what is known of contexts' buckets, under {@link BucketKey}s that are due with the bucket itself; and how
 * many are present in each context as of the last bucket that was closed, beside which that is. What was sent on is known by
 * them, so that nothing is sent twice after a restart.
 */
public final class OutlookMergeProcessor implements Step<String, byte[]> {
    /** No context has this name: events without one are not counted. */
    static final String CLOSED_KEY = "";

    private static final long NOTHING = Long.MIN_VALUE;
    /** So much longer than anybody is present without an event; {@code present-for} may have been longer before a restart. */
    private static final Duration SLACK = Duration.ofHours(1);

    /**
     * What every task's processor of one kind is made from.
     *
     * @param targets those of this kind
     * @param presentFor how long after its last event an entity counts as present
     * @param tasks how many tasks outcome has
     * @param gate which buckets are sent on, by the times of their ends
     * @param unreadable called when a part or a stored value was dropped because another build had written it
     */
    public record Wiring(
            KindSetup setup,
            List<Target> targets,
            Duration presentFor,
            int tasks,
            OutputGate gate,
            Runnable unreadable) {
        public Wiring {
            targets = List.copyOf(targets);
        }

        /** The supplier to add to a topology, behind the source of parts; it brings the stores. */
        public ProcessorSupplier<String, byte[], String, Outlook> supplier() {
            TargetPlan plan = new TargetPlan(setup.definition(), targets);
            NodeNames names = setup.names();
            LoggedStore<Bytes> buckets = setup.stores().store(names.outlookMerge());
            LoggedStore<String> present = setup.stores().storeByText(names.outlookPresent());
            return new StepSupplier<>(
                    task -> new OutlookMergeProcessor(this, plan, buckets.of(task), present.of(task), task),
                    buckets.builder(),
                    present.builder());
        }
    }

    private final Wiring wiring;
    private final Kind kind;
    private final TargetPlan plan;
    /** Distinct distances from a bucket to that with which labels of it are known, ascending. */
    private final long[] steps;

    private final KeyValueStore<Bytes, byte[]> buckets;
    private final KeyValueStore<String, byte[]> presentStore;
    private final ProcessorContext<String, Outlook> task;
    private final SourceTimes times;
    /** By context, without those in which nobody is. */
    private final TreeMap<String, Present> present = new TreeMap<>();

    /** After so many buckets without a part of it nobody is present in a context. */
    private final long silence;

    private long closed = NOTHING;
    /** Whether what a former configuration had left behind is gone. */
    private boolean swept;

    /**
     * Who is present in a context.
     *
     * @param count as of the last bucket that was closed; below zero while a part that says who came is behind one that says who
     *     went, or is lost
     * @param heard the last bucket of which a part came, since the start
     * @param below the bucket since which the count is below zero, since the start; {@link #NOTHING} if it is not
     */
    private record Present(long count, long heard, long below) {}

    private OutlookMergeProcessor(
            Wiring wiring,
            TargetPlan plan,
            KeyValueStore<Bytes, byte[]> buckets,
            KeyValueStore<String, byte[]> presentStore,
            ProcessorContext<String, Outlook> task) {
        this.wiring = wiring;
        this.kind = wiring.setup().kind();
        this.plan = plan;
        this.buckets = buckets;
        this.presentStore = presentStore;
        this.task = task;
        steps = Arrays.stream(plan.horizonsMillis)
                .map(Buckets::steps)
                .distinct()
                .sorted()
                .toArray();
        silence = Buckets.steps(wiring.presentFor().plus(SLACK).toMillis());
        times = SourceTimes.announced(Map.of(wiring.setup().names().outcome(), wiring.tasks()));
        try (KeyValueIterator<String, byte[]> all = presentStore.all()) {
            all.forEachRemaining(entry -> {
                long value = ByteBuffer.wrap(entry.value).getLong();
                if (entry.key.equals(CLOSED_KEY)) {
                    closed = value;
                } else {
                    present.put(entry.key, new Present(value, NOTHING, NOTHING));
                }
            });
        }
        present.replaceAll((contextId, here) -> new Present(here.count, closed, here.count < 0 ? closed : NOTHING));
    }

    @Override
    public void process(Record<String, byte[]> record) {
        if (SourceAnnouncement.KEY.equals(record.key())) {
            SourceAnnouncement said = SourceAnnouncement.read(record.value());
            if (said == null) {
                wiring.unreadable().run();
            } else {
                times.announced(said);
                close(record.timestamp());
            }
            return;
        }
        OutlookPart part = OutlookPart.read(record.value());
        if (part == null) {
            wiring.unreadable().run(); // sums miss that task's part of the bucket and nothing else
        } else {
            add(record.key(), part);
        }
    }

    private void add(String contextId, OutlookPart part) {
        boolean late = closed != NOTHING && part.bucket <= closed;
        if (late) {
            setPresent(contextId, count(contextId) + part.presence, closed);
            part.presence = 0;
        }
        if (late && part.bucket + steps[steps.length - 1] <= closed) {
            return; // nothing more is sent of it
        }
        BucketKey key = new BucketKey(part.bucket, part.bucket, contextId);
        OutlookPart known = read(buckets.get(key.bytes()), part.bucket);
        known.add(part);
        buckets.put(key.bytes(), known.write());
    }

    private OutlookPart read(byte @Nullable [] stored, long bucket) {
        OutlookPart known = OutlookPart.read(stored);
        if (known == null && stored != null) {
            wiring.unreadable().run();
        }
        return known == null ? new OutlookPart(bucket) : known;
    }

    private long count(String contextId) {
        Present here = present.get(contextId);
        return here == null ? 0 : here.count;
    }

    private void setPresent(String contextId, long count, long heard) {
        if (count == 0) {
            if (present.remove(contextId) != null) {
                presentStore.delete(contextId);
            }
            return;
        }
        Present before = present.get(contextId);
        long below = count >= 0 ? NOTHING : before == null || before.count >= 0 ? heard : before.below;
        present.put(contextId, new Present(count, heard, below));
        if (before == null || before.count != count) {
            presentStore.put(contextId, bytes(count));
        }
    }

    /** Closes the buckets that all tasks have come past. */
    private void close(long timestamp) {
        long time = times.labelTimeMillis();
        if (time == PartitionTime.NONE || closed != NOTHING && Buckets.lastClosed(time) <= closed) {
            return;
        }
        sweep();
        long last = Buckets.lastClosed(time);
        for (long next = next(); next <= last; next = next()) {
            closeOne(next, timestamp);
            for (long each : steps) {
                label(next - each, each, timestamp);
            }
            closed = next;
        }
        closed = last;
        presentStore.put(CLOSED_KEY, bytes(closed));
    }

    /** Deletes what only a longer horizon, which is configured no more, would have sent again. */
    private void sweep() {
        if (!swept && closed != NOTHING) {
            List<Bytes> over = new ArrayList<>();
            try (KeyValueIterator<Bytes, byte[]> all =
                    buckets.range(BucketKey.first(NOTHING), BucketKey.first(closed - steps[steps.length - 1] + 1))) {
                all.forEachRemaining(entry -> over.add(entry.key));
            }
            over.forEach(buckets::delete);
        }
        swept = true;
    }

    /** The next bucket with whose end there is anything to do. */
    private long next() {
        if (!present.isEmpty()) {
            return closed + 1;
        }
        long next = firstAfter(closed);
        for (long each : steps) {
            long labelled = firstAfter(closed == NOTHING ? NOTHING : closed - each);
            next = Math.min(next, labelled == Long.MAX_VALUE ? labelled : labelled + each);
        }
        return next;
    }

    /** The first bucket after that one of which anything is known; {@link Long#MAX_VALUE} for none. */
    private long firstAfter(long bucket) {
        try (KeyValueIterator<Bytes, byte[]> rest = from(bucket == NOTHING ? NOTHING : bucket + 1)) {
            return rest.hasNext() ? BucketKey.of(rest.peekNextKey()).bucket() : Long.MAX_VALUE;
        }
    }

    @SuppressWarnings("NullAway") // null is "to the end"; Kafka's jar carries no annotations
    private KeyValueIterator<Bytes, byte[]> from(long bucket) {
        return buckets.range(BucketKey.first(bucket), null);
    }

    /** What is known of a bucket, by context. */
    private TreeMap<String, OutlookPart> parts(long bucket) {
        TreeMap<String, OutlookPart> parts = new TreeMap<>();
        try (KeyValueIterator<Bytes, byte[]> all =
                buckets.range(BucketKey.first(bucket), BucketKey.first(bucket + 1))) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> entry = all.next();
                parts.put(BucketKey.of(entry.key).contextId(), read(entry.value, bucket));
            }
        }
        return parts;
    }

    private void closeOne(long bucket, long timestamp) {
        TreeMap<String, OutlookPart> parts = parts(bucket);
        TreeSet<String> contexts = new TreeSet<>(present.keySet());
        contexts.addAll(parts.keySet());
        boolean leaves = wiring.gate()
                        .withheld(
                                Buckets.end(bucket),
                                wiring.setup().wallClockMillis().getAsLong())
                == null;
        for (String contextId : contexts) {
            OutlookPart part = parts.getOrDefault(contextId, new OutlookPart(bucket));
            long here = Math.max(0, stay(contextId, parts.get(contextId), bucket));
            if (leaves && (here > 0 || !part.targets.isEmpty())) {
                for (Planned planned : plan.targets) {
                    send(outlook(contextId, here, part, planned), timestamp);
                }
            }
            BucketKey key = new BucketKey(bucket, bucket, contextId);
            if (!part.targets.isEmpty()) {
                part.presence = 0;
                part.sentPresent = leaves ? here : -1;
                buckets.put(key.bytes(), part.write());
            } else if (parts.containsKey(contextId)) {
                buckets.delete(key.bytes());
            }
        }
    }

    /** How many are present in a context when a bucket closes, of which that part came, or none. */
    private long stay(String contextId, @Nullable OutlookPart part, long bucket) {
        Present before = present.get(contextId);
        long count = count(contextId) + (part == null ? 0 : part.presence);
        if (before != null && count < 0 && before.count < 0 && bucket - before.below > silence) {
            setPresent(contextId, 0, bucket); // the part that says who came is not behind, it is lost
            return 0;
        }
        if (part != null || before == null) {
            setPresent(contextId, count, bucket);
        } else if (bucket - before.heard > silence) {
            setPresent(contextId, 0, bucket); // whoever is still counted has gone: that part was lost
            return 0;
        }
        return count;
    }

    /** Sends a bucket on again for the targets whose labels are known now. */
    private void label(long bucket, long distance, long timestamp) {
        parts(bucket).forEach((contextId, part) -> {
            for (Planned planned : plan.targets) {
                Sums sums = part.targets.get(planned.reference);
                if (sums != null && part.sentPresent >= 0 && Buckets.steps(planned.withinMillis) == distance) {
                    Outlook outlook = outlook(contextId, part.sentPresent, part, planned);
                    outlook.setLabelled(sums.labelled);
                    outlook.setLabelSum(sums.labels());
                    send(outlook, timestamp);
                }
            }
            if (distance == steps[steps.length - 1]) {
                buckets.delete(new BucketKey(bucket, bucket, contextId).bytes());
            }
        });
    }

    private Outlook outlook(String contextId, long here, OutlookPart part, Planned planned) {
        Sums sums = part.targets.getOrDefault(planned.reference, new Sums());
        Outlook outlook = new Outlook();
        outlook.setKind(kind.id());
        outlook.setContextId(contextId);
        outlook.setBucketStart(Instant.ofEpochMilli(Buckets.start(part.bucket)));
        outlook.setTarget(planned.target.name());
        outlook.setPresent(here);
        outlook.setSnapshots(sums.snapshots);
        outlook.setScoreSum(sums.scores());
        outlook.setLowestVersion(sums.lowestVersion);
        outlook.setHighestVersion(sums.highestVersion);
        return outlook;
    }

    private void send(Outlook outlook, long timestamp) {
        task.forward(new Record<>(outlook.getContextId(), outlook, timestamp));
    }

    private static byte[] bytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }
}
