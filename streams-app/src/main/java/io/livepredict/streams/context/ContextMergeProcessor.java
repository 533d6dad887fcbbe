package io.livepredict.streams.context;

import io.livepredict.streams.commit.PreCommitStore;
import io.livepredict.streams.commit.PublishedTable;
import io.livepredict.streams.state.StoreWalk;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.LoggedStore;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import io.livepredict.streams.time.PartitionTime;
import io.livepredict.streams.time.SourceAnnouncement;
import io.livepredict.streams.time.SourceTimes;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Adds up the parts of buckets that come from all tasks, and publishes a context's recent buckets before each commit since
 * the last of which they have changed, so that what several tasks say of one bucket at about the same time goes out once. A
 * context that has been quiet for two hours of event time is forgotten, with a tombstone; the time is that of the task that
 * has come least far, because one that reads faster says nothing of what the others will still send.
 */
public final class ContextMergeProcessor implements Step<String, byte[]> {
    private static final Duration EXPIRY_INTERVAL = Duration.ofSeconds(30);
    private static final long QUIET_MILLIS = Duration.ofHours(2).toMillis();

    /**
     * What every task's processor of one kind is made from.
     *
     * @param tasks how many tasks activity has
     * @param slack how far in event time tasks may be behind the one that has come furthest
     * @param unreadable called when a part or a stored value was dropped because another build or definition had written it
     */
    public record Wiring(KindSetup setup, int tasks, Duration slack, Runnable unreadable) {
        /** The supplier to add to a topology, behind the source of parts; it brings the stores. */
        public ProcessorSupplier<String, byte[], String, byte[]> supplier() {
            NodeNames names = setup.names();
            LoggedStore<String> contexts = setup.stores().storeByText(names.contextMerge());
            return new StepSupplier<>(
                    task -> new ContextMergeProcessor(this, contexts.of(task), task),
                    contexts.builder(),
                    PreCommitStore.builder(names.contextMergeCommit()));
        }
    }

    private final Wiring wiring;
    private final PublishedTable contexts;
    private final StoreWalk<String> walk;
    private final PartFormat format;
    private final ContextWindows windows;
    /** How far each task has come that counts events. */
    private final SourceTimes times;

    private ContextMergeProcessor(
            Wiring wiring, KeyValueStore<String, byte[]> store, ProcessorContext<String, byte[]> task) {
        this.wiring = wiring;
        format = new PartFormat(wiring.setup().definition());
        windows = new ContextWindows(wiring.setup().definition(), wiring.slack());
        String counting = wiring.setup().names().activity();
        times = SourceTimes.announced(Map.of(counting, wiring.tasks()));
        contexts = new PublishedTable(
                task, store, task.getStateStore(wiring.setup().names().contextMergeCommit()));
        walk = StoreWalk.ofTexts(store);
        task.schedule(EXPIRY_INTERVAL, PunctuationType.WALL_CLOCK_TIME, this::expire);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        if (SourceAnnouncement.KEY.equals(record.key())) {
            SourceAnnouncement said = SourceAnnouncement.read(record.value());
            if (said == null) {
                wiring.unreadable().run();
            } else {
                times.announced(said);
            }
            return;
        }
        PartFormat.Part part = record.value() == null ? null : format.read(record.value());
        if (part == null) {
            wiring.unreadable().run(); // the windows miss that task's part of the bucket and nothing else
            return;
        }
        byte[] known = contexts.get(record.key());
        if (known == null) {
            windows.clear();
        } else if (!windows.read(known)) {
            wiring.unreadable().run();
        }
        if (windows.add(part.index(), part.bucket())) {
            contexts.put(record.key(), windows.write());
        }
    }

    private void expire(long now) {
        long time = times.labelTimeMillis();
        if (time == PartitionTime.NONE) {
            return; // some task was not heard of yet
        }
        long quietBefore = ContextBucket.index(time - QUIET_MILLIS);
        walk.round(value -> isQuiet(value, quietBefore), keys -> contexts.remove(keys, now));
    }

    private boolean isQuiet(byte[] value, long quietBefore) {
        if (windows.read(value)) {
            return windows.newest() < quietBefore;
        }
        wiring.unreadable().run();
        return true;
    }
}
