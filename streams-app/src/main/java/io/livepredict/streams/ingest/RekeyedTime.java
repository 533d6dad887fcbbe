package io.livepredict.streams.ingest;

import io.livepredict.streams.commit.PreCommitStore;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import io.livepredict.streams.time.InputProgress;
import io.livepredict.streams.time.PartitionTime;
import io.livepredict.streams.time.Silence;
import io.livepredict.streams.time.SourceAnnouncement;
import io.livepredict.streams.time.SourceAnnouncer;
import io.livepredict.streams.time.TimeSettings;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The time of the source partition that a task re-keys: stored before every commit, so that a task goes on from it wherever it
 * runs next, carried by every re-keyed record, and announced. One task's thread only.
 */
final class RekeyedTime {
    private static final Bytes KEY = Bytes.wrap(new byte[] {0});
    private static final int LAYOUT = 1;

    /**
     * What every task that re-keys one source needs for it.
     *
     * @param progress whether a silent source partition is read to its end
     * @param partitions how many partitions the source topic has
     * @param targets how many partitions re-keyed records go to
     */
    record Settings(TimeSettings time, InputProgress progress, int partitions, int targets) {}

    private final PartitionTime time;
    private final SourceAnnouncer announcer;
    private final KeyValueStore<Bytes, byte[]> store;
    private byte @Nullable [] stored;

    /** @param announcements child that gets {@link SourceAnnouncement}s under their key */
    RekeyedTime(
            Settings settings,
            String topic,
            KeyValueStore<Bytes, byte[]> store,
            PreCommitStore preCommit,
            ProcessorContext<Object, Object> task,
            String announcements,
            LongSupplier wallClockMillis) {
        this.store = store;
        TopicPartition source = new TopicPartition(topic, task.taskId().partition());
        time = new PartitionTime(settings.time());
        stored = store.get(KEY);
        if (stored != null) {
            time.read(reader(stored));
        }
        Silence silence = settings.time()
                .idleAfter()
                .map(idle -> new Silence(source, settings.time(), settings.progress(), wallClockMillis))
                .orElse(null);
        announcer = new SourceAnnouncer(source, settings.partitions(), settings.targets(), time, silence);
        preCommit.onPreCommit(this::storeBeforeCommit);
        task.schedule(
                SourceAnnouncer.lookInterval(settings.time().idleAfter()), PunctuationType.WALL_CLOCK_TIME, ignored -> {
                    long now = wallClockMillis.getAsLong();
                    announcer
                            .look(now)
                            .ifPresent(news -> task.forward(
                                    new Record<>(SourceAnnouncement.KEY, news.write(), Math.max(0, now)),
                                    announcements));
                });
    }

    /** Takes in the next valid event; the partition's watermark including it. */
    long take(IngestedEvent ingested) {
        return announcer.take(ingested.event().timeMillis(), ingested.source().timestampMillis());
    }

    private void storeBeforeCommit() {
        StateWriter out = new StateWriter();
        out.writeByte(LAYOUT);
        time.write(out);
        byte[] now = out.toBytes();
        if (!Arrays.equals(now, stored)) {
            store.put(KEY, now);
            stored = now;
        }
    }

    private static StateReader reader(byte[] stored) {
        StateReader in = new StateReader();
        in.reset(stored);
        int layout = in.readByte();
        if (layout != LAYOUT) {
            throw new IllegalStateException("the stored time of a source partition has layout " + layout
                    + ", this build reads " + LAYOUT
                    + ": go back to the build that wrote it, or reset the application's state");
        }
        return in;
    }
}
