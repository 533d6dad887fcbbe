package io.livepredict.trainer.learner;

import io.livepredict.avro.DriftRecord;
import io.livepredict.avro.LearnerStateRecord;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.topics.TopicReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** The saved states of a kind in their topic: the last one at first, and the next when one is due. Owned by one thread. */
final class Checkpoints {
    private final Kind kind;
    private final CheckpointSettings settings;
    private final TransactionalWriter writer;
    private final Topic<String, LearnerStateRecord> states;
    private final Topic<String, DriftRecord> drifts;
    private final String examplesTopic;

    /** Of the last checkpoint, as are all that follow. */
    private long sequence;

    private int pieces;
    private long bytes;
    private long writtenAt;
    private long examples;
    private Map<Integer, Long> offsets = Map.of();

    Checkpoints(Kind kind, CheckpointSettings settings, Topics topics, TransactionalWriter writer) {
        this.kind = kind;
        this.settings = settings;
        this.writer = writer;
        states = topics.learnerState();
        drifts = topics.drifts();
        examplesTopic = topics.labelledExamples(kind).name();
    }

    /**
     * Reads the last one.
     *
     * @throws StateFormatException if it can't be read
     */
    Optional<Checkpoint> read(Map<String, Object> consumerConfig) {
        Checkpoint.Collector collector = new Checkpoint.Collector(kind);
        TopicReader.readToEnd(consumerConfig, states, collector::accept);
        Optional<Checkpoint> saved = collector.checkpoint();
        saved.ifPresent(checkpoint -> {
            sequence = checkpoint.sequence();
            pieces = checkpoint.pieces();
        });
        return saved;
    }

    /** Number of the last one. */
    long sequence() {
        return sequence;
    }

    /** Notes that the learner is as it was saved, or as it begins. */
    void begin(KindLearner learner, long nowMillis) {
        writtenAt = nowMillis;
        examples = learner.examples();
        offsets = learner.offsets();
    }

    /**
     * Whether the next one should be written.
     *
     * @param last whether there will be no later moment for it
     */
    boolean isDue(KindLearner learner, long nowMillis, boolean last) {
        boolean changed = learner.examples() != examples || !learner.offsets().equals(offsets);
        // A drift is written at once and together with the state that knows of it, so it is written once.
        return changed
                && (last
                        || !learner.untoldDrifts().isEmpty()
                        || settings.isDue(nowMillis - writtenAt, learner.examples() - examples, bytes));
    }

    /**
     * Writes the next one, with the drifts that were not told before and the offsets as a group's, in one transaction.
     *
     * @return its size in bytes
     */
    long write(KindLearner learner, long nowMillis) {
        Checkpoint checkpoint = new Checkpoint(sequence + 1, learner.state(), learner.offsets());
        List<Drift> found = learner.untoldDrifts();
        writer.transact(() -> {
            checkpoint.entries(kind, pieces).forEach(entry -> writer.send(states, entry.key(), entry.value()));
            found.forEach(drift -> writer.send(drifts, kind.id(), drift.record(kind)));
            writer.sendOffsets(groupOffsets(checkpoint));
        });
        learner.driftsTold();
        sequence++;
        pieces = checkpoint.pieces();
        bytes = checkpoint.state().length;
        begin(learner, nowMillis);
        return bytes;
    }

    /** For operators' tools only: the offsets that count are in the checkpoint itself. */
    private Map<TopicPartition, OffsetAndMetadata> groupOffsets(Checkpoint checkpoint) {
        return checkpoint.offsets().entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> new TopicPartition(examplesTopic, entry.getKey()),
                        entry -> new OffsetAndMetadata(entry.getValue())));
    }
}
