package io.livepredict.streams.activity;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DeadLetters.Payload;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.Erasure;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.streams.activity.ActivityOutput.FeatureRow;
import io.livepredict.streams.activity.ActivityOutput.LabelTimeAdvance;
import io.livepredict.streams.commit.PreCommitStore;
import io.livepredict.streams.ingest.DeadLetterRecords;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.ingest.Ingested;
import io.livepredict.streams.ingest.IngestedEvent;
import io.livepredict.streams.ingest.SourceRecord;
import io.livepredict.streams.looks.LookTimers;
import io.livepredict.streams.state.EntityKey;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.LoggedStore;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import io.livepredict.streams.time.HeldTime;
import io.livepredict.streams.time.InputProgress;
import io.livepredict.streams.time.PartitionTime;
import io.livepredict.streams.time.Silence;
import io.livepredict.streams.time.SourceTimes;
import io.livepredict.streams.time.TaskInput;
import io.livepredict.streams.time.TimeSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Drops repeats, sends late events to the dead letters, adds the rest to their entity's activity, and sends on a row for
 * each. One store read and one write per event. Where looks are configured it sends a row for each look at a silent entity,
 * too ({@link Looks}).
 *
 * <p>An event is late by the watermark of its own source partition. The steps behind this one go by the time up to which
 * events of all source partitions have arrived ({@link SourceTimes}). Both are stored beside the entities before every commit,
 * so that a restart decides what is late exactly as if there had been none. While a partition is silent, the wall clock
 * advances time for the steps behind this one only. It never makes an event late, so a producer that was cut off loses
 * nothing.
 */
public final class ActivityProcessor implements Step<String, Ingested> {
    private static final Duration EXPIRY_INTERVAL = Duration.ofSeconds(10);
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(100);
    /** For so long at once a thread takes looks while no event comes. */
    private static final long LOOKING_MILLIS = 100;
    /**
     * What every task's processor of one kind is made from. Its children are {@link NodeNames#score}, which gets {@link
     * ActivityOutput}s, {@link NodeNames#deadLetters}, and with context features {@link NodeNames#contextTally} and
     * with choices {@link NodeNames#choice}, which get every {@link ActivityOutput} but looks.
     *
     * @param input where events come from
     * @param progress whether a silent source partition is read to its end
     * @param context how rows get features of their context; empty for none
     * @param choices whether there is a step behind this one that logs choices
     */
    public record Wiring(
            KindSetup setup,
            TimeSettings time,
            TaskInput input,
            InputProgress progress,
            ActivityCounters counters,
            Optional<ContextAccess> context,
            boolean choices) {
        /** The schema of the rows' vectors. */
        public FeatureSchema schema() {
            return FeatureDefinitions.schema(
                    setup.definition(), context.map(ContextAccess::features).orElse(List.of()));
        }

        /** The supplier to add to a topology; it brings the stores. */
        public ProcessorSupplier<String, Ingested, Object, Object> supplier() {
            NodeNames names = setup.names();
            LoggedStore<Bytes> entities = setup.stores().store(names.activity());
            LoggedStore<Bytes> timers = definitionHasLooks() ? setup.stores().store(names.looks()) : null;
            List<StoreBuilder<?>> stores =
                    new ArrayList<>(List.of(entities.builder(), PreCommitStore.builder(names.activityCommit())));
            if (timers != null) {
                stores.add(timers.builder());
            }
            context.ifPresent(access -> stores.addAll(access.stores()));
            return new StepSupplier<>(
                    task -> new ActivityProcessor(
                            this, entities.of(task), timers == null ? null : new LookTimers(timers.of(task)), task),
                    stores.toArray(StoreBuilder<?>[]::new));
        }

        private boolean definitionHasLooks() {
            return !setup.definition().looks().isEmpty();
        }
    }

    /**
     * How a row gets the features of its context.
     *
     * @param features what the reader fills
     * @param reader made once per task, when the task starts
     * @param stores those that the reader has beside the global table
     */
    public record ContextAccess(
            List<DenseFeature> features,
            Function<ProcessorContext<?, ?>, ContextFeatures> reader,
            List<? extends StoreBuilder<?>> stores) {
        public ContextAccess {
            features = List.copyOf(features);
            stores = List.copyOf(stores);
        }
    }

    private final Wiring wiring;
    private final String rowsNode;
    private final List<String> eventsNodes;
    private final String deadLettersNode;
    private final Payload payload;
    private final ProcessorContext<Object, Object> task;
    private final KeyValueStore<Bytes, byte[]> store;
    private final KnownEntities entities;
    private final ErasureMarks marks;
    private final EntityActivity activity;
    private final FeatureVector vector;
    private final ContextFeatures contextFeatures;

    private final SourceTimes times;
    private byte[] storedTimes;
    /** Null where no looks are configured. */
    private final @Nullable Looks looks;

    private final boolean[] endsSession;

    /** The label time last sent to the steps behind this one. */
    private long toldMillis;

    /** By topic that this task reads itself; none where the clock decides nothing. */
    private final Map<String, Silence> silences = new LinkedHashMap<>();

    private final HeldTime heldTime;

    private ActivityProcessor(
            Wiring wiring,
            KeyValueStore<Bytes, byte[]> store,
            @Nullable LookTimers timers,
            ProcessorContext<Object, Object> task) {
        this.wiring = wiring;
        this.store = store;
        this.task = task;
        NodeNames names = wiring.setup().names();
        rowsNode = names.score();
        eventsNodes = Stream.concat(
                        wiring.context().isPresent() ? Stream.of(names.contextTally()) : Stream.<String>empty(),
                        wiring.choices() ? Stream.of(names.choice()) : Stream.<String>empty())
                .toList();
        deadLettersNode = names.deadLetters();
        payload = wiring.setup().payload();
        activity = new EntityActivity(wiring.setup().definition());
        vector = new FeatureVector(wiring.schema());
        times = new SourceTimes(wiring.time(), task.taskId().partition(), wiring.input());
        byte[] saved = store.get(KnownEntities.TIMES_KEY);
        if (saved != null) {
            times.read(saved);
        }
        storedTimes = saved == null ? times.write() : saved;
        heldTime =
                new HeldTime(wiring.setup().kind().id() + " task " + task.taskId(), wiring.counters()::heldUp, now());
        entities = new KnownEntities(
                store,
                wiring.setup().stores().recent(),
                wiring.setup().definition(),
                wiring.time().retention(),
                wiring.counters());
        marks = new ErasureMarks(store, wiring.time().retention());
        List<String> types = wiring.setup().definition().eventTypes();
        endsSession = new ActivityLayout(wiring.setup().definition()).ends;
        looks = timers == null ? null : new Looks(timers, entities, activity, types.size(), this::look);
        toldMillis = labelTime();
        contextFeatures = wiring.context()
                .map(access -> access.reader().apply(task))
                .orElse((contextId, asOf, dense, offset) -> {});
        PreCommitStore preCommit = task.getStateStore(names.activityCommit());
        preCommit.onPreCommit(this::storeBeforeCommit);
        wiring.time().idleAfter().ifPresent(this::watchSilence);
        task.schedule(EXPIRY_INTERVAL, PunctuationType.WALL_CLOCK_TIME, ignored -> {
            expire();
            heldTime.look(times, now());
        });
        if (looks != null) {
            task.schedule(LOOK_INTERVAL, PunctuationType.WALL_CLOCK_TIME, ignored -> workOffLooks());
        }
    }

    @Override
    public void process(Record<String, Ingested> record) {
        switch (record.value()) {
            case IngestedEvent ingested -> take(record, ingested);
            case Ingested.Announced announced -> {
                times.announced(announced.announcement());
                tellTime();
            }
            case Ingested.Erase erase -> erase(erase.erasure());
        }
    }

    private void take(Record<String, Ingested> record, IngestedEvent ingested) {
        Event event = ingested.event();
        SourceRecord source = ingested.source();
        OptionalLong carried = ingested.sourceWatermarkMillis();
        if (carried.isPresent()) {
            times.carried(new TopicPartition(source.topic(), source.partition()), carried.getAsLong());
        }
        Silence silence = silences.get(source.topic());
        if (silence != null) {
            silence.arrived();
        }

        Bytes key = EntityKey.of(event.entityId());
        entities.load(key, activity);
        boolean forgotten = entities.isForgotten(activity, event.timeMillis());
        if (!forgotten && activity.hasSeen(event)) {
            wiring.counters().repeated();
            return;
        }
        long watermark = carried.isPresent()
                ? carried.getAsLong()
                : times.take(source.topic(), event.timeMillis(), source.timestampMillis());
        if (event.timeMillis() < watermark) {
            wiring.counters().late();
            forwardLate(ingested, watermark);
            return;
        }
        if (marks.covers(event.entityId(), event.timeMillis())) {
            wiring.counters().erasedEvent();
            tellTime();
            return;
        }
        if (looks != null) {
            looks.takeBefore(event, key, times.labelTimeMillis());
        }
        if (forgotten) {
            wiring.counters().expired();
            activity.clear();
        }
        if (looks != null) {
            looks.follow(event, key, endsSession[event.type()]);
        }
        activity.add(event);
        entities.save(key, activity);
        int end = activity.fill(vector);
        contextFeatures.fill(event.contextId(), activity.latestMillis(), vector.dense, end);
        wiring.counters().added();
        if (event.timeMillis() < toldMillis) {
            wiring.counters().heldBack();
        }
        if (activity.droppedStays() > 0) {
            wiring.counters().stayDropped();
        }
        long labelTime = labelTime();
        toldMillis = Math.max(toldMillis, labelTime);
        forward(new Record<>(
                record.key(),
                new FeatureRow(ingested, activity.latestMillis(), labelTime, vector),
                record.timestamp(),
                record.headers()));
    }

    /** Forgets an entity, and tells the steps behind this one to. Its events from before are not taken in any more. */
    private void erase(Erasure erasure) {
        boolean known = entities.forget(EntityKey.of(erasure.entityId()));
        marks.add(erasure.entityId(), erasure.requestedAtMillis());
        if (looks != null) {
            looks.forget(EntityKey.of(erasure.entityId()));
        }
        toldMillis = Math.max(toldMillis, labelTime());
        forward(new Record<>(
                erasure.entityId(),
                new ActivityOutput.Erased(
                        erasure, known ? Map.of(wiring.setup().names().activity(), 1L) : Map.of(), labelTime()),
                now()));
    }

    /** Lets the steps behind this one know that time has come further without an event. */
    private void tellTime() {
        if (looks != null) {
            looks.takeDue(times.labelTimeMillis());
        }
        long labelTime = labelTime();
        if (labelTime > toldMillis) {
            toldMillis = labelTime;
            forward(new Record<>("", new LabelTimeAdvance(toldMillis), now()));
        }
    }

    /** Up to when labels may be decided: not beyond a look that is due and has not been taken. */
    private long labelTime() {
        long labelTime = times.labelTimeMillis();
        return looks == null ? labelTime : looks.heldTime(labelTime);
    }

    /** Where no event comes, what is left of the looks that are due is taken in the thread's free time. */
    private void workOffLooks() {
        long until = now() + LOOKING_MILLIS;
        do {
            tellTime();
        } while (labelTime() < times.labelTimeMillis() && now() < until);
        wiring.counters().looksBehind(task.taskId().partition(), times.labelTimeMillis() - labelTime());
    }

    /** Sends on the row of a look, which is no event: nobody counts it but who scores and labels. */
    private void look(Event look, long labelTimeMillis) {
        int end = activity.fill(vector, look.timeMillis());
        contextFeatures.fill(look.contextId(), look.timeMillis(), vector.dense, end);
        wiring.counters().looked();
        IngestedEvent row =
                new IngestedEvent(look, SourceRecord.ofLook(look, task.taskId().partition()));
        task.forward(
                new Record<Object, Object>(
                        look.entityId(), new FeatureRow(row, look.timeMillis(), labelTimeMillis, vector), now()),
                rowsNode);
    }

    private void watchSilence(Duration idleAfter) {
        for (String topic : wiring.input().direct()) {
            TopicPartition source = new TopicPartition(topic, task.taskId().partition());
            silences.put(topic, new Silence(source, wiring.time(), wiring.progress(), this::now));
        }
        task.schedule(Silence.lookInterval(idleAfter), PunctuationType.WALL_CLOCK_TIME, ignored -> {
            silences.forEach((topic, silence) -> {
                long until = silence.look(times.watermarkMillis(topic));
                if (until != PartitionTime.NONE) {
                    times.quiet(topic, until);
                }
            });
            tellTime();
        });
    }

    private void forward(Record<Object, Object> output) {
        task.forward(output, rowsNode);
        for (int i = 0; i < eventsNodes.size(); i++) {
            task.forward(output, eventsNodes.get(i));
        }
    }

    private long now() {
        return wiring.setup().wallClockMillis().getAsLong();
    }

    private void forwardLate(IngestedEvent ingested, long watermarkMillis) {
        Event event = ingested.event();
        String message = "the event of " + event.timeMillis() + " is "
                + (watermarkMillis - event.timeMillis())
                + " ms behind the watermark; a longer time.grace would take it";
        task.forward(
                DeadLetterRecords.of(ingested.source(), payload, DeadLetterReason.LATE, message, now()),
                deadLettersNode);
    }

    private void expire() {
        long labelTime = labelTime();
        if (labelTime != PartitionTime.NONE) {
            entities.expire(labelTime);
            marks.expire(labelTime);
        }
    }

    private void storeBeforeCommit() {
        entities.storeDefinition();
        if (looks != null) {
            looks.storeBeforeCommit();
        }
        byte[] now = times.write();
        if (!Arrays.equals(now, storedTimes)) {
            store.put(KnownEntities.TIMES_KEY, now);
            storedTimes = now;
        }
    }

    @Override
    public void close() {
        entities.close();
        heldTime.close();
    }
}
