package io.livepredict.streams.outlook;

import io.livepredict.streams.commit.PreCommitStore;
import io.livepredict.streams.state.Gathered;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.LoggedStore;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import io.livepredict.streams.time.PartitionTime;
import io.livepredict.streams.time.SourceAnnouncement;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Gathers one task's {@link OutlookFact}s per context and bucket, and sends each bucket's part on once label time has passed
 * its end; its labels once label time has passed their horizon too. After the parts it tells all who add up how far this
 * task has come, for each bucket once.
 */
public final class OutlookTallyProcessor implements Step<String, OutlookFact> {
    /**
     * What every task's processor of one kind is made from.
     *
     * @param tasks how many tasks outcome has
     * @param unreadable called when a stored part was dropped because another build had written it
     */
    public record Wiring(KindSetup setup, int tasks, Runnable unreadable) {
        /** The supplier to add to a topology, behind outcome; it brings the stores. */
        public ProcessorSupplier<String, OutlookFact, String, byte[]> supplier() {
            NodeNames names = setup.names();
            LoggedStore<Bytes> parts = setup.stores().store(names.outlookTally());
            return new StepSupplier<>(
                    task -> new OutlookTallyProcessor(this, parts.of(task), task),
                    parts.builder(),
                    PreCommitStore.builder(names.outlookTallyCommit()));
        }
    }

    /** Keys as they are, values as parts. */
    private static final class Stored implements Gathered.Format<BucketKey, OutlookPart> {
        @Override
        public Bytes key(BucketKey key) {
            return key.bytes();
        }

        @Override
        public BucketKey key(Bytes stored) {
            return BucketKey.of(stored);
        }

        @Override
        public byte[] write(BucketKey key, OutlookPart value) {
            return value.write();
        }

        @Override
        public @Nullable OutlookPart read(byte[] stored) {
            return OutlookPart.read(stored);
        }
    }

    private final ProcessorContext<String, byte[]> task;
    private final int tasks;
    private final TopicPartition self;
    private final Gathered<BucketKey, OutlookPart> open;

    private OutlookTallyProcessor(
            Wiring wiring, KeyValueStore<Bytes, byte[]> store, ProcessorContext<String, byte[]> task) {
        this.task = task;
        tasks = wiring.tasks();
        self = new TopicPartition(
                wiring.setup().names().outcome(), task.taskId().partition());
        open = new Gathered<>(store, new Stored(), wiring.unreadable());
        PreCommitStore preCommit = task.getStateStore(wiring.setup().names().outlookTallyCommit());
        preCommit.onPreCommit(open::storeChanged);
    }

    @Override
    public void process(Record<String, OutlookFact> record) {
        switch (record.value()) {
            case OutlookFact.Presence fact ->
                part(fact.bucket(), fact.bucket(), fact.contextId()).presence += fact.change();
            case OutlookFact.Scored fact -> {
                long bucket = Buckets.of(fact.asOfMillis());
                part(bucket, bucket, fact.contextId()).scored(fact.target(), fact.score(), fact.version());
            }
            case OutlookFact.Labelled fact -> {
                long bucket = Buckets.of(fact.asOfMillis());
                part(bucket + Buckets.steps(fact.horizonMillis()), bucket, fact.contextId())
                        .labelled(fact.target(), fact.label());
            }
            case OutlookFact.Time fact -> send(record, fact.labelTimeMillis());
        }
    }

    private OutlookPart part(long due, long bucket, String contextId) {
        return open.change(new BucketKey(due, bucket, contextId), () -> new OutlookPart(bucket));
    }

    private void send(Record<String, OutlookFact> record, long labelTimeMillis) {
        long closed = Buckets.lastClosed(labelTimeMillis);
        for (BucketKey first = open.first(); first != null && first.due() <= closed; first = open.first()) {
            byte[] part = open.takeFirst().getValue().write();
            task.forward(new Record<>(first.contextId(), part, record.timestamp()));
        }
        SourceAnnouncement said = new SourceAnnouncement(self, labelTimeMillis, PartitionTime.NONE, tasks);
        task.forward(new Record<>(SourceAnnouncement.KEY, said.write(), record.timestamp()));
    }
}
