package io.livepredict.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Target;
import io.livepredict.model.ModelKeys;
import io.livepredict.model.ModelKeys.ModelKey;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.trainer.learner.ExampleFault;
import io.livepredict.trainer.learner.KindLearner;
import io.livepredict.trainer.learner.SchemaSource;
import io.livepredict.trainer.publish.ModelsView;
import io.livepredict.trainer.publish.Publication;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.VersionLedger;
import io.livepredict.trainer.wiring.TrainerApp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The loop with everything that survives its parts kept outside of them, as topics keep it: the input and how far it is
 * committed, the stores' changelogs, predictions and examples, models and checkpoints. An app works in transactions; one
 * that is killed leaves what it had committed and nothing else.
 */
final class SimulatedLoop implements AutoCloseable {
    private static final String NAME = Kind.VIEWER.id();

    private final List<CanonicalEvent> input;
    private final InProcessRegistry registry = new InProcessRegistry();
    private final SigningKey key = SigningKey.generate();
    private final TrustedKeys trusted = TrustedKeys.of(List.of(key.publicKey()));

    // The topics.
    final Map<String, Map<Bytes, byte[]>> changelogs = new HashMap<>();
    final List<Prediction> predictions = new ArrayList<>();
    final List<LabelledExample> examples = new ArrayList<>();
    final Map<String, SchemaSource.Announced> schemas = new HashMap<>();
    final Map<String, ModelRecord> models = new LinkedHashMap<>();
    private int committed;
    long deadLetters;
    /** By event of the input, who took it in for good. */
    final List<Installed> takenInUnder = new ArrayList<>();

    // The app, and what it has done and not committed.
    private Installed installed;
    private DrivenApp app;
    private int read;
    private long nowMillis;
    private long writtenMillis;
    private final List<Prediction> newPredictions = new ArrayList<>();
    private final List<LabelledExample> newExamples = new ArrayList<>();
    private long newDeadLetters;

    // The trainer.
    private Installed taught;
    private KindLearner learner;
    private ModelsView view;
    private long nextExample;
    byte @Nullable [] checkpoint;
    private long checkpointOffset;
    private final List<Era> eras = new ArrayList<>();

    /** By version, what was published and is good. */
    final TreeMap<Long, Good> good = new TreeMap<>();

    private final VersionToServe toServe = new VersionToServe(models, good, key.keyId());
    private @Nullable Good newest;
    /** Refusals that were counted: the same one is counted once. */
    private final Set<String> offered = new HashSet<>();

    /** A version that must be servable, its records, and what it was trained on. */
    record Good(Published published, List<Publication.Entry> entries, FeatureSchema schema, List<Target> targets) {}

    /** A stretch of examples that were learned under one configuration, for good, and the state before it. */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    private record Era(long from, byte @Nullable [] state, Installed installed) {}

    /**
     * Whether the same examples must lead to the same bytes: nobody else took version numbers, and no feature schema was
     * announced again, by which it becomes the newest.
     */
    private boolean undisturbed = true;
    /** Whether the last configuration began without numbers that were used after the checkpoint it began from. */
    private boolean numbersFree = true;

    SimulatedLoop(List<CanonicalEvent> input, Installed first) {
        this.input = input;
        installed = first;
        taught = first;
        app = startedApp();
        VersionLedger ledger = new VersionLedger();
        view = modelsView(ledger);
        learner = learner(ledger);
        eras.add(new Era(0, null, first));
    }

    // ---- the app ----

    /** Takes in the next event, if there is one. */
    void next() {
        if (read == input.size()) {
            return;
        }
        CanonicalEvent event = input.get(read++);
        nowMillis = Math.max(nowMillis, event.timeMillis());
        app.accept(event);
        app.predictions(bytes -> newPredictions.add(app.topics()
                .predictions()
                .value()
                .deserializer()
                .deserialize(app.topics().predictions().name(), bytes)));
        app.examples(bytes -> newExamples.add(app.topics()
                .labelledExamples(Kind.VIEWER)
                .value()
                .deserializer()
                .deserialize(app.topics().labelledExamples(Kind.VIEWER).name(), bytes)));
        app.deadLetters(letter -> newDeadLetters++);
    }

    /** Nothing comes until then, by the clock. */
    void passUntil(long millis) {
        long passed = Math.max(0, millis - nowMillis);
        nowMillis += passed;
        app.pass(Duration.ofMillis(passed));
    }

    /** When the next event happened. */
    long nextMillis() {
        return read == input.size() ? Long.MAX_VALUE : input.get(read).timeMillis();
    }

    boolean hasNext() {
        return read < input.size();
    }

    /** Input offset, changelogs and output, all at once. */
    void commit() {
        predictions.addAll(newPredictions);
        examples.addAll(newExamples);
        deadLetters += newDeadLetters;
        app.changes((store, entity, value) -> {
            Map<Bytes, byte[]> changelog = changelogs.computeIfAbsent(store, absent -> new TreeMap<>());
            if (value == null) {
                changelog.remove(entity);
            } else {
                changelog.put(entity, value);
            }
        });
        for (; committed < read; committed++) {
            takenInUnder.add(installed);
        }
        forgetUncommitted();
    }

    private void forgetUncommitted() {
        newPredictions.clear();
        newExamples.clear();
        newDeadLetters = 0;
    }

    /** Kills the app, and starts it as configured. */
    void restartApp(Installed next) {
        app.close();
        forgetUncommitted();
        read = committed;
        installed = next;
        app = startedApp();
        followModels(0);
    }

    Installed installed() {
        return installed;
    }

    private DrivenApp startedApp() {
        DrivenApp started =
                new DrivenApp(installed.streams(), Kind.VIEWER, registry, trusted, () -> nowMillis, changelogs);
        FeatureSchema schema = started.schema();
        SchemaSource.Announced before = schemas.put(schema.id(), new SchemaSource.Announced(schema, ++announcements));
        undisturbed &= before == null || before.order() == announcements - 1;
        models.forEach(started::model);
        return started;
    }

    private long announcements;

    // ---- the trainer ----

    private ModelsView modelsView(VersionLedger ledger) {
        return new ModelsView(
                NAME, new ModelVerifier(signer().namespace(), trusted), ledger, () -> Instant.ofEpochMilli(nowMillis));
    }

    private ModelSigner signer() {
        return new ModelSigner(installed.streams().namespace(), key);
    }

    private KindLearner learner(VersionLedger ledger) {
        return TrainerApp.learner(taught.trainer(), Kind.VIEWER, schemas::get, ledger);
    }

    /** Learns from so many of the examples that are there. */
    void learn(int most) {
        for (int i = 0; i < most && nextExample < examples.size(); i++) {
            LabelledExample example = examples.get((int) nextExample);
            ExampleFault fault = learner.accept(0, nextExample, example.getEmittedAt(), example);
            if (fault != null) {
                assertThat(fault).as("example %s", nextExample).isEqualTo(ExampleFault.NO_USABLE_LABEL);
            }
            nextExample++;
            learner.maybePublish(example.getEmittedAt()).ifPresent(this::publish);
        }
    }

    void checkpoint() {
        checkpoint = learner.state();
        checkpointOffset = learner.offsets().getOrDefault(0, 0L);
    }

    /** Kills the trainer, and starts it from its last checkpoint. */
    void restartTrainer(Installed next) {
        boolean changed = false;
        learner.close();
        VersionLedger ledger = new VersionLedger();
        view = modelsView(ledger);
        models.forEach(view::accept);
        if (!next.equals(taught)) {
            taught = next;
            changed = true;
            eras.removeIf(era -> era.from >= checkpointOffset);
            eras.add(new Era(checkpointOffset, checkpoint, next));
        }
        learner = learner(ledger);
        if (checkpoint != null) {
            restore(learner, checkpoint);
        }
        nextExample = checkpointOffset;
        if (changed) {
            numbersFree = learner.version() == ledger.highest();
        }
    }

    /** As the trainer does, with the examples again that it wants to learn from once more. */
    private void restore(KindLearner restored, byte[] state) {
        restored.restore(state);
        restored.refillFrom().forEach((partition, from) -> {
            for (long offset = from; offset < restored.offsets().getOrDefault(partition, 0L); offset++) {
                restored.refill(partition, offset, examples.get((int) offset));
            }
        });
    }

    Installed taught() {
        return taught;
    }

    // ---- models ----

    private void publish(Published version) {
        List<Publication.Entry> entries =
                Publication.of(version, view, taught.trainer().retention(), signer(), now());
        newest = new Good(version, entries, learned(version.manifest()), taught.targets());
        good.put(version.manifest().version(), newest);
        entries.forEach(entry -> write(entry.key(), entry.value()));
        followModels(app.activeVersion());
    }

    /** The announced schema with the model's inputs. */
    private FeatureSchema learned(ModelManifest manifest) {
        return schemas.values().stream()
                .map(SchemaSource.Announced::schema)
                .filter(schema -> schema.dense().stream()
                                .map(f -> f.name() + f.definition())
                                .toList()
                                .equals(manifest.dense().stream()
                                        .map(f -> f.name() + f.definition())
                                        .toList())
                        && schema.ids().stream()
                                .map(f -> f.name() + f.definition())
                                .toList()
                                .containsAll(manifest.ids().stream()
                                        .map(f -> f.name() + f.definition())
                                        .toList()))
                .findFirst()
                .orElseThrow();
    }

    FeatureSchema schema(String id) {
        return Objects.requireNonNull(schemas.get(id), id).schema();
    }

    /** Somebody writes a version that must not be served. */
    void offer(BadModel bad, boolean overTheNewest) {
        Good model = newest;
        if (model == null) {
            return;
        }
        long version =
                overTheNewest ? model.published.manifest().version() : 1 + Math.max(good.lastKey(), highestKey());
        long before = app.activeVersion();
        boolean onlyForThat = before != 0
                && before != version
                && toServe.isServable(model, app, installed.targets())
                && offered.add(version + " " + bad);
        long refusals = refusals(bad);
        bad.of(model.published, version, signer(), issued()).forEach(entry -> write(entry.key(), entry.value()));
        undisturbed = false;
        followModels(before);
        if (onlyForThat) {
            // A stranger's pointer counts for nothing: nothing was to be served that could be refused.
            assertThat(refusals(bad))
                    .as("refusals of %s", bad)
                    .isEqualTo(refusals + (bad == BadModel.POINTED_TO_BY_A_STRANGER ? 0 : 1));
        }
    }

    /** The highest number anybody wrote anything under: chunks that lie there already could complete what must not be whole. */
    private long highestKey() {
        return models.keySet().stream()
                .flatMap(each -> ModelKeys.parse(each).stream())
                .mapToLong(parsed -> switch (parsed) {
                    case ModelKey.Manifest manifest -> manifest.version();
                    case ModelKey.Chunk chunk -> chunk.version();
                    case ModelKey.Serving serving -> 0;
                })
                .max()
                .orElse(0);
    }

    /** When a pointer that is written now is issued. */
    private String issued() {
        return ModelPointer.issueAfter(view.serving(), now()).toString();
    }

    /** The present by the writers' clock; no two writes fall on the same millisecond. */
    private Instant now() {
        writtenMillis = Math.max(writtenMillis + 1, nowMillis);
        return Instant.ofEpochMilli(writtenMillis);
    }

    private long refusals(BadModel bad) {
        return app.metrics().by(Metric.REFUSALS, "reason").getOrDefault(bad.reason.name(), 0L);
    }

    private void write(String recordKey, @Nullable ModelRecord value) {
        models.remove(recordKey);
        if (value != null) {
            models.put(recordKey, value);
        }
        view.accept(recordKey, value);
        app.model(recordKey, value);
    }

    /** The app follows the pointer; what is active then must be the one that is to be. */
    private void followModels(long before) {
        app.settle();
        assertThat(app.activeVersion()).as("active version").isEqualTo(toServe.of(before, app, installed.targets()));
    }

    // ---- what must hold at the end ----

    /** Every example that has a label for it was learned from once, and the trainer's crashes left no trace. */
    void checkLearning() {
        learn(Integer.MAX_VALUE);
        byte[] end = learner.state();
        Era last = eras.getLast();
        if (undisturbed && numbersFree) {
            assertThat(neverKilled(last))
                    .as("the trainer's state, with and without crashes")
                    .isEqualTo(end);
        }
        learner.closeBatch();
        long usable = 0;
        for (int i = 0; i < examples.size(); i++) {
            int offset = i;
            Era era = eras.stream()
                    .filter(each -> each.from <= offset)
                    .reduce((first, second) -> second)
                    .orElseThrow();
            usable += examples.get(i).getLabels().stream().anyMatch(label -> isTarget(era.installed, label)) ? 1 : 0;
        }
        assertThat(learner.status().examples()).as("examples learned from").isEqualTo(usable);
    }

    private byte[] neverKilled(Era era) {
        VersionLedger ledger = new VersionLedger();
        ModelsView all = modelsView(ledger);
        models.forEach(all::accept);
        good.forEach((version, model) ->
                ledger.add(version, model.published.manifest().sha256()));
        try (KindLearner other = learner(ledger)) {
            if (era.state != null) {
                restore(other, era.state);
            }
            for (long offset = era.from; offset < examples.size(); offset++) {
                LabelledExample example = examples.get((int) offset);
                var unused = other.accept(0, offset, example.getEmittedAt(), example);
                var published = other.maybePublish(example.getEmittedAt());
                assertThat(published)
                        .as("a version that was not published before")
                        .isEmpty();
            }
            return other.state();
        }
    }

    private static boolean isTarget(Installed installed, TargetLabel label) {
        return installed.targets().stream()
                .anyMatch(target -> target.name().equals(label.getTarget())
                        && target.definition().equals(label.getDefinition()));
    }

    @Override
    public void close() {
        app.close();
        learner.close();
        registry.close();
    }
}
