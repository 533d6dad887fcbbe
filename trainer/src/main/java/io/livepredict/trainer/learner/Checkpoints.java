package io.livepredict.trainer.learner;

import io.livepredict.avro.DriftRecord;
import io.livepredict.avro.LearnerStateRecord;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.topics.TopicReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The saved states of a kind in their topic: the last one at first, and the next when one is due. Owned by one thread. */
final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    private final Kind kind;
    private final CheckpointSettings settings;
    private final TransactionalWriter writer;
    private final String mark;
    private final ModelSigner signer;
    private final ModelVerifier verifier;
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

    /**
     * @param mark what the group's offsets are written with ({@link Ownership})
     * @param signer signs those that are written
     * @param verifier whose checkpoints count
     */
    Checkpoints(
            Kind kind,
            CheckpointSettings settings,
            Topics topics,
            TransactionalWriter writer,
            String mark,
            ModelSigner signer,
            ModelVerifier verifier) {
        this.signer = signer;
        this.verifier = verifier;
        this.kind = kind;
        this.settings = settings;
        this.writer = writer;
        this.mark = mark;
        states = topics.learnerState();
        drifts = topics.drifts();
        examplesTopic = topics.labelledExamples(kind).name();
    }

    /**
     * Reads the last one that is signed and whole. Whoever may write to the topic can damage what is there; that costs what
     * was learned, is said in one line, and ends nothing.
     *
     * @param lastVersion the highest version in the models topic
     */
    Optional<Checkpoint> read(Map<String, Object> consumerConfig, long lastVersion) {
        Checkpoint.Collector collector = new Checkpoint.Collector(kind, verifier);
        TopicReader.readToEnd(consumerConfig, states, collector::accept);
        sequence = collector.highestSigned();
        pieces = collector.mostPieces();
        if (collector.ignored() > 0) {
            LOG.warn(
                    "{}: {} heads in topic {} count for nothing, the last one because {}",
                    kind.id(),
                    collector.ignored(),
                    states.name(),
                    collector.whyIgnored());
        }
        try {
            Optional<Checkpoint> saved = collector.checkpoint();
            StateFormatException damage = collector.damage();
            if (damage != null) {
                LOG.warn("{}; learning goes on from the checkpoint before it", damage.getMessage());
            }
            return saved;
        } catch (StateFormatException e) {
            LOG.error(
                    "{}; learning starts anew from the examples that are left, versions go on after {}",
                    e.getMessage(),
                    lastVersion);
            return Optional.empty();
        }
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
            checkpoint.entries(kind, pieces, signer).forEach(entry -> writer.send(states, entry.key(), entry.value()));
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
                        entry -> new OffsetAndMetadata(entry.getValue(), mark)));
    }
}
