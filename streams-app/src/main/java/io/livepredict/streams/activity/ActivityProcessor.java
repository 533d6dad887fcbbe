package io.livepredict.streams.activity;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.activity.ActivityOutput.FeatureRow;
import io.livepredict.streams.activity.ActivityOutput.WatermarkAdvance;
import io.livepredict.streams.commit.PreCommitStore;
import io.livepredict.streams.ingest.DeadLetterRecords;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.ingest.IngestedEvent;
import io.livepredict.streams.state.EntityKey;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.LoggedStore;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Drops repeats, sends late events to the dead letters, adds the rest to their entity's activity, and sends on a row for
 * each. One store read and one write per event.
 *
 * <p>Keeps the task's watermark: the highest event time less the grace, stored beside the entities before every commit, so
 * that a restart decides what is late exactly as if there had been none. While a partition is silent, the wall clock
 * advances the watermark for the steps behind this one only. It never makes an event late, so a producer that was cut off
 * loses nothing.
 */
public final class ActivityProcessor implements Step<String, IngestedEvent> {
    private static final Duration EXPIRY_INTERVAL = Duration.ofSeconds(10);
    private static final int EXPIRY_SLICE = 1_000;
    private static final int WATERMARK_LAYOUT = 1;
    /** Entities' keys begin with 1. */
    private static final Bytes WATERMARK_KEY = Bytes.wrap(new byte[] {0});

    /** Two of these and the hash of a layout are the key under which the definition with that layout is stored. */
    private static final byte DEFINITION_PREFIX = 0;

    private static final Bytes FIRST_ENTITY_KEY = Bytes.wrap(new byte[] {1});

    /**
     * What every task's processor of one kind is made from. Its children are {@link NodeNames#score}, which gets {@link
     * ActivityOutput}s, {@link NodeNames#deadLetters}, and with context features {@link NodeNames#contextTally}, which gets
     * every {@link ActivityOutput} too.
     *
     * @param progress whether a silent task has read all there is
     * @param context how rows get features of their context; empty for none
     */
    public record Wiring(
            KindSetup setup,
            TimeSettings time,
            InputProgress progress,
            ActivityCounters counters,
            Optional<ContextAccess> context) {
        /** The schema of the rows' vectors. */
        public FeatureSchema schema() {
            return FeatureDefinitions.schema(
                    setup.definition(), context.map(ContextAccess::features).orElse(List.of()));
        }

        /** The supplier to add to a topology; it brings the stores. */
        public ProcessorSupplier<String, IngestedEvent, Object, Object> supplier() {
            NodeNames names = setup.names();
            LoggedStore<Bytes> entities = setup.stores().store(names.activity());
            return new StepSupplier<>(
                    task -> new ActivityProcessor(this, entities.of(task), task),
                    entities.builder(),
                    PreCommitStore.builder(names.activityCommit()));
        }
    }

    /**
     * How a row gets the features of its context.
     *
     * @param features what the reader fills
     * @param reader made once per task, when the task starts
     */
    public record ContextAccess(List<DenseFeature> features, Function<ProcessorContext<?, ?>, ContextFeatures> reader) {
        public ContextAccess {
            features = List.copyOf(features);
        }
    }

    /** What reads values that were written under a former definition. */
    private record Former(EntityActivity activity, LayoutMapping mapping) {}

    private final Wiring wiring;
    private final String rowsNode;
    private final String tallyNode;
    private final String deadLettersNode;
    private final ProcessorContext<Object, Object> task;
    private final KeyValueStore<Bytes, byte[]> store;
    private final RecentValues recent;
    private final long graceMillis;
    private final long retentionMillis;
    private final EntityActivity activity;
    private final FeatureVector vector;
    private final ContextFeatures contextFeatures;
    /** By layout hash. */
    private final Map<Integer, Former> formers = new HashMap<>();

    private boolean definitionStored;
    private long watermarkMillis = Long.MIN_VALUE;
    private long storedWatermarkMillis = Long.MIN_VALUE;
    /** How far the clock has last let time advance without events. */
    private long quietUntilMillis = Long.MIN_VALUE;

    private long lastArrivalMillis;
    private long lastLookMillis;
    private Bytes expiryCursor = FIRST_ENTITY_KEY;

    private ActivityProcessor(
            Wiring wiring, KeyValueStore<Bytes, byte[]> store, ProcessorContext<Object, Object> task) {
        this.wiring = wiring;
        this.store = store;
        this.task = task;
        NodeNames names = wiring.setup().names();
        rowsNode = names.score();
        tallyNode = names.contextTally();
        deadLettersNode = names.deadLetters();
        graceMillis = wiring.time().grace().toMillis();
        retentionMillis = wiring.time().retention().toMillis();
        activity = new EntityActivity(wiring.setup().definition());
        vector = new FeatureVector(wiring.schema());
        byte[] saved = store.get(WATERMARK_KEY);
        if (saved != null) {
            watermarkMillis = readWatermark(saved);
            storedWatermarkMillis = watermarkMillis;
        }
        readFormerDefinitions();
        contextFeatures = wiring.context()
                .map(access -> access.reader().apply(task))
                .orElse((contextId, asOf, dense, offset) -> {});
        recent = new RecentValues(store, wiring.setup().stores().recent());
        lastArrivalMillis = now();
        PreCommitStore preCommit = task.getStateStore(names.activityCommit());
        preCommit.onPreCommit(this::storeBeforeCommit);
        wiring.time()
                .idleAfter()
                .ifPresent(idle -> task.schedule(
                        lookInterval(idle),
                        PunctuationType.WALL_CLOCK_TIME,
                        ignored -> advanceWhenIdle(idle.toMillis())));
        task.schedule(EXPIRY_INTERVAL, PunctuationType.WALL_CLOCK_TIME, ignored -> expire());
    }

    @Override
    public void process(Record<String, IngestedEvent> record) {
        IngestedEvent ingested = record.value();
        Event event = ingested.event();
        lastArrivalMillis = now();

        Bytes key = EntityKey.of(event.entityId());
        load(recent.get(key), event.timeMillis());
        if (activity.hasSeen(event)) {
            wiring.counters().repeated();
            return;
        }
        if (event.timeMillis() < watermarkMillis) {
            wiring.counters().late();
            forwardLate(ingested, event);
            return;
        }
        watermarkMillis = Math.max(watermarkMillis, reached(event, record.timestamp()) - graceMillis);
        activity.add(event);
        recent.put(key, activity.write());
        int end = activity.fill(vector);
        contextFeatures.fill(event.contextId(), activity.latestMillis(), vector.dense, end);
        wiring.counters().added();
        if (event.timeMillis() < quietUntilMillis) {
            wiring.counters().heldBack();
        }
        if (activity.droppedStays() > 0) {
            wiring.counters().stayDropped();
        }
        forward(new Record<>(
                record.key(),
                new FeatureRow(ingested, activity.latestMillis(), watermarkMillis, vector),
                record.timestamp(),
                record.headers()));
    }

    /**
     * How far event time has come with this event. One device whose clock is ahead must not make everyone else late, so an
     * event of a live source moves event time no further than to the time at which its record was sent.
     */
    private long reached(Event event, long transportMillis) {
        return wiring.time().isLive() ? Math.min(event.timeMillis(), transportMillis) : event.timeMillis();
    }

    private void forward(Record<Object, Object> output) {
        task.forward(output, rowsNode);
        if (wiring.context().isPresent()) {
            task.forward(output, tallyNode);
        }
    }

    private long now() {
        return wiring.setup().wallClockMillis().getAsLong();
    }

    /** Makes {@link #activity} that of the stored value, unless it is too old for an event of that time. */
    private void load(byte @Nullable [] stored, long eventTimeMillis) {
        if (stored == null) {
            activity.clear();
        } else if (!activity.read(stored) && !convert(stored)) {
            wiring.counters().unreadable();
        } else if (activity.latestMillis() < eventTimeMillis - retentionMillis) {
            wiring.counters().expired();
            activity.clear();
        }
    }

    /** Reads a value of a former definition. */
    private boolean convert(byte[] stored) {
        Former former = formers.get(EntityActivity.layoutHash(stored));
        if (former == null || !former.activity.read(stored)) {
            return false;
        }
        activity.copy(former.activity, former.mapping);
        wiring.counters().converted();
        return true;
    }

    private void readFormerDefinitions() {
        ActivityLayout own = new ActivityLayout(wiring.setup().definition());
        Bytes ownKey = definitionKey(own.hash);
        try (KeyValueIterator<Bytes, byte[]> definitions = store.range(WATERMARK_KEY, FIRST_ENTITY_KEY)) {
            while (definitions.hasNext()) {
                KeyValue<Bytes, byte[]> entry = definitions.next();
                KindDefinition definition = entry.key.get().length == 1 || entry.key.equals(ownKey)
                        ? null
                        : StoredDefinition.read(entry.value);
                if (definition != null) {
                    ActivityLayout layout = new ActivityLayout(definition);
                    formers.put(layout.hash, new Former(new EntityActivity(layout), new LayoutMapping(layout, own)));
                }
            }
        }
        definitionStored = store.get(ownKey) != null;
    }

    private static Bytes definitionKey(int hash) {
        return Bytes.wrap(ByteBuffer.allocate(6)
                .put(DEFINITION_PREFIX)
                .put(DEFINITION_PREFIX)
                .putInt(hash)
                .array());
    }

    private void forwardLate(IngestedEvent ingested, Event event) {
        String message = "event " + event.eventId() + " of " + event.timeMillis() + " is "
                + (watermarkMillis - event.timeMillis())
                + " ms behind the watermark; a longer time.grace would take it";
        task.forward(DeadLetterRecords.of(ingested.source(), DeadLetterReason.LATE, message, now()), deadLettersNode);
    }

    /**
     * Lets time advance without events, up to the moment until which it is known that there were none. A task that receives
     * nothing may also be cut off, held up, or waiting for a backlog; then its silence proves nothing.
     */
    private void advanceWhenIdle(long idleMillis) {
        long now = now();
        long interval = lookInterval(Duration.ofMillis(idleMillis)).toMillis();
        if (now - lastLookMillis > 2 * interval) {
            // The thread was held up, in a commit or a rebalance: what arrived meanwhile has not been looked at yet.
            lastArrivalMillis = now;
        }
        lastLookMillis = now;
        if (now - lastArrivalMillis < interval) {
            return;
        }
        InputProgress.Known known =
                wiring.progress().known(wiring.setup().kind(), task.taskId().partition());
        long silentSince = Math.max(lastArrivalMillis, known.unknownMillis());
        if (known.readUntilMillis() < silentSince + idleMillis) {
            return;
        }
        long reached = known.readUntilMillis() - idleMillis - graceMillis;
        if (reached > Math.max(watermarkMillis, quietUntilMillis)) {
            quietUntilMillis = reached;
            forward(new Record<>("", new WatermarkAdvance(reached), now));
        }
    }

    /** How often a task looks whether it is idle. */
    public static Duration lookInterval(Duration idleAfter) {
        return Duration.ofMillis(Math.max(1, Math.min(1000, idleAfter.toMillis() / 2)));
    }

    /** Looks at the next few entities and forgets those that are too old for any event that may still come. */
    private void expire() {
        if (watermarkMillis == Long.MIN_VALUE) {
            return;
        }
        List<Bytes> expired = new ArrayList<>();
        Bytes next = FIRST_ENTITY_KEY;
        try (KeyValueIterator<Bytes, byte[]> iterator = range(store, expiryCursor)) {
            for (int i = 0; iterator.hasNext(); i++) {
                if (i == EXPIRY_SLICE) {
                    next = iterator.peekNextKey();
                    break;
                }
                KeyValue<Bytes, byte[]> entry = iterator.next();
                if (EntityActivity.latestMillis(entry.value) < watermarkMillis - retentionMillis) {
                    expired.add(entry.key);
                }
            }
        }
        for (Bytes entity : expired) {
            recent.delete(entity);
            wiring.counters().expired();
        }
        expiryCursor = next;
    }

    @SuppressWarnings("NullAway") // null is "to the end"; Kafka's jar carries no annotations
    private static KeyValueIterator<Bytes, byte[]> range(KeyValueStore<Bytes, byte[]> store, Bytes from) {
        return store.range(from, null);
    }

    private void storeBeforeCommit() {
        if (!definitionStored) {
            KindDefinition definition = wiring.setup().definition();
            store.put(definitionKey(new ActivityLayout(definition).hash), StoredDefinition.write(definition));
            definitionStored = true;
        }
        if (watermarkMillis == storedWatermarkMillis) {
            return;
        }
        StateWriter out = new StateWriter();
        out.writeByte(WATERMARK_LAYOUT);
        out.writeLong(watermarkMillis);
        store.put(WATERMARK_KEY, out.toBytes());
        storedWatermarkMillis = watermarkMillis;
    }

    private static long readWatermark(byte[] saved) {
        StateReader in = new StateReader();
        in.reset(saved);
        int version = in.readByte();
        if (version != WATERMARK_LAYOUT) {
            throw new IllegalStateException("the stored watermark has layout " + version + ", this build reads "
                    + WATERMARK_LAYOUT + ": go back to the build that wrote it, or reset the application's state");
        }
        return in.readLong();
    }

    @Override
    public void close() {
        recent.close();
    }
}
