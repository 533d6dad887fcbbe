package io.livepredict.streams.outcome;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Target;
import io.livepredict.streams.commit.PreCommitStore;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.outcome.OpenSnapshots.OpenSnapshot;
import io.livepredict.streams.outcome.PendingSnapshot.ServedTarget;
import io.livepredict.streams.output.EntityOutputs;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.output.Outputs;
import io.livepredict.streams.output.WithheldTally;
import io.livepredict.streams.score.ScoreOutput;
import io.livepredict.streams.score.ScoreOutput.ScoredRow;
import io.livepredict.streams.state.DeadlineQueue;
import io.livepredict.streams.state.DeadlineQueue.Due;
import io.livepredict.streams.state.EntityKey;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.state.StateWriter;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.LoggedStore;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import io.livepredict.streams.targets.TargetPlan;
import io.livepredict.streams.targets.TargetPlan.Group;
import io.livepredict.streams.targets.TargetPlan.Planned;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Sends on predictions, and turns what happens later into labels. For each scored row, in this order: 1. sends on
 * its predictions and alerts ({@link Outputs}); 2. emits the examples whose deadline label time has passed, which no event can decide any more and which
 * thus take no snapshot's place; 3. notes what its event decides among the entity's open snapshots; 4. logs a snapshot of it
 * where a target asks for one. Time is the label time of the rows that have come this far, never the wall clock, so the same rows
 * give the same examples.
 *
 * <p>Two stores: {@code pending} holds snapshots in the order of their deadlines ({@link PendingSnapshot}), {@code open}
 * holds per entity what coming events must be compared with ({@link OpenSnapshots}).
 */
public final class OutcomeProcessor implements Step<String, ScoreOutput> {
    /** Entities' keys in the open store begin with 1. */
    private static final Bytes EPOCHS_KEY = Bytes.wrap(new byte[] {0});

    /** A pending entry that is not a snapshot: when it comes due, its entity's last snapshot times are pruned. */
    private static final byte[] REMINDER = {0};

    private static final long REMINDER_SEQUENCE = -1;
    /** The same for what is remembered of an entity's outputs. */
    private static final long TIMER_SEQUENCE = -2;

    private static final Bytes WITHHELD_KEY = Bytes.wrap(new byte[] {0, 1});

    /**
     * What every task's processor of one kind is made from. Its children are {@link NodeNames#labelledExamples}, which gets
     * {@link LabelledExample}s, and those that {@link Outputs} sends to, all keyed by entity.
     *
     * @param targets those of this kind; scores are in their order
     * @param outputs what leaves besides labelled examples
     * @param erasurePartitions how many tasks each request to forget somebody goes to; 0 where none are taken
     */
    public record Wiring(
            KindSetup setup,
            FeatureSchema schema,
            List<Target> targets,
            OutcomeSettings settings,
            OutputSettings outputs,
            int erasurePartitions,
            OutcomeCounters counters) {
        public Wiring {
            targets = List.copyOf(targets);
        }

        private boolean withholds() {
            return targets.stream().anyMatch(target -> outputs.emissions().containsKey(target.name()));
        }

        /** The supplier to add to a topology; it brings the stores. */
        public ProcessorSupplier<String, ScoreOutput, Object, Object> supplier() {
            TargetPlan plan = new TargetPlan(setup.definition(), targets);
            LoggedStore<Bytes> pending = setup.stores().store(setup.names().pendingStore());
            LoggedStore<Bytes> entityLists = setup.stores().store(setup.names().openStore());
            List<StoreBuilder<?>> stores = new ArrayList<>(List.of(pending.builder(), entityLists.builder()));
            if (withholds() || erasurePartitions > 0) {
                stores.add(PreCommitStore.builder(setup.names().outcomeCommit()));
            }
            return new StepSupplier<>(
                    task -> new OutcomeProcessor(
                            this, plan, new DeadlineQueue(pending.of(task)), entityLists.of(task), task),
                    stores.toArray(StoreBuilder<?>[]::new));
        }
    }

    private final Wiring wiring;
    private final String examplesNode;
    private final TargetPlan plan;
    private final ProcessorContext<Object, Object> task;
    private final DeadlineQueue pending;
    private final KeyValueStore<Bytes, byte[]> store;
    /** By entity its {@link OpenSnapshots}, in front of the open store. */
    private final RecentValues entityLists;

    private final TargetEpochs epochs;
    private boolean epochsStored;
    private final String schemaId;
    /** Those of the entity that is being looked at. */
    private final OpenSnapshots undecided = new OpenSnapshots();

    private final WithheldTally withheld;
    private final Outputs outputs;
    private final Erasing erasing;
    private final StateWriter writer = new StateWriter();
    private final boolean[] due;

    private OutcomeProcessor(
            Wiring wiring,
            TargetPlan plan,
            DeadlineQueue pending,
            KeyValueStore<Bytes, byte[]> openStore,
            ProcessorContext<Object, Object> task) {
        this.wiring = wiring;
        this.plan = plan;
        this.pending = pending;
        this.store = openStore;
        this.task = task;
        examplesNode = wiring.setup().names().labelledExamples();
        schemaId = wiring.schema().id();
        due = new boolean[plan.targets.size()];
        byte[] saved = openStore.get(EPOCHS_KEY);
        TargetEpochs stored = saved == null ? null : TargetEpochs.read(saved);
        epochs = TargetEpochs.next(stored, plan);
        epochsStored = epochs.equals(stored);
        entityLists = new RecentValues(openStore, wiring.setup().stores().recent());
        withheld = new WithheldTally(openStore.get(WITHHELD_KEY));
        outputs =
                new Outputs(wiring.outputs(), wiring.setup(), plan, wiring.schema(), wiring.counters(), withheld, task);
        erasing =
                new Erasing(wiring.setup(), wiring.counters(), pending, entityLists, wiring.erasurePartitions(), task);
        if (wiring.withholds() || wiring.erasurePartitions() > 0) {
            PreCommitStore preCommit = task.getStateStore(wiring.setup().names().outcomeCommit());
            preCommit.onPreCommit(this::finishBeforeCommit);
            preCommit.onDiscard(erasing::discard);
        }
    }

    @Override
    public void process(Record<String, ScoreOutput> record) {
        if (!epochsStored) { // not in the constructor: nothing may be written before there is something to commit
            store.put(EPOCHS_KEY, epochs.write());
            epochsStored = true;
        }
        if (record.value() instanceof ScoredRow row) {
            if (erasing.has(row.event().entityId())) { // somebody who comes back starts from nothing
                erasing.finish();
            }
            send(record, row);
        }
        emit(record, record.value().labelTimeMillis());
        switch (record.value()) {
            case ScoredRow row -> {
                if (plan.concerns(row.event().type())) {
                    follow(row);
                }
            }
            case ScoreOutput.LabelTimeAdvance ignored -> {}
            case ScoreOutput.Erased erased -> erase(record, erased);
        }
        outputs.time(record);
    }

    /** Forgets an entity before the next commit. Only that its alerts are over is said now. */
    private void erase(Record<String, ScoreOutput> record, ScoreOutput.Erased erased) {
        erasing.add(erased);
        if (outputs.isStateful()) {
            String entityId = erased.erasure().entityId();
            load(EntityKey.of(entityId));
            outputs.erased(record, entityId, undecided.outputs);
        }
    }

    private void send(Record<String, ScoreOutput> record, ScoredRow row) {
        if (!outputs.isStateful()) {
            outputs.row(record, row, undecided.outputs);
            return;
        }
        Bytes key = EntityKey.of(row.event().entityId());
        load(key);
        if (outputs.row(record, row, undecided.outputs)) {
            setTimer(row.event().entityId());
            save(key);
        }
    }

    /** An entity has one timer for all its outputs, set for what comes first and again when it has gone off. */
    private void setTimer(String entityId) {
        long due = outputs.missingTimer(undecided.outputs);
        if (due != EntityOutputs.NEVER) {
            pending.put(new PendingKey(due, entityId, TIMER_SEQUENCE).bytes(), REMINDER);
            undecided.outputs.setTimer(due);
        }
    }

    /** Notes what the row's event decides and logs a snapshot of it: one read, and a write only if something changed. */
    private void follow(ScoredRow row) {
        Event event = row.event();
        Bytes key = EntityKey.of(event.entityId());
        load(key);
        long context = Hashes.id64(event.contextId());
        boolean changed = decide(event, context);
        if (row.scores() != null) {
            changed |= snapshot(row, context);
        }
        if (changed) {
            undecided.prune(row.labelTimeMillis());
            save(key);
        }
    }

    private boolean decide(Event event, long context) {
        boolean changed = false;
        for (int i = undecided.snapshots.size() - 1; i >= 0; i--) {
            OpenSnapshot entry = undecided.snapshots.get(i);
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
                undecided.snapshots.remove(i);
            }
        }
        return changed;
    }

    private boolean snapshot(ScoredRow row, long context) {
        boolean any = false;
        long remindAt = Long.MIN_VALUE;
        Arrays.fill(due, false);
        for (Group group : plan.groups) {
            if (!group.snapshotOn[row.event().type()]) {
                continue;
            }
            long last = undecided.lastOf(context, group.reference);
            if (last != Long.MIN_VALUE && row.asOfMillis() - last < group.everyMillis) {
                continue;
            }
            if (last == Long.MIN_VALUE && group.everyMillis > 0 && !undecided.hasRoomForLast(row.asOfMillis())) {
                wiring.counters().refused();
                continue;
            }
            for (Planned planned : group.targets) {
                due[planned.index] = true;
            }
            if (group.everyMillis > 0) {
                undecided.setLast(context, group.reference, row.asOfMillis(), group.everyMillis);
                remindAt = Math.max(remindAt, row.asOfMillis() + group.everyMillis);
            }
            any = true;
        }
        if (!any) {
            return false;
        }
        long lastDeadline = Long.MIN_VALUE;
        for (long horizon : plan.horizonsMillis) {
            if (log(row, context, horizon)) {
                lastDeadline = row.asOfMillis() + horizon;
            }
        }
        if (remindAt > lastDeadline) {
            pending.put(new PendingKey(remindAt, row.event().entityId(), REMINDER_SEQUENCE).bytes(), REMINDER);
        }
        return true;
    }

    /** Logs the snapshot for the targets of that horizon that are due; false if there are none. */
    private boolean log(ScoredRow row, long context, long horizon) {
        List<ServedTarget> served = new ArrayList<>();
        float[] scores = row.scores();
        for (Planned planned : plan.targets) {
            if (due[planned.index] && planned.withinMillis == horizon && scores != null) {
                served.add(new ServedTarget(
                        planned.target.name(),
                        planned.definition,
                        scores[planned.index],
                        row.origins().isPrior(planned.index)));
            }
        }
        if (served.isEmpty()) {
            return false;
        }
        if (undecided.openAt(row.asOfMillis()) >= wiring.settings().maxOpen()
                || undecided.pendingCount >= wiring.settings().maxPending()) {
            wiring.counters().refused();
            return false;
        }
        Event event = row.event();
        long sequence = undecided.takeSequence();
        OpenSnapshot entry =
                new OpenSnapshot(sequence, row.asOfMillis(), row.asOfMillis() + horizon, context, served.size());
        for (ServedTarget target : served) {
            entry.add(TargetPlan.reference(target.name(), target.definition()));
        }
        for (Planned planned : plan.targets) {
            if (due[planned.index] && planned.withinMillis == horizon && scores != null) {
                outputs.snapshot(row, planned, scores[planned.index]);
            }
        }
        undecided.snapshots.add(entry);
        undecided.pendingCount++;
        PendingSnapshot snapshot = new PendingSnapshot(
                epochs.epoch(),
                schemaId,
                PendingSnapshot.Moment.of(event, row.asOfMillis()),
                horizon,
                new PendingSnapshot.Served(row.origins().model(), served),
                row.vector());
        writer.reset();
        snapshot.write(writer);
        pending.put(new PendingKey(entry.deadlineMillis, event.entityId(), sequence).bytes(), writer.toBytes());
        wiring.counters().snapshot();
        return true;
    }

    /** Emits the examples whose deadline label time has passed. */
    private void emit(Record<String, ScoreOutput> record, long labelTimeMillis) {
        for (Due next = pending.poll(labelTimeMillis); next != null; next = pending.poll(labelTimeMillis)) {
            PendingKey parsed = PendingKey.of(next.key());
            if (erasing.has(parsed.entityId())) {
                erasing.found(parsed.entityId());
                continue;
            }
            Bytes entity = EntityKey.of(parsed.entityId());
            load(entity);
            if (parsed.sequence() == TIMER_SEQUENCE) {
                timer(record, parsed, labelTimeMillis);
            } else if (parsed.sequence() != REMINDER_SEQUENCE) {
                complete(record, parsed, next.value());
            }
            undecided.prune(labelTimeMillis);
            save(entity);
        }
    }

    private void timer(Record<String, ScoreOutput> record, PendingKey key, long labelTimeMillis) {
        if (outputs.isStateful()) {
            outputs.due(record, key.entityId(), undecided.outputs, key.deadlineMillis(), labelTimeMillis);
            setTimer(key.entityId());
        }
    }

    private void complete(Record<String, ScoreOutput> record, PendingKey key, byte[] value) {
        if (!undecided.knows(key.sequence())) {
            wiring.counters().unreadable(); // the entity's list was lost in between: what was decided is unknown
            return;
        }
        OpenSnapshot open = undecided.remove(key.deadlineMillis(), key.sequence());
        undecided.pendingCount--;
        PendingSnapshot snapshot = PendingSnapshot.read(value);
        if (snapshot == null) {
            wiring.counters().unreadable();
            return;
        }
        List<TargetLabel> labels = labels(snapshot, open);
        if (!labels.isEmpty()) {
            LabelledExample example = example(key.entityId(), snapshot, labels);
            task.forward(new Record<Object, Object>(key.entityId(), example, record.timestamp()), examplesNode);
        }
    }

    private List<TargetLabel> labels(PendingSnapshot snapshot, @Nullable OpenSnapshot open) {
        List<TargetLabel> labels = new ArrayList<>();
        long asOf = snapshot.moment().asOfMillis();
        if (wiring.settings().isRenamed(asOf, asOf + snapshot.horizonMillis())) {
            snapshot.served().targets().forEach(dropped -> wiring.counters().targetChanged());
            return labels; // what the entity did afterwards, it did under another id
        }
        for (ServedTarget served : snapshot.served().targets()) {
            int reference = TargetPlan.reference(served.name(), served.definition());
            Planned planned = plan.byReference(reference);
            int place = open == null ? -1 : open.indexOf(reference);
            if (planned == null
                    || !epochs.covers(planned, snapshot.epoch())
                    || planned.sum && (open == null || place < 0)) {
                wiring.counters().targetChanged();
                continue;
            }
            double label = planned.sum && open != null ? open.sums[place] : planned.label(place < 0);
            labels.add(new TargetLabel(
                    served.name(), planned.definitionHash, label, (double) served.score(), served.byPrior()));
            wiring.counters().labelled(planned.target, label);
            outputs.labelled(snapshot.moment().contextId(), snapshot.moment().asOfMillis(), planned, label);
        }
        return labels;
    }

    private LabelledExample example(String entityId, PendingSnapshot snapshot, List<TargetLabel> labels) {
        FeatureVector vector = snapshot.vector();
        LabelledExample example = new LabelledExample();
        example.setEntityId(entityId);
        example.setContextId(snapshot.moment().contextId());
        example.setEventId(snapshot.moment().eventId());
        example.setEventTime(snapshot.moment().eventMillis());
        example.setAsOf(snapshot.moment().asOfMillis());
        example.setHorizonMs(snapshot.horizonMillis());
        example.setFeatureSchema(snapshot.schema());
        example.setDense(ByteBuffer.wrap(FeatureVector.bytes(vector.dense)));
        example.setSequenceTypes(ByteBuffer.wrap(FeatureVector.bytes(vector.sequenceTypes)));
        example.setSequenceGaps(ByteBuffer.wrap(FeatureVector.bytes(vector.sequenceGaps)));
        example.setIds(ByteBuffer.wrap(FeatureVector.bytes(vector.ids)));
        example.setLabels(labels);
        example.setModelVersion(snapshot.served().model().version());
        example.setModelHash(snapshot.served().model().sha256());
        example.setEmittedAt(wiring.setup().wallClockMillis().getAsLong());
        return example;
    }

    private void load(Bytes entity) {
        byte[] stored = entityLists.get(entity);
        if (stored == null) {
            undecided.clear();
        } else if (!undecided.read(stored)) {
            wiring.counters().unreadable();
        }
        if (!outputs.isStateful()) {
            undecided.outputs.clear(); // what was configured once and is no longer
        }
    }

    private void finishBeforeCommit() {
        erasing.finish();
        if (withheld.isChanged()) {
            store.put(WITHHELD_KEY, withheld.write());
        }
    }

    private void save(Bytes entity) {
        if (undecided.isEmpty()) {
            entityLists.delete(entity);
        } else {
            entityLists.put(entity, undecided.write());
        }
    }

    @Override
    public void close() {
        entityLists.close();
    }
}
