package io.livepredict.streams.activity;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DeadLetters.Payload;
import io.livepredict.contract.DenseFeature;
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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Drops repeats, sends late events to the dead letters, adds the rest to their entity's activity, and sends on a row for
 * each. One store read and one write per event.
 *
 * <p>An event is late by the watermark of its own source partition. The steps behind this one go by the time up to which
 * events of all source partitions have arrived ({@link SourceTimes}). Both are stored beside the entities before every commit,
 * so that a restart decides what is late exactly as if there had been none. While a partition is silent, the wall clock
 * advances time for the steps behind this one only. It never makes an event late, so a producer that was cut off loses
 * nothing.
 */
public final class ActivityProcessor implements Step<String, Ingested> {
    private static final Duration EXPIRY_INTERVAL = Duration.ofSeconds(10);
    /**
     * What every task's processor of one kind is made from. Its children are {@link NodeNames#score}, which gets {@link
     * ActivityOutput}s, {@link NodeNames#deadLetters}, and with context features {@link NodeNames#contextTally}, which gets
     * every {@link ActivityOutput} too.
     *
     * @param input where events come from
     * @param progress whether a silent source partition is read to its end
     * @param context how rows get features of their context; empty for none
     */
    public record Wiring(
            KindSetup setup,
            TimeSettings time,
            TaskInput input,
            InputProgress progress,
            ActivityCounters counters,
            Optional<ContextAccess> context) {
        /** The schema of the rows' vectors. */
        public FeatureSchema schema() {
            return FeatureDefinitions.schema(
                    setup.definition(), context.map(ContextAccess::features).orElse(List.of()));
        }

        /** The supplier to add to a topology; it brings the stores. */
        public ProcessorSupplier<String, Ingested, Object, Object> supplier() {
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

    private final Wiring wiring;
    private final String rowsNode;
    private final String tallyNode;
    private final String deadLettersNode;
    private final Payload payload;
    private final ProcessorContext<Object, Object> task;
    private final KeyValueStore<Bytes, byte[]> store;
    private final KnownEntities entities;
    private final EntityActivity activity;
    private final FeatureVector vector;
    private final ContextFeatures contextFeatures;

    private final SourceTimes times;
    private byte[] storedTimes;
    /** The label time last sent to the steps behind this one. */
    private long toldMillis;

    /** By topic that this task reads itself; none where the clock decides nothing. */
    private final Map<String, Silence> silences = new LinkedHashMap<>();

    private final HeldTime heldTime;

    private ActivityProcessor(
            Wiring wiring, KeyValueStore<Bytes, byte[]> store, ProcessorContext<Object, Object> task) {
        this.wiring = wiring;
        this.store = store;
        this.task = task;
        NodeNames names = wiring.setup().names();
        rowsNode = names.score();
        tallyNode = names.contextTally();
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
        toldMillis = times.labelTimeMillis();
        heldTime =
                new HeldTime(wiring.setup().kind().id() + " task " + task.taskId(), wiring.counters()::heldUp, now());
        entities = new KnownEntities(
                store,
                wiring.setup().stores().recent(),
                wiring.setup().definition(),
                wiring.time().retention(),
                wiring.counters());
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
    }

    @Override
    public void process(Record<String, Ingested> record) {
        switch (record.value()) {
            case IngestedEvent ingested -> take(record, ingested);
            case Ingested.Announced announced -> {
                times.announced(announced.announcement());
                tellTime();
            }
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
        if (entities.isForgotten(activity, event.timeMillis())) {
            wiring.counters().expired();
            activity.clear();
        }
        if (activity.hasSeen(event)) {
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
        toldMillis = Math.max(toldMillis, times.labelTimeMillis());
        forward(new Record<>(
                record.key(),
                new FeatureRow(ingested, activity.latestMillis(), times.labelTimeMillis(), vector),
                record.timestamp(),
                record.headers()));
    }

    /** Lets the steps behind this one know that time has come further without an event. */
    private void tellTime() {
        if (times.labelTimeMillis() > toldMillis) {
            toldMillis = times.labelTimeMillis();
            forward(new Record<>("", new LabelTimeAdvance(toldMillis), now()));
        }
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
        if (wiring.context().isPresent()) {
            task.forward(output, tallyNode);
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
        long labelTime = times.labelTimeMillis();
        if (labelTime != PartitionTime.NONE) {
            entities.expire(labelTime);
        }
    }

    private void storeBeforeCommit() {
        entities.storeDefinition();
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
