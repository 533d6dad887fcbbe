package io.livepredict.trainer.learner;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.model.ModelArtifact;
import io.livepredict.trainer.evaluation.PrequentialTable;
import io.livepredict.trainer.publish.ModelRunner;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.VersionLedger;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns one kind from its labelled examples, one call at a time: gathers them in mini-batches ({@link OpenBatch}), lets the
 * learners compete on these ({@link Contest}), makes versions of the champion ({@link VersionMaker}), and saves and restores all
 * of it ({@link LearnerState}).
 *
 * <p>All that it does depends on what it is given and on nothing else: the same calls give the same bytes. {@link #state()}
 * is everything up to the last trained batch; a learner restored from it and given the examples from {@link #offsets()} on
 * goes on as if it had never stopped. So each example trains each learner exactly once when state and offsets are kept
 * together. Single writer: not safe for use from several threads.
 */
public final class KindLearner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KindLearner.class);

    private final KindLearnerSettings settings;
    private final SchemaSource schemas;
    private final Progress progress = new Progress();
    private final PrequentialTable table;
    private final DriftWatch drift;
    private final ImportedModels imported;
    private final Contest contest;
    private final VersionMaker versions;
    private final Replay replay;
    private final LearnerState state;

    /** Null until the first example or a restored state says what the features are. */
    private @Nullable OpenBatch open;

    // Not part of the state: a restored learner counts faults from zero and finds a drift again.
    private final Map<ExampleFault, Long> faults = new EnumMap<>(ExampleFault.class);
    private final List<Drift> untold = new ArrayList<>();

    /**
     * @param learners which learners there are, the first champion first
     * @param schemas where the schema that an example names is found
     * @param ledger the versions already in the models topic; the owner adds what is published
     */
    public KindLearner(
            KindLearnerSettings settings,
            List<LearnerFactory> learners,
            ModelRunner runner,
            SchemaSource schemas,
            VersionLedger ledger) {
        this.settings = settings;
        this.schemas = schemas;
        List<String> names = learners.stream().map(LearnerFactory::name).toList();
        if (names.isEmpty() || names.stream().distinct().count() != names.size()) {
            throw new IllegalArgumentException("at least one learner is needed and names must differ, got " + names);
        }
        table = new PrequentialTable(
                settings.targets(), names, settings.contest().evaluation());
        drift = new DriftWatch(settings.contest().drift());
        imported = new ImportedModels(settings.kind(), settings.targets(), runner, table);
        contest = new Contest(settings, learners, table, drift, imported);
        versions = new VersionMaker(settings, table, runner, ledger);
        replay = new Replay(settings);
        state = new LearnerState(settings, learners, progress, contest, versions, table, drift, replay);
    }

    /**
     * Takes the next example of a partition. Trains at most one batch. An offset that was taken before is ignored.
     *
     * @param recordTimestampMillis the Kafka record's timestamp
     * @return why the example was skipped, or null if it was used or had been before
     */
    public @Nullable ExampleFault accept(
            int partition, long offset, long recordTimestampMillis, LabelledExample example) {
        if (offset < nextOffset(partition)) {
            return null;
        }
        String schemaId = example.getFeatureSchema();
        SchemaSource.Announced announced = schemas.find(schemaId);
        if (announced == null) {
            return skip(partition, offset, ExampleFault.UNKNOWN_SCHEMA);
        }
        if (announced.schema().kind() != settings.kind()) {
            return skip(partition, offset, ExampleFault.WRONG_KIND);
        }
        if (open != null && open.isOutlivedBy(recordTimestampMillis)) {
            closeBatch();
        }
        if (open == null) {
            begin(announced.schema(), schemaId);
        } else if (!open.schemaId().equals(schemaId) && isNewer(announced, open.schemaId())) {
            closeBatch();
            migrate(open.schema(), announced.schema(), schemaId);
        }
        OpenBatch batch = begun();
        ExampleFault fault = batch.add(partition, offset, recordTimestampMillis, example, announced.schema());
        if (fault != null) {
            return skip(partition, offset, fault);
        }
        if (batch.isFull() || isEarly(batch.rows().size)) {
            closeBatch();
        }
        return null;
    }

    /** The first label is learned from at once, and batches double until they come to the size of a full one. */
    private boolean isEarly(int rows) {
        long left = settings.batch().size() - progress.examples;
        return left > 0 && rows >= Math.min(progress.examples, left);
    }

    /** Counts an example that can't be used, and goes on after it. */
    public ExampleFault skip(int partition, long offset, ExampleFault fault) {
        faults.merge(fault, 1L, Long::sum);
        // An offset must not pass one that is still untrained in the open batch; the batch takes it along.
        if (open == null || open.isEmpty()) {
            progress.offsets.merge(partition, offset + 1, Math::max);
        } else {
            open.passOver(partition, offset);
        }
        return fault;
    }

    private long nextOffset(int partition) {
        return Math.max(progress.offsets.getOrDefault(partition, 0L), open == null ? 0 : open.nextOffset(partition));
    }

    private boolean isNewer(SchemaSource.Announced announced, String thanId) {
        SchemaSource.Announced current = schemas.find(thanId);
        return current == null || announced.order() > current.order();
    }

    private void begin(FeatureSchema features, String id) {
        open = batchFor(features, id);
        replay.begin(features);
        contest.begin(features);
        LOG.info(
                "{}: {} learners begin on {} features: {}",
                settings.kind().id(),
                contest.learners().size(),
                features.dense().size(),
                contest.learners().stream().map(Learner::name).toList());
    }

    private void migrate(FeatureSchema from, FeatureSchema to, String id) {
        open = batchFor(to, id);
        replay.begin(to);
        contest.migrate(to);
        progress.migrations++;
        LOG.info(
                "{}: features changed from schema {} ({} dense) to {} ({} dense); weights are kept by name",
                settings.kind().id(),
                from.id(),
                from.dense().size(),
                id,
                to.dense().size());
    }

    private OpenBatch batchFor(FeatureSchema features, String id) {
        return new OpenBatch(settings.batch(), settings.capacity(), features, id, settings.targets());
    }

    private OpenBatch begun() {
        OpenBatch batch = open;
        if (batch == null) {
            throw new IllegalStateException("no example was seen yet");
        }
        return batch;
    }

    /** Trains on what is in the open batch, however little. */
    public void closeBatch() {
        OpenBatch batch = open;
        if (batch == null || batch.isEmpty()) {
            return;
        }
        Contest.FoundDrift found = contest.learn(batch, progress.examples + batch.rows().size);
        progress.add(batch);
        replay.follow(batch, contest, progress.batches);
        batch.clear();
        if (found != null) {
            untold.add(
                    new Drift(found.champion(), found.size(), progress.snapshot(), versions.version(), found.answer()));
        }
    }

    /** Rows in the open batch. */
    public int openRows() {
        return open == null ? 0 : open.rows().size;
    }

    /** Partition to the next offset to be learned from, as of {@link #state()}. */
    public Map<Integer, Long> offsets() {
        return Map.copyOf(progress.offsets);
    }

    /**
     * Partition to the offset from which {@link #refill} wants to be given examples again after {@link #restore}; up to
     * {@link #offsets()}. Empty for none.
     */
    public Map<Integer, Long> refillFrom() {
        return replay.wantedFrom();
    }

    /**
     * Takes an example again that was learned from before the state was saved, to learn from it once more in spare time; one that
     * is not wanted is passed over. To be called after {@link #restore} and before the next example is accepted.
     */
    public void refill(int partition, long offset, LabelledExample example) {
        SchemaSource.Announced announced = schemas.find(example.getFeatureSchema());
        if (announced != null) {
            replay.refill(partition, offset, example, announced.schema(), begun());
        }
    }

    /**
     * Whether to leave out what is done in spare time, because new examples wait. The bytes of {@link #state()} then depend on when
     * that was.
     */
    public void busy(boolean value) {
        replay.rest(value);
    }

    /** Examples learned from. */
    public long examples() {
        return progress.examples;
    }

    /** What is learned. */
    public List<Target> targets() {
        return settings.targets();
    }

    /** The version last published; 0 for none. */
    public long version() {
        return versions.version();
    }

    /** emitted_at of the newest example learned from; 0 for none. */
    public long lastEmittedAt() {
        return progress.lastEmittedAt;
    }

    /**
     * Sets the imported models that are scored on every batch from here on. Only the table knows of them: the state and the
     * choice of the champion stay functions of the examples alone.
     */
    public void importedModels(List<ModelArtifact> present) {
        imported.use(present);
    }

    /**
     * The drifts found since {@link #driftsTold()}. Whoever writes them together with a {@link #state()} writes each once: a
     * learner restored from before a drift finds the drift again, one restored from after it does not.
     */
    public List<Drift> untoldDrifts() {
        return List.copyOf(untold);
    }

    /** Notes that the drifts found so far have been written. */
    public void driftsTold() {
        untold.clear();
    }

    /**
     * Makes the next version if it is time, something was learned since the last one, and the champion passes the gate. The
     * caller publishes it and adds it to the ledger. A version that is already there with the same bytes is passed over.
     *
     * @param nowMillis the present: wall-clock, or the time of the data where that is to decide
     */
    public Optional<Published> maybePublish(long nowMillis) {
        return maybePublish(nowMillis, () -> {});
    }

    /**
     * As {@link #maybePublish(long)}.
     *
     * @param beforeNumbering run when a version is about to be made and before its number is chosen: the moment to bring the
     *     ledger up to date
     */
    public Optional<Published> maybePublish(long nowMillis, Runnable beforeNumbering) {
        if (!versions.isDue(nowMillis, progress.examples)) {
            return Optional.empty();
        }
        return versions.make(
                new VersionMaker.Candidate(
                        contest.championPlace(), contest.champion(), begun().schema(), progress.snapshot()),
                nowMillis,
                beforeNumbering);
    }

    /** Everything up to the last trained batch. Equal histories give equal bytes. */
    public byte[] state() {
        return state.write(open == null ? null : open.schema());
    }

    /**
     * Goes on from a saved state; to be called before the first example. Learners are taken up by name and settings, so
     * learners may be added, removed and changed; targets that changed are migrated by name and definition.
     *
     * @throws StateFormatException if the bytes are not a state that this build reads
     */
    public void restore(byte[] saved) {
        if (progress.examples > 0 || open != null) {
            throw new IllegalStateException("a state is restored before the first example");
        }
        state.read(saved).ifPresent(schema -> open = batchFor(schema, schema.id()));
    }

    /** How things stand; to be called by the thread that drives this learner. */
    public KindStatus status() {
        Contest.Standing standing = contest.standing();
        return new KindStatus(
                settings.kind(),
                new KindStatus.Learning(
                        progress.examples, progress.batches, progress.migrations, replay.status(), faults),
                new KindStatus.Versions(versions.version(), versions.refusals()),
                new KindStatus.Competition(
                        contest.championName(), table.lines(), standing.resets(), standing.championChanges()),
                new KindStatus.Drifts(drift.drifts(), drift.lastSize(), drift.learningRateScale()));
    }

    @Override
    public void close() {
        contest.close();
    }
}
