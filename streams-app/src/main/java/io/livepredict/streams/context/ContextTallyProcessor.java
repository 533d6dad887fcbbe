package io.livepredict.streams.context;

import io.livepredict.contract.Hashes;
import io.livepredict.streams.activity.ActivityOutput;
import io.livepredict.streams.activity.ActivityOutput.FeatureRow;
import io.livepredict.streams.commit.PreCommitStore;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.state.Gathered;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.LoggedStore;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import io.livepredict.streams.time.PartitionTime;
import io.livepredict.streams.time.SourceAnnouncement;
import io.livepredict.streams.time.SourceAnnouncer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Counts this task's events per context in buckets of ten seconds, and sends a bucket on once label time has passed
 * its end: one small record per context and bucket instead of one per event. Open buckets are in memory, and those that
 * changed are written to the store before each commit.
 */
public final class ContextTallyProcessor implements Step<String, ActivityOutput> {
    /**
     * What every task's processor of one kind is made from.
     *
     * @param tasks how many tasks activity has
     * @param unreadable called when a stored bucket was dropped because another build or definition had written it
     */
    public record Wiring(KindSetup setup, int tasks, Runnable unreadable) {
        /** The supplier to add to a topology, behind activity; it brings the stores. */
        public ProcessorSupplier<String, ActivityOutput, String, byte[]> supplier() {
            NodeNames names = setup.names();
            LoggedStore<Bytes> buckets = setup.stores().store(names.contextTally());
            return new StepSupplier<>(
                    task -> new ContextTallyProcessor(this, buckets.of(task), task),
                    buckets.builder(),
                    PreCommitStore.builder(names.contextTallyCommit()));
        }
    }

    /** A context's part of a bucket. */
    private record Place(long index, String contextId) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int byIndex = Long.compare(index, other.index);
            return byIndex != 0 ? byIndex : contextId.compareTo(other.contextId);
        }

        Bytes key() {
            byte[] utf8 = contextId.getBytes(StandardCharsets.UTF_8);
            return Bytes.wrap(ByteBuffer.allocate(8 + utf8.length)
                    .putLong(index)
                    .put(utf8)
                    .array());
        }

        static Place of(Bytes key) {
            ByteBuffer buffer = ByteBuffer.wrap(key.get());
            long index = buffer.getLong();
            byte[] utf8 = new byte[buffer.remaining()];
            buffer.get(utf8);
            return new Place(index, new String(utf8, StandardCharsets.UTF_8));
        }
    }

    /** How places and their buckets are stored. */
    private record Stored(PartFormat format) implements Gathered.Format<Place, ContextBucket> {
        @Override
        public Bytes key(Place place) {
            return place.key();
        }

        @Override
        public Place key(Bytes stored) {
            return Place.of(stored);
        }

        @Override
        public byte[] write(Place place, ContextBucket bucket) {
            return format.write(place.index, bucket);
        }

        @Override
        public @Nullable ContextBucket read(byte[] stored) {
            PartFormat.Part part = format.read(stored);
            return part == null ? null : part.bucket();
        }
    }

    private final PartFormat format;
    private final ProcessorContext<String, byte[]> task;
    private final int tasks;
    private final LongSupplier wallClockMillis;
    private final TopicPartition self;
    private final Gathered<Place, ContextBucket> open;
    private long labelTimeMillis = PartitionTime.NONE;
    private long announcedMillis = PartitionTime.NONE;

    private ContextTallyProcessor(
            Wiring wiring, KeyValueStore<Bytes, byte[]> store, ProcessorContext<String, byte[]> task) {
        this.task = task;
        tasks = wiring.tasks();
        wallClockMillis = wiring.setup().wallClockMillis();
        self = new TopicPartition(
                wiring.setup().names().activity(), task.taskId().partition());
        format = new PartFormat(wiring.setup().definition());
        open = new Gathered<>(store, new Stored(format), wiring.unreadable());
        PreCommitStore preCommit = task.getStateStore(wiring.setup().names().contextTallyCommit());
        preCommit.onPreCommit(open::storeChanged);
        task.schedule(SourceAnnouncer.interval(tasks, tasks), PunctuationType.WALL_CLOCK_TIME, this::announce);
    }

    /** Tells those who add up how far this task has come, after all the parts up to then. */
    private void announce(long now) {
        if (labelTimeMillis != announcedMillis) {
            announcedMillis = labelTimeMillis;
            SourceAnnouncement said = new SourceAnnouncement(self, labelTimeMillis, PartitionTime.NONE, tasks);
            task.forward(new Record<>(SourceAnnouncement.KEY, said.write(), now));
        }
    }

    @Override
    public void process(Record<String, ActivityOutput> record) {
        if (record.value() instanceof FeatureRow row && !row.event().contextId().isEmpty()) {
            Event event = row.event();
            Place place = new Place(ContextBucket.index(event.timeMillis()), event.contextId());
            open.change(place, format::newBucket).add(event.type(), Hashes.id64(event.entityId()));
        }
        labelTimeMillis = Math.max(labelTimeMillis, record.value().labelTimeMillis());
        for (Place first = open.first();
                first != null && (first.index + 1) * ContextBucket.MILLIS <= labelTimeMillis;
                first = open.first()) {
            byte[] value = format.write(first.index, open.takeFirst().getValue());
            // The time of now, whatever the events are of: the topic keeps an hour from there.
            task.forward(new Record<>(first.contextId, value, wallClockMillis.getAsLong()));
        }
    }
}
