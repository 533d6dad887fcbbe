package io.livepredict.trainer.learner;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.trainer.family.ExampleBatch;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Experience replay (Lin, Self-improving reactive agents, Machine Learning 8, 1992; for streams Chaudhry et al., On tiny episodic
 * memories in continual learning, 2019): each new batch is followed by batches drawn from the newest examples that were learned
 * from before. Drawn examples change a learner's parameters and nothing else: no metric, evidence or running moment knows of them.
 *
 * <p>What is drawn depends on the examples so far and the seed alone, unless {@link #rest} says that there is no time for it. Not
 * safe for use from several threads.
 */
final class Replay {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);

    private final KindLearnerSettings settings;
    private @Nullable ReplayBuffer buffer;
    private @Nullable ExampleBatch drawn;
    private boolean resting;
    private long replayed;
    private long passedOver;

    Replay(KindLearnerSettings settings) {
        this.settings = settings;
    }

    /** Begins with nothing to draw from; examples are laid out for that schema. */
    void begin(FeatureSchema schema) {
        if (settings.replay().batches() > 0) {
            int targets = settings.targets().size();
            buffer = new ReplayBuffer(settings.replay().snapshots(), schema, targets);
            drawn = new ExampleBatch(settings.batch().size(), schema, targets);
        }
    }

    /** Whether there is no time for it at present. */
    void rest(boolean value) {
        resting = value;
    }

    /** Examples drawn, and batches that nothing followed since there was no time; since the program began. */
    KindStatus.Replayed status() {
        return new KindStatus.Replayed(replayed, passedOver);
    }

    /**
     * Follows a batch that was learned from, then takes it in.
     *
     * @param batches how many batches were learned from, this one included
     */
    void follow(OpenBatch batch, Contest contest, long batches) {
        ReplayBuffer from = buffer;
        ExampleBatch rows = drawn;
        if (from == null || rows == null) {
            return;
        }
        settle(from);
        if (resting) {
            passedOver++;
        } else if (from.size() > 0) {
            SplittableRandom random = new SplittableRandom(settings.seed() * 1_000_003 + batches);
            for (int i = 0; i < settings.replay().batches(); i++) {
                from.draw(random, rows, Math.min(batch.rows().size, from.size()));
                contest.rehearse(rows);
                replayed += rows.size;
            }
        }
        for (int r = 0; r < batch.rows().size; r++) {
            from.add(batch.partition(r), batch.offset(r), batch.snapshot(r), batch.rows(), r);
        }
    }

    /** Partition to the offset from which {@link #refill} wants to be given examples again; empty for none. */
    Map<Integer, Long> wantedFrom() {
        return buffer == null ? Map.of() : buffer.expectedFrom();
    }

    /**
     * Takes an example again that it held when the state was saved; others are passed over.
     *
     * @param from the schema that the example names
     */
    void refill(int partition, long offset, LabelledExample example, FeatureSchema from, OpenBatch layout) {
        if (buffer != null && buffer.expects(partition, offset)) {
            ExampleBatch row = Objects.requireNonNull(drawn);
            if (layout.read(example, from, row, 0) == null) {
                buffer.refill(partition, offset, OpenBatch.snapshot(example), row, 0);
            }
        }
    }

    /** Goes on without the examples that did not come again. */
    private void settle(ReplayBuffer from) {
        int missing = from.missing();
        if (missing > 0) {
            LOG.warn(
                    "{}: {} of {} examples that were learned from lately are not learned from again: they are gone from the"
                            + " topic, or targets or replay.snapshots have changed",
                    settings.kind().id(),
                    missing,
                    from.size());
            from.settle();
        }
    }

    void write(DataOutput out) throws IOException {
        out.writeBoolean(buffer != null);
        if (buffer != null) {
            buffer.write(out);
        }
    }

    /** Reads what {@link #write} wrote, after {@link #begin}. */
    void read(DataInput in) throws IOException {
        if (in.readBoolean() && buffer != null) {
            buffer.read(in);
        }
    }
}
