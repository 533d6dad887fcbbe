package io.livepredict.trainer.learner;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.model.ModelArtifact;
import io.livepredict.trainer.evaluation.PrequentialTable;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.ModelState;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.publish.GoldenRows;
import io.livepredict.trainer.publish.ModelRunner;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.VersionLedger;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns one kind from its labelled examples, one call at a time: forms mini-batches, tests and then trains every learner on
 * them, chooses the champion, notices drift, and says when a new version is to be published.
 *
 * <p>All that it does depends on what it is given and on nothing else: the same calls give the same bytes. {@link #state()}
 * is everything up to the last trained batch; a learner restored from it and given the examples from {@link #offsets()} on
 * goes on as if it had never stopped. So each example trains each learner exactly once when state and offsets are kept
 * together. Single writer: not safe for use from several threads.
 */
public final class KindLearner implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KindLearner.class);

    private final KindLearnerSettings settings;
    private final LearnerFactory factory;
    private final SchemaSource schemas;
    private final List<Contender> contenders = new ArrayList<>();
    private final Map<String, ExampleReader> readers = new HashMap<>();
    private final Map<ExampleFault, Long> faults = new EnumMap<>(ExampleFault.class);
    private final PrequentialTable table;
    private final FrozenChallengers frozen;
    private final DriftWatch drift;
    private final GoldenRows golden;
    private final VersionMaker versions;

    private @Nullable FeatureSchema schema;
    private @Nullable ExampleBatch batch;
    private @Nullable ExampleBatch goldenBatch;
    private String schemaId = "";
    private final long[] entityHashes;
    private final long[] asOfMillis;
    private long batchFirstTimestamp;
    private long batchLastEmittedAt;
    /** Partition to next offset once the open batch has been trained. */
    private final TreeMap<Integer, Long> pendingOffsets = new TreeMap<>();

    // What follows, the contenders, the table, the drift watch and the golden rows are the state.
    private final TreeMap<Integer, Long> offsets = new TreeMap<>();
    private long examples;
    private long batches;
    private long lastEmittedAt;
    private int champion;
    private long championSince;
    private long championChanges;
    private long resets;
    private long migrations;

    /** Not part of the state: a learner restored from before a drift finds it again. */
    private final List<Drift> untold = new ArrayList<>();

    /**
     * @param schemas where the schema that an example names is found
     * @param ledger the versions already in the models topic; the owner adds what is published
     */
    public KindLearner(
            KindLearnerSettings settings,
            LearnerFactory factory,
            ModelRunner runner,
            SchemaSource schemas,
            VersionLedger ledger) {
        this.settings = settings;
        this.factory = factory;
        this.schemas = schemas;
        List<String> names = factory.learners().stream().map(LearnerSpec::name).toList();
        if (names.isEmpty() || names.stream().distinct().count() != names.size()) {
            throw new IllegalArgumentException("at least one learner is needed and names must differ, got " + names);
        }
        table = new PrequentialTable(settings.targets(), names, settings.evaluation());
        frozen = new FrozenChallengers(settings.kind(), settings.targets(), runner, table);
        drift = new DriftWatch(settings.drift());
        golden = new GoldenRows(settings.gate().goldenRows());
        versions = new VersionMaker(settings, table, golden, runner, ledger);
        entityHashes = new long[settings.batch().size()];
        asOfMillis = new long[settings.batch().size()];
    }

    /** A learner and what it last said. */
    private static final class Contender {
        final LearnerSpec spec;
        TrainableModel model;
        float[] scores;
        double lastLoss;
        long resets;

        Contender(LearnerSpec spec, TrainableModel model, int scores) {
            this.spec = spec;
            this.model = model;
            this.scores = new float[scores];
        }
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
        SchemaSource.Announced announced = schemas.find(example.getFeatureSchema());
        if (announced == null) {
            return skip(partition, offset, ExampleFault.UNKNOWN_SCHEMA);
        }
        if (announced.schema().kind() != settings.kind()) {
            return skip(partition, offset, ExampleFault.WRONG_KIND);
        }
        long span = settings.batch().spanMillis();
        if (span > 0 && !pendingOffsets.isEmpty() && recordTimestampMillis - batchFirstTimestamp >= span) {
            closeBatch();
        }
        if (schema == null) {
            begin(announced.schema(), example.getFeatureSchema());
        } else if (!schemaId.equals(example.getFeatureSchema()) && isNewer(announced)) {
            closeBatch();
            migrate(announced.schema(), example.getFeatureSchema());
        }
        ExampleBatch open = present(batch);
        ExampleFault fault =
                reader(example.getFeatureSchema(), announced.schema()).read(example, open, open.size);
        if (fault != null) {
            return skip(partition, offset, fault);
        }
        if (open.size == 0) {
            batchFirstTimestamp = recordTimestampMillis;
            batchLastEmittedAt = Long.MIN_VALUE;
        }
        entityHashes[open.size] = hash(example.getEntityId());
        asOfMillis[open.size] = example.getAsOf();
        batchLastEmittedAt = Math.max(batchLastEmittedAt, example.getEmittedAt());
        open.size++;
        pendingOffsets.put(partition, offset + 1);
        if (open.size == settings.batch().size()) {
            closeBatch();
        }
        return null;
    }

    /** Counts an example that can't be used, and goes on after it. */
    public ExampleFault skip(int partition, long offset, ExampleFault fault) {
        faults.merge(fault, 1L, Long::sum);
        // An offset must not pass one that is still untrained in the open batch; the batch takes it along.
        (openRows() == 0 ? offsets : pendingOffsets).merge(partition, offset + 1, Math::max);
        return fault;
    }

    /** Trains on what is in the open batch, however little. */
    public void closeBatch() {
        if (openRows() > 0) {
            train(present(batch));
        }
    }

    /** Rows in the open batch. */
    public int openRows() {
        return batch == null ? 0 : batch.size;
    }

    /** Partition to the next offset to be learned from, as of {@link #state()}. */
    public Map<Integer, Long> offsets() {
        return Map.copyOf(offsets);
    }

    private long nextOffset(int partition) {
        return Math.max(offsets.getOrDefault(partition, 0L), pendingOffsets.getOrDefault(partition, 0L));
    }

    /** Examples learned from. */
    public long examples() {
        return examples;
    }

    /** The version last published; 0 for none. */
    public long version() {
        return versions.version();
    }

    /** emitted_at of the newest example learned from; 0 for none. */
    public long lastEmittedAt() {
        return lastEmittedAt;
    }

    /**
     * Imported models to be tested on every batch from here on, as frozen challengers. Only the table knows of them: the state
     * and the choice of the champion stay functions of the examples alone.
     */
    public void imports(List<ModelArtifact> present) {
        frozen.set(present);
    }

    /**
     * The drifts found since {@link #driftsTold()}. Told together with a {@link #state()} each is told once: a learner restored
     * from before it finds it again, one restored from after it does not.
     */
    public List<Drift> untoldDrifts() {
        return List.copyOf(untold);
    }

    /** They are told. */
    public void driftsTold() {
        untold.clear();
    }

    // ---- learning ----

    private void begin(FeatureSchema first, String id) {
        schema = first;
        schemaId = id;
        lay(first);
        for (LearnerSpec spec : factory.learners()) {
            contenders.add(fresh(spec, first, 0));
        }
        log.info(
                "{}: {} learners begin on {} features: {}",
                settings.kind().id(),
                contenders.size(),
                first.dense().size(),
                factory.learners().stream().map(LearnerSpec::name).toList());
    }

    private void lay(FeatureSchema layout) {
        batch = batchFor(layout);
        goldenBatch = batchFor(layout);
        readers.clear();
        frozen.lay(layout, settings.batch().size());
    }

    private ExampleBatch batchFor(FeatureSchema layout) {
        return new ExampleBatch(
                Math.max(settings.batch().size(), settings.gate().goldenRows()),
                layout,
                settings.targets().size());
    }

    private Contender fresh(LearnerSpec spec, FeatureSchema on, long restarts) {
        int capacity = present(batch).capacity;
        long seed = settings.seed() * 1_000_003 + factory.learners().indexOf(spec) * 1_009L + restarts;
        Contender contender = new Contender(
                spec,
                factory.create(spec, on, settings.targets(), capacity, seed),
                capacity * settings.targets().size());
        contender.resets = restarts;
        return contender;
    }

    private long seed(LearnerSpec spec, long restarts) {
        return settings.seed() * 1_000_003 + factory.learners().indexOf(spec) * 1_009L + restarts;
    }

    private boolean isNewer(SchemaSource.Announced announced) {
        SchemaSource.Announced current = schemas.find(schemaId);
        return current == null || announced.order() > current.order();
    }

    private ExampleReader reader(String id, FeatureSchema from) {
        return readers.computeIfAbsent(id, absent -> new ExampleReader(from, present(schema), settings.targets()));
    }

    private void migrate(FeatureSchema to, String id) {
        FeatureSchema from = present(schema);
        schema = to;
        schemaId = id;
        lay(to);
        for (int i = 0; i < contenders.size(); i++) {
            contenders.set(i, migrated(contenders.get(i), from, settings.targets()));
        }
        golden.clear();
        migrations++;
        log.info(
                "{}: features changed from schema {} ({} dense) to {} ({} dense); weights are kept by name",
                settings.kind().id(),
                from.id(),
                from.dense().size(),
                id,
                to.dense().size());
    }

    private Contender migrated(Contender old, FeatureSchema from, List<Target> fromTargets) {
        FeatureSchema to = present(schema);
        Contender fresh = fresh(old.spec, to, old.resets);
        fresh.model.restore(factory.migrate(
                old.spec, old.model.state(), from, fromTargets, to, settings.targets(), seed(old.spec, old.resets)));
        old.model.close();
        return fresh;
    }

    private void train(ExampleBatch open) {
        double scale = drift.learningRateScale();
        float[][] scores = new float[contenders.size()][];
        boolean[] broken = new boolean[contenders.size()];
        for (int l = 0; l < contenders.size(); l++) {
            Contender contender = contenders.get(l);
            contender.lastLoss = contender.model.step(open, scale, contender.scores);
            broken[l] = !Double.isFinite(contender.lastLoss) | replaceNonFinite(contender.scores, open.size);
            scores[l] = contender.scores;
        }
        frozen.score(open);
        boolean drifted = false;
        for (int r = 0; r < open.size; r++) {
            table.add(
                    entityHashes[r],
                    asOfMillis[r],
                    scores,
                    r,
                    open.labels,
                    open.mask,
                    open.served,
                    open.servedVersion[r] > 0);
            frozen.enter(r, open);
            drifted |= drift.add(table.lastRowLoss(champion));
        }
        examples += open.size;
        batches++;
        lastEmittedAt = Math.max(lastEmittedAt, batchLastEmittedAt);
        offsets.putAll(pendingOffsets);
        pendingOffsets.clear();
        golden.learn(open);
        open.clear();
        for (int l = 0; l < broken.length; l++) {
            if (broken[l] || hasDiverged(l)) {
                reset(l);
            }
        }
        if (drifted) {
            answerDrift();
        }
        chooseChampion();
        frozen.recommend(champion, contenders.get(champion).spec.name(), settings.champion());
    }

    /** Puts the target's prior where a score is NaN or infinite; returns whether it had to. */
    private boolean replaceNonFinite(float[] scores, int rows) {
        boolean found = false;
        int targets = settings.targets().size();
        for (int i = 0; i < rows * targets; i++) {
            if (!Float.isFinite(scores[i])) {
                scores[i] = (float) settings.targets().get(i % targets).prior();
                found = true;
            }
        }
        return found;
    }

    private boolean hasDiverged(int l) {
        return table.windowWeight(l) >= settings.champion().floor()
                && table.relativeLoss(l) > settings.champion().divergedAt();
    }

    /** Starts a diverged learner again: from the champion where that has the same shape, otherwise afresh. */
    private void reset(int l) {
        resets++;
        String name = contenders.get(l).spec.name();
        double relative = table.relativeLoss(l);
        if (l == champion) {
            int best = bestOther(l);
            if (best >= 0) {
                becomeChampion(best);
            }
        }
        boolean fromChampion = l != champion && copyChampionTo(l);
        if (!fromChampion) {
            Contender old = contenders.get(l);
            contenders.set(l, fresh(old.spec, present(schema), old.resets + 1));
            old.model.close();
        }
        table.clear(l);
        log.warn(
                "{}: learner {} diverged (loss {} times the base rate's) and starts again {}; {} resets so far",
                settings.kind().id(),
                name,
                String.format("%.3g", relative),
                fromChampion ? "from " + contenders.get(champion).spec.name() : "afresh",
                resets);
    }

    private int bestOther(int than) {
        int best = -1;
        for (int l = 0; l < contenders.size(); l++) {
            if (l != than
                    && contenders.get(l).model.isFinite()
                    && (best < 0 || table.relativeLoss(l) < table.relativeLoss(best))) {
                best = l;
            }
        }
        return best;
    }

    private boolean copyChampionTo(int l) {
        ModelState state = contenders.get(champion).model.state();
        if (!contenders.get(champion).model.isFinite()
                || !sameShape(state, contenders.get(l).model.state())) {
            return false;
        }
        contenders.get(l).model.restore(state);
        return true;
    }

    private static boolean sameShape(ModelState a, ModelState b) {
        return a.tensors().keySet().equals(b.tensors().keySet())
                && a.tensors().entrySet().stream()
                        .allMatch(entry -> Arrays.equals(
                                entry.getValue().shape(),
                                Objects.requireNonNull(b.tensors().get(entry.getKey()))
                                        .shape()));
    }

    private void answerDrift() {
        List<String> restarted = new ArrayList<>();
        for (int l = 0; l < contenders.size(); l++) {
            if (l != champion && copyChampionTo(l)) {
                table.clear(l);
                restarted.add(contenders.get(l).spec.name());
            }
        }
        untold.add(new Drift(
                contenders.get(champion).spec.name(),
                drift.lastSize(),
                examples,
                lastEmittedAt,
                offsets,
                versions.version(),
                settings.drift().boost(),
                settings.drift().examples(),
                restarted));
        log.info(
                "{}: drift after {} examples: loss of {} up by {} %; learning rates times {} for {} examples, start again"
                        + " from it: {}",
                settings.kind().id(),
                examples,
                contenders.get(champion).spec.name(),
                Math.round(100 * drift.lastSize()),
                settings.drift().boost(),
                settings.drift().examples(),
                restarted);
    }

    private void chooseChampion() {
        ChampionSettings rule = settings.champion();
        if (examples - championSince < rule.dwell() || table.windowWeight(champion) < rule.floor()) {
            return;
        }
        double limit = table.relativeLoss(champion) * (1 - rule.margin());
        int best = -1;
        for (int l = 0; l < contenders.size(); l++) {
            boolean sameExamples = table.windowWeight(l) == table.windowWeight(champion);
            if (l != champion && sameExamples && table.relativeLoss(l) < limit) {
                best = l;
                limit = table.relativeLoss(l);
            }
        }
        if (best >= 0) {
            log.info(
                    "{}: champion is now {} (loss {} of the base rate's), before {} ({})",
                    settings.kind().id(),
                    contenders.get(best).spec.name(),
                    String.format("%.4f", table.relativeLoss(best)),
                    contenders.get(champion).spec.name(),
                    String.format("%.4f", table.relativeLoss(champion)));
            becomeChampion(best);
        }
    }

    private void becomeChampion(int l) {
        champion = l;
        championSince = examples;
        championChanges++;
        drift.championChanged();
    }

    // ---- publishing ----

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
        if (!versions.isDue(nowMillis, examples)) {
            return Optional.empty();
        }
        Contender best = contenders.get(champion);
        return versions.make(
                new VersionMaker.Learned(
                        champion,
                        best.spec.name(),
                        best.model,
                        present(schema),
                        present(goldenBatch),
                        offsets,
                        examples,
                        lastEmittedAt),
                nowMillis,
                beforeNumbering);
    }

    // ---- state ----

    /** Everything up to the last trained batch. Equal histories give equal bytes. */
    public byte[] state() {
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
            out.writeInt(contenders.size());
            for (Contender contender : contenders) {
                StateLayout.write(out, contender.spec.name());
                StateLayout.write(out, contender.spec.fingerprint());
                out.writeLong(contender.resets);
                StateLayout.write(out, contender.model.state());
            }
            StateLayout.write(
                    out,
                    contenders.isEmpty() ? "" : contenders.get(champion).spec.name());
            StateLayout.write(out, tableFingerprint());
            section(out, table::write);
            section(out, drift::write);
            golden.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void writeCounters(DataOutputStream out) throws IOException {
        out.writeInt(offsets.size());
        for (Map.Entry<Integer, Long> entry : offsets.entrySet()) {
            out.writeInt(entry.getKey());
            out.writeLong(entry.getValue());
        }
        versions.writeRefusals(out);
        for (long value :
                new long[] {examples, batches, lastEmittedAt, championSince, championChanges, resets, migrations}) {
            out.writeLong(value);
        }
        versions.write(out);
    }

    private void readCounters(DataInputStream in) throws IOException {
        offsets.clear();
        for (int i = StateLayout.size(in, 1 << 20); i > 0; i--) {
            offsets.put(in.readInt(), in.readLong());
        }
        versions.readRefusals(in);
        examples = in.readLong();
        batches = in.readLong();
        lastEmittedAt = in.readLong();
        championSince = in.readLong();
        championChanges = in.readLong();
        resets = in.readLong();
        migrations = in.readLong();
        versions.read(in);
    }

    private interface Section {
        void write(DataOutputStream out) throws IOException;
    }

    private static void section(DataOutputStream out, Section section) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream inner = new DataOutputStream(bytes)) {
            section.write(inner);
        }
        out.writeInt(bytes.size());
        bytes.writeTo(out);
    }

    private static DataInputStream section(DataInputStream in) throws IOException {
        byte[] bytes = new byte[StateLayout.size(in, 1 << 30)];
        in.readFully(bytes);
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }

    /** Metrics are only taken up by a table of the same shape. */
    private String tableFingerprint() {
        return settings.targets().stream()
                        .map(t -> t.name() + ' ' + t.definition())
                        .toList()
                + " " + factory.learners() + " " + settings.evaluation();
    }

    /**
     * Goes on from a saved state; to be called before the first example. Learners are taken up by name and settings, so
     * learners may be added, removed and changed; targets that changed are migrated by name and definition.
     *
     * @throws StateFormatException if the bytes are no state that this build reads
     */
    public void restore(byte[] state) {
        if (examples > 0 || schema != null) {
            throw new IllegalStateException("a state is restored before the first example");
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
            if (in.readInt() != StateLayout.MAGIC) {
                throw new StateFormatException("these bytes are no learner state");
            }
            int layout = in.readInt();
            if (layout != StateLayout.VERSION) {
                throw new StateFormatException("learner state has layout " + layout + ", this build reads "
                        + StateLayout.VERSION + ": run the build that wrote it, or start over with --fresh");
            }
            Kind kind = Kind.of(StateLayout.readText(in));
            if (kind != settings.kind()) {
                throw new StateFormatException("learner state is of kind " + kind.id() + ", wanted "
                        + settings.kind().id());
            }
            readBody(in);
        } catch (IOException | IllegalArgumentException e) {
            throw new StateFormatException("learner state can't be read: " + e.getMessage(), e);
        }
    }

    private void readBody(DataInputStream in) throws IOException {
        FeatureSchema saved = in.readBoolean() ? StateLayout.readSchema(in) : null;
        List<Target> savedTargets = new ArrayList<>();
        for (int i = StateLayout.size(in, 10_000); i > 0; i--) {
            savedTargets.add(StateLayout.readTarget(in));
        }
        readCounters(in);
        Map<String, Saved> byName = new HashMap<>();
        for (int i = StateLayout.size(in, 10_000); i > 0; i--) {
            byName.put(
                    StateLayout.readText(in),
                    new Saved(StateLayout.readText(in), in.readLong(), StateLayout.readModelState(in)));
        }
        String championName = StateLayout.readText(in);
        if (saved != null) {
            takeUp(saved, savedTargets, byName, championName);
        }
        boolean sameTable = StateLayout.readText(in).equals(tableFingerprint());
        DataInputStream metrics = section(in);
        if (sameTable) {
            table.read(metrics);
        }
        drift.read(section(in));
        if (saved != null) {
            golden.read(
                    in,
                    saved.dense().size(),
                    saved.sequenceLength(),
                    saved.ids().size());
        }
        if (!sameTable && saved != null) {
            drift.championChanged();
            log.info(
                    "{}: targets or learners changed: metrics start anew",
                    settings.kind().id());
        }
    }

    private record Saved(String fingerprint, long resets, ModelState state) {}

    private void takeUp(
            FeatureSchema saved, List<Target> savedTargets, Map<String, Saved> byName, String championName) {
        schema = saved;
        schemaId = saved.id();
        lay(saved);
        boolean sameTargets = names(savedTargets).equals(names(settings.targets()));
        if (!sameTargets) {
            migrations++;
        }
        champion = 0;
        for (LearnerSpec spec : factory.learners()) {
            Saved old = byName.get(spec.name());
            boolean known = old != null && old.fingerprint().equals(spec.fingerprint());
            Contender contender = fresh(spec, saved, known && old != null ? old.resets() : 0);
            if (known && old != null) {
                contender.model.restore(
                        sameTargets
                                ? old.state()
                                : factory.migrate(
                                        spec,
                                        old.state(),
                                        saved,
                                        savedTargets,
                                        saved,
                                        settings.targets(),
                                        seed(spec, old.resets())));
            }
            if (spec.name().equals(championName)) {
                champion = contenders.size();
            }
            contenders.add(contender);
        }
    }

    private static List<String> names(List<Target> targets) {
        return targets.stream().map(t -> t.name() + ' ' + t.definition()).toList();
    }

    /** How things stand; to be called by the thread that drives this learner. */
    public KindStatus status() {
        return new KindStatus(
                settings.kind(),
                examples,
                batches,
                versions.version(),
                contenders.isEmpty() ? "" : contenders.get(champion).spec.name(),
                table.lines(),
                faults,
                versions.refusals(),
                resets,
                championChanges,
                drift.drifts(),
                drift.lastSize(),
                drift.learningRateScale(),
                migrations);
    }

    /** 64-bit FNV-1a over the id's chars, then mixed: only tells entities apart within the bounded table. */
    private static long hash(String entity) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < entity.length(); i++) {
            hash = (hash ^ entity.charAt(i)) * 0x100000001b3L;
        }
        hash ^= hash >>> 32;
        hash *= 0x9e3779b97f4a7c15L;
        return hash ^ (hash >>> 29);
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("no example was seen yet");
        }
        return value;
    }

    @Override
    public void close() {
        frozen.close();
        contenders.forEach(contender -> contender.model.close());
        contenders.clear();
    }
}
