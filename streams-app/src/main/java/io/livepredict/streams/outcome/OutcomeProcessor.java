package io.livepredict.streams.outcome;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.outcome.DeadlineQueue.Due;
import io.livepredict.streams.outcome.OpenSnapshots.Open;
import io.livepredict.streams.outcome.PendingSnapshot.ServedTarget;
import io.livepredict.streams.outcome.TargetPlan.Group;
import io.livepredict.streams.outcome.TargetPlan.Planned;
import io.livepredict.streams.score.Reason;
import io.livepredict.streams.score.ScoreOutput;
import io.livepredict.streams.score.ScoreOutput.ScoredRow;
import io.livepredict.streams.state.EntityKey;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.state.StateWriter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Sends on predictions, and turns what happens later into labels. For each scored row, in this order: 1. forwards its
 * predictions; 2. emits the examples whose deadline the watermark has passed, which no event can decide any more and which
 * thus take no snapshot's place; 3. notes what its event decides among the entity's open snapshots; 4. logs a snapshot of it
 * where a target asks for one. Time is the watermark of rows that have come this far, never the wall clock, so the same rows
 * give the same examples.
 *
 * <p>Two stores: {@code pending} holds snapshots in the order of their deadlines ({@link PendingSnapshot}), {@code open}
 * holds per entity what coming events must be compared with ({@link OpenSnapshots}). One task's thread only.
 */
public final class OutcomeProcessor implements Processor<String, ScoreOutput, Object, Object> {
    /** Entities' keys in the open store begin with 1. */
    private static final Bytes EPOCHS_KEY = Bytes.wrap(new byte[] {0});

    /** A pending entry that is no snapshot: it only has its entity's last snapshot times looked at again. */
    private static final byte[] REMINDER = {0};

    private static final long REMINDER_SEQUENCE = -1;

    /**
     * What every task's processor of one kind is made from.
     *
     * @param targets those of this kind; scores are in their order
     * @param pendingStore where snapshots wait; its name is the store's name
     * @param openStore what coming events are compared with
     * @param recent how much of that is kept on the heap
     * @param changelogConfig topic settings of the changelogs
     * @param wallClockMillis stamps examples
     * @param predictionsNode child that gets {@link Prediction}s keyed by entity
     * @param examplesNode child that gets {@link LabelledExample}s keyed by entity
     */
    public record Wiring(
            KindDefinition definition,
            FeatureSchema schema,
            List<Target> targets,
            OutcomeSettings settings,
            OutcomeCounters counters,
            LongSupplier wallClockMillis,
            KeyValueBytesStoreSupplier pendingStore,
            KeyValueBytesStoreSupplier openStore,
            RecentValues.Budget recent,
            Map<String, String> changelogConfig,
            String predictionsNode,
            String examplesNode) {
        public Wiring {
            targets = List.copyOf(targets);
            changelogConfig = Map.copyOf(changelogConfig);
        }

        /** The supplier to add to a topology; it brings the stores. */
        public ProcessorSupplier<String, ScoreOutput, Object, Object> supplier() {
            Wiring wiring = this;
            TargetPlan plan = new TargetPlan(definition, targets);
            return new ProcessorSupplier<>() {
                @Override
                public Processor<String, ScoreOutput, Object, Object> get() {
                    return new OutcomeProcessor(wiring, plan);
                }

                @Override
                public Set<StoreBuilder<?>> stores() {
                    return new LinkedHashSet<>(List.of(store(pendingStore), store(openStore)));
                }
            };
        }

        private StoreBuilder<KeyValueStore<Bytes, byte[]>> store(KeyValueBytesStoreSupplier supplier) {
            return Stores.keyValueStoreBuilder(supplier, Serdes.Bytes(), Serdes.ByteArray())
                    .withCachingDisabled()
                    .withLoggingEnabled(changelogConfig);
        }
    }

    private final Wiring wiring;
    private final TargetPlan plan;
    private final String schemaId;
    private final List<String> eventTypes;
    private final OpenSnapshots open = new OpenSnapshots();
    private final StateWriter writer = new StateWriter();
    private final boolean[] due;

    private @Nullable Task task;

    /** What there is from init on. */
    private record Task(
            ProcessorContext<Object, Object> context,
            DeadlineQueue pending,
            RecentValues open,
            KeyValueStore<Bytes, byte[]> epochsStore,
            TargetEpochs epochs,
            boolean epochsChanged) {}

    private OutcomeProcessor(Wiring wiring, TargetPlan plan) {
        this.wiring = wiring;
        this.plan = plan;
        schemaId = wiring.schema().id();
        eventTypes = wiring.definition().eventTypes();
        due = new boolean[plan.targets.size()];
    }

    @Override
    public void init(ProcessorContext<Object, Object> context) {
        KeyValueStore<Bytes, byte[]> pending =
                context.getStateStore(wiring.pendingStore().name());
        KeyValueStore<Bytes, byte[]> entities =
                context.getStateStore(wiring.openStore().name());
        byte[] saved = entities.get(EPOCHS_KEY);
        TargetEpochs stored = saved == null ? null : TargetEpochs.read(saved);
        TargetEpochs epochs = TargetEpochs.next(stored, plan);
        task = new Task(
                context,
                new DeadlineQueue(pending),
                new RecentValues(entities, wiring.recent()),
                entities,
                epochs,
                !epochs.equals(stored));
    }

    @Override
    public void process(Record<String, ScoreOutput> record) {
        Task at = task();
        if (at.epochsChanged) { // not in init: nothing may be written before there is something to commit
            at.epochsStore.put(EPOCHS_KEY, at.epochs.write());
            at = new Task(at.context, at.pending, at.open, at.epochsStore, at.epochs, false);
            task = at;
        }
        if (record.value() instanceof ScoredRow row) {
            predict(at, record, row);
        }
        emit(at, record, record.value().watermarkMillis());
        switch (record.value()) {
            case ScoredRow row -> {
                if (plan.concerns(row.event().type())) {
                    follow(at, row);
                }
            }
            case ScoreOutput.WatermarkAdvance ignored -> {}
        }
    }

    private void predict(Task at, Record<String, ScoreOutput> record, ScoredRow row) {
        float[] scores = row.scores();
        if (scores == null) {
            return;
        }
        for (Planned planned : plan.targets) {
            if (planned.predictedAt(row.event().type())) {
                Prediction prediction = prediction(row, planned, scores[planned.index]);
                at.context.forward(
                        new Record<Object, Object>(
                                row.event().entityId(), prediction, record.timestamp(), record.headers()),
                        wiring.predictionsNode());
                wiring.counters().predicted(planned.target);
            }
        }
    }

    private Prediction prediction(ScoredRow row, Planned planned, float score) {
        Event event = row.event();
        Prediction prediction = new Prediction();
        prediction.setKind(wiring.definition().kind().id());
        prediction.setEntityId(event.entityId());
        prediction.setContextId(event.contextId());
        prediction.setEventId(event.eventId());
        prediction.setEventType(eventTypes.get(event.type()));
        prediction.setEventTime(Instant.ofEpochMilli(event.timeMillis()));
        prediction.setTarget(planned.target.name());
        prediction.setScore(score);
        prediction.setModelName(row.model().name());
        prediction.setModelVersion(row.model().version());
        prediction.setModelHash(row.model().sha256());
        prediction.setScoredAt(Instant.ofEpochMilli(row.scoredAtMillis()));
        List<List<Reason>> reasons = row.reasons();
        if (reasons != null) {
            List<Reason> own = reasons.get(planned.index);
            if (!own.isEmpty()) {
                prediction.setReason1(own.get(0).words());
                prediction.setContribution1(own.get(0).contribution());
            }
            if (own.size() > 1) {
                prediction.setReason2(own.get(1).words());
                prediction.setContribution2(own.get(1).contribution());
            }
            if (own.size() > 2) {
                prediction.setReason3(own.get(2).words());
                prediction.setContribution3(own.get(2).contribution());
            }
        }
        return prediction;
    }

    /** Steps 3 and 4: one read, and a write only if something changed. */
    private void follow(Task at, ScoredRow row) {
        Event event = row.event();
        Bytes key = EntityKey.of(event.entityId());
        load(at, key);
        long context = Hashes.id64(event.contextId());
        boolean changed = decide(event, context);
        if (row.scores() != null) {
            changed |= snapshot(at, row, context);
        }
        if (changed) {
            open.prune(row.watermarkMillis());
            save(at, key);
        }
    }

    private boolean decide(Event event, long context) {
        boolean changed = false;
        for (int i = open.open.size() - 1; i >= 0; i--) {
            Open entry = open.open.get(i);
            if (event.timeMillis() <= entry.asOfMillis || event.timeMillis() > entry.deadlineMillis) {
                continue;
            }
            for (int j = entry.undecided - 1; j >= 0; j--) {
                Planned planned = plan.byReference(entry.references[j]);
                if (planned == null
                        || !planned.decidedBy(event.type())
                        || !planned.anywhere && entry.context != context) {
                    continue;
                }
                if (!planned.sum) {
                    entry.remove(j);
                    changed = true;
                } else if (!Double.isNaN(event.numbers()[planned.number])) {
                    entry.sums[j] += event.numbers()[planned.number];
                    changed = true;
                }
            }
            if (entry.undecided == 0) {
                open.open.remove(i);
            }
        }
        return changed;
    }

    private boolean snapshot(Task at, ScoredRow row, long context) {
        boolean any = false;
        long remindAt = Long.MIN_VALUE;
        Arrays.fill(due, false);
        for (Group group : plan.groups) {
            if (!group.snapshotOn[row.event().type()]) {
                continue;
            }
            long last = open.lastOf(context, group.reference);
            if (last != Long.MIN_VALUE && row.asOfMillis() - last < group.everyMillis) {
                continue;
            }
            for (Planned planned : group.targets) {
                due[planned.index] = true;
            }
            if (group.everyMillis > 0) {
                open.setLast(context, group.reference, row.asOfMillis(), group.everyMillis);
                remindAt = Math.max(remindAt, row.asOfMillis() + group.everyMillis);
            }
            any = true;
        }
        if (!any) {
            return false;
        }
        long lastDeadline = Long.MIN_VALUE;
        for (long horizon : plan.horizonsMillis) {
            if (log(at, row, context, horizon)) {
                lastDeadline = row.asOfMillis() + horizon;
            }
        }
        if (remindAt > lastDeadline) {
            at.pending.put(new PendingKey(remindAt, row.event().entityId(), REMINDER_SEQUENCE).bytes(), REMINDER);
        }
        return true;
    }

    /** Logs the snapshot for the targets of that horizon that are due; false if there are none. */
    private boolean log(Task at, ScoredRow row, long context, long horizon) {
        List<ServedTarget> served = new ArrayList<>();
        float[] scores = row.scores();
        for (Planned planned : plan.targets) {
            if (due[planned.index] && planned.withinMillis == horizon && scores != null) {
                served.add(new ServedTarget(planned.target.name(), planned.definition, scores[planned.index]));
            }
        }
        if (served.isEmpty()) {
            return false;
        }
        if (open.open.size() >= wiring.settings().maxOpen()
                || open.pending >= wiring.settings().maxPending()) {
            wiring.counters().refused();
            return false;
        }
        Event event = row.event();
        long sequence = open.takeSequence();
        Open entry = new Open(sequence, row.asOfMillis(), row.asOfMillis() + horizon, context, served.size());
        for (ServedTarget target : served) {
            entry.add(TargetPlan.reference(target.name(), target.definition()));
        }
        open.open.add(entry);
        open.pending++;
        PendingSnapshot snapshot = new PendingSnapshot(
                at.epochs.epoch(),
                schemaId,
                event.contextId(),
                event.eventId(),
                event.timeMillis(),
                row.asOfMillis(),
                horizon,
                row.model(),
                served,
                row.vector());
        writer.reset();
        snapshot.write(writer);
        at.pending.put(new PendingKey(entry.deadlineMillis, event.entityId(), sequence).bytes(), writer.toBytes());
        wiring.counters().snapshot();
        return true;
    }

    /** Step 2. */
    private void emit(Task at, Record<String, ScoreOutput> record, long watermarkMillis) {
        for (Due next = at.pending.poll(watermarkMillis); next != null; next = at.pending.poll(watermarkMillis)) {
            PendingKey parsed = PendingKey.of(next.key());
            Bytes entity = EntityKey.of(parsed.entityId());
            load(at, entity);
            if (parsed.sequence() != REMINDER_SEQUENCE) {
                complete(at, record, parsed, next.value());
            }
            open.prune(watermarkMillis);
            save(at, entity);
        }
    }

    private void complete(Task at, Record<String, ScoreOutput> record, PendingKey key, byte[] value) {
        if (!open.knows(key.sequence())) {
            wiring.counters().unreadable(); // the entity's list was lost in between: what was decided is unknown
            return;
        }
        Open undecided = open.remove(key.deadlineMillis(), key.sequence());
        open.pending--;
        PendingSnapshot snapshot = PendingSnapshot.read(value);
        if (snapshot == null) {
            wiring.counters().unreadable();
            return;
        }
        List<TargetLabel> labels = labels(at, snapshot, undecided);
        if (!labels.isEmpty()) {
            LabelledExample example = example(key.entityId(), snapshot, labels);
            at.context.forward(
                    new Record<Object, Object>(key.entityId(), example, record.timestamp()), wiring.examplesNode());
        }
    }

    private List<TargetLabel> labels(Task at, PendingSnapshot snapshot, @Nullable Open undecided) {
        List<TargetLabel> labels = new ArrayList<>();
        for (ServedTarget served : snapshot.targets()) {
            int reference = TargetPlan.reference(served.name(), served.definition());
            Planned planned = plan.byReference(reference);
            int place = undecided == null ? -1 : undecided.indexOf(reference);
            if (planned == null
                    || !at.epochs.covers(planned, snapshot.epoch())
                    || planned.sum && (undecided == null || place < 0)) {
                wiring.counters().targetChanged();
                continue;
            }
            double label = planned.sum && undecided != null ? undecided.sums[place] : planned.label(place < 0);
            labels.add(new TargetLabel(served.name(), planned.definitionHash, label, (double) served.score()));
            wiring.counters().labelled(planned.target, label);
        }
        return labels;
    }

    private LabelledExample example(String entityId, PendingSnapshot snapshot, List<TargetLabel> labels) {
        FeatureVector vector = snapshot.vector();
        LabelledExample example = new LabelledExample();
        example.setEntityId(entityId);
        example.setContextId(snapshot.contextId());
        example.setEventId(snapshot.eventId());
        example.setEventTime(snapshot.eventMillis());
        example.setAsOf(snapshot.asOfMillis());
        example.setHorizonMs(snapshot.horizonMillis());
        example.setFeatureSchema(snapshot.schema());
        example.setDense(ByteBuffer.wrap(FeatureVector.bytes(vector.dense)));
        example.setSequenceTypes(ByteBuffer.wrap(FeatureVector.bytes(vector.sequenceTypes)));
        example.setSequenceGaps(ByteBuffer.wrap(FeatureVector.bytes(vector.sequenceGaps)));
        example.setIds(ByteBuffer.wrap(FeatureVector.bytes(vector.ids)));
        example.setLabels(labels);
        example.setModelVersion(snapshot.model().version());
        example.setModelHash(snapshot.model().sha256());
        example.setEmittedAt(wiring.wallClockMillis().getAsLong());
        return example;
    }

    private void load(Task at, Bytes entity) {
        byte[] stored = at.open.get(entity);
        if (stored == null) {
            open.clear();
        } else if (!open.read(stored)) {
            wiring.counters().unreadable();
        }
    }

    private void save(Task at, Bytes entity) {
        if (open.isEmpty()) {
            at.open.delete(entity);
        } else {
            at.open.put(entity, open.write());
        }
    }

    @Override
    public void close() {
        if (task != null) {
            task.open.close();
            task = null;
        }
    }

    private Task task() {
        if (task == null) {
            throw new IllegalStateException("process was called before init");
        }
        return task;
    }
}
