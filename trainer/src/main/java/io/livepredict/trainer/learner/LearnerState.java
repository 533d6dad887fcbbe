package io.livepredict.trainer.learner;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.trainer.evaluation.PrequentialTable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A kind's learning as bytes and back: which sections there are, in which order, and what is taken up when features, targets or
 * learners are others now. How each piece is written is {@link StateLayout}'s. Not safe for use from several threads.
 */
final class LearnerState {
    private static final Logger LOG = LoggerFactory.getLogger(LearnerState.class);

    private final KindLearnerSettings settings;
    private final List<LearnerFactory> factories;
    private final Progress progress;
    private final Contest contest;
    private final VersionMaker versions;
    private final PrequentialTable table;
    private final DriftWatch drift;
    private final Replay replay;

    /** The parts that this state is read into and written from. */
    LearnerState(
            KindLearnerSettings settings,
            List<LearnerFactory> factories,
            Progress progress,
            Contest contest,
            VersionMaker versions,
            PrequentialTable table,
            DriftWatch drift,
            Replay replay) {
        this.settings = settings;
        this.factories = factories;
        this.progress = progress;
        this.contest = contest;
        this.versions = versions;
        this.table = table;
        this.drift = drift;
        this.replay = replay;
    }

    /**
     * Everything up to the last trained batch. Equal histories give equal bytes.
     *
     * @param schema of the learners' inputs, null before the first example
     */
    byte[] write(@Nullable FeatureSchema schema) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(StateLayout.MAGIC);
            out.writeInt(StateLayout.VERSION);
            StateLayout.write(out, settings.kind().id());
            out.writeBoolean(schema != null);
            if (schema != null) {
                StateLayout.write(out, schema);
            }
            out.writeInt(settings.targets().size());
            for (Target target : settings.targets()) {
                StateLayout.write(out, target);
            }
            writeCounters(out);
            out.writeInt(contest.learners().size());
            for (Learner learner : contest.learners()) {
                StateLayout.write(out, learner.name());
                StateLayout.write(out, learner.factory().fingerprint());
                out.writeLong(learner.resets());
                StateLayout.write(out, learner.model().state());
            }
            StateLayout.write(out, contest.championName());
            StateLayout.write(out, tableFingerprint());
            writeSection(out, table::write);
            writeSection(out, drift::write);
            writeSection(out, replay::write);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void writeCounters(DataOutputStream out) throws IOException {
        out.writeInt(progress.offsets.size());
        for (Map.Entry<Integer, Long> entry : progress.offsets.entrySet()) {
            out.writeInt(entry.getKey());
            out.writeLong(entry.getValue());
        }
        versions.writeRefusals(out);
        out.writeLong(progress.examples);
        out.writeLong(progress.batches);
        out.writeLong(progress.lastEmittedAt);
        Contest.Standing standing = contest.standing();
        out.writeLong(standing.championSince());
        out.writeLong(standing.championChanges());
        out.writeLong(standing.resets());
        out.writeLong(progress.migrations);
        versions.write(out);
    }

    private void readCounters(DataInputStream in) throws IOException {
        progress.offsets.clear();
        for (int i = StateLayout.size(in, 1 << 20); i > 0; i--) {
            progress.offsets.put(in.readInt(), in.readLong());
        }
        versions.readRefusals(in);
        progress.examples = in.readLong();
        progress.batches = in.readLong();
        progress.lastEmittedAt = in.readLong();
        contest.resume(new Contest.Standing(in.readLong(), in.readLong(), in.readLong()));
        progress.migrations = in.readLong();
        versions.read(in);
    }

    private interface Section {
        void write(DataOutputStream out) throws IOException;
    }

    private static void writeSection(DataOutputStream out, Section section) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream inner = new DataOutputStream(bytes)) {
            section.write(inner);
        }
        out.writeInt(bytes.size());
        bytes.writeTo(out);
    }

    private static DataInputStream readSection(DataInputStream in) throws IOException {
        byte[] bytes = new byte[StateLayout.size(in, 1 << 30)];
        in.readFully(bytes);
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }

    /**
     * Metrics are only taken up by a table of the same shape. This text is in saved states: another one would drop the metrics
     * that they hold.
     */
    private String tableFingerprint() {
        return settings.targets().stream()
                        .map(t -> t.name() + ' ' + t.definition())
                        .toList()
                + " "
                + factories.stream()
                        .map(f -> "LearnerSpec[name=" + f.name() + ", fingerprint=" + f.fingerprint() + "]")
                        .toList()
                + " " + settings.contest().evaluation();
    }

    /**
     * Fills the parts from bytes that {@link #write} wrote. Learners are taken up by name and settings, targets that changed are
     * migrated by name and definition.
     *
     * @return the schema of the learners' inputs; empty if no example had been seen
     * @throws StateFormatException if the bytes are not a state that this build reads
     */
    Optional<FeatureSchema> read(byte[] state) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
            if (in.readInt() != StateLayout.MAGIC) {
                throw new StateFormatException("these bytes are no learner state");
            }
            int layout = in.readInt();
            if (layout < StateLayout.OLDEST_READ || layout > StateLayout.VERSION) {
                throw new StateFormatException(
                        "learner state has layout " + layout + ", this build reads " + StateLayout.OLDEST_READ + " to "
                                + StateLayout.VERSION + ": run the build that wrote it, or start over with --fresh");
            }
            Kind kind = Kind.of(StateLayout.readText(in));
            if (kind != settings.kind()) {
                throw new StateFormatException("learner state is of kind " + kind.id() + ", wanted "
                        + settings.kind().id());
            }
            return readBody(in, layout);
        } catch (IOException | IllegalArgumentException e) {
            throw new StateFormatException("learner state can't be read: " + e.getMessage(), e);
        }
    }

    private Optional<FeatureSchema> readBody(DataInputStream in, int layout) throws IOException {
        FeatureSchema schema = in.readBoolean() ? StateLayout.readSchema(in) : null;
        List<Target> targets = new ArrayList<>();
        for (int i = StateLayout.size(in, 10_000); i > 0; i--) {
            targets.add(StateLayout.readTarget(in));
        }
        readCounters(in);
        Map<String, Contest.SavedLearner> learners = new HashMap<>();
        for (int i = StateLayout.size(in, 10_000); i > 0; i--) {
            learners.put(
                    StateLayout.readText(in),
                    new Contest.SavedLearner(StateLayout.readText(in), in.readLong(), StateLayout.readModelState(in)));
        }
        String champion = StateLayout.readText(in);
        if (schema != null) {
            contest.resume(schema, targets, learners, champion);
            if (!contest.sameTargets(targets)) {
                progress.migrations++;
            }
        }
        boolean sameTable = StateLayout.readText(in).equals(tableFingerprint());
        DataInputStream metrics = readSection(in);
        if (sameTable) {
            table.read(metrics);
        }
        drift.read(readSection(in));
        if (schema != null) {
            replay.begin(schema);
            if (layout >= StateLayout.WITH_REPLAY) {
                replay.read(readSection(in));
            }
        }
        if (!sameTable && schema != null) {
            drift.championChanged();
            LOG.info(
                    "{}: targets or learners changed: metrics start again from zero",
                    settings.kind().id());
        }
        return Optional.ofNullable(schema);
    }
}
