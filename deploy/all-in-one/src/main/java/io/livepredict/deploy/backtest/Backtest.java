package io.livepredict.deploy.backtest;

import io.livepredict.avro.Alert;
import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.AlertCount;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.TargetSettings;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.learner.ExampleFault;
import io.livepredict.trainer.learner.KindLearner;
import io.livepredict.trainer.learner.KindStatus;
import io.livepredict.trainer.learner.SchemaSource;
import io.livepredict.trainer.publish.ModelsView;
import io.livepredict.trainer.publish.Publication;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.RetentionPolicy;
import io.livepredict.trainer.publish.VersionLedger;
import io.livepredict.trainer.wiring.TrainerApp;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * One kind's loop over a recorded log: the production topology, driven event by event in event time; the production learner,
 * given each labelled example as it is emitted; and each version that it publishes packed, signed, verified and activated by
 * the production code before the next event. The clock is the time of the event, seeds are given, and nothing runs beside it:
 * the same log gives the same bytes.
 *
 * <p>Not safe for use from several threads.
 */
public final class Backtest implements AutoCloseable {
    private static final int DRAIN_EVERY = 256;
    /** As the alerts' output is named. */
    private static final String ALERTS = "alerts";

    private final InProcessRegistry registry = new InProcessRegistry();
    private final Kind kind;
    private final DrivenApp app;
    private final Deserializer<LabelledExample> exampleDeserializer;
    private final String examplesTopic;
    private final Topic<String, ModelRecord> modelsTopic;
    private final ModelSigner signer;
    private final ModelsView models;
    private final RetentionPolicy retention;
    private final KindLearner learner;

    private final Map<String, TargetTrack> tracks = new LinkedHashMap<>();
    private final MessageDigest predictionBytes = sha256();
    private final MessageDigest exampleBytes = sha256();
    /** By name: rows, alerts, outlook. */
    private final Map<String, MessageDigest> otherBytes = new TreeMap<>();

    private final Map<String, Long> otherCounts = new TreeMap<>();
    private final List<ExampleListener> listeners = new ArrayList<>();
    private final AlertCount alerts;
    private BiConsumer<String, byte[]> outputListener = (name, bytes) -> {};
    private StateListener stateListener = (store, key, value) -> {};

    private long nowMillis;
    private long events;
    private long exampleCount;
    private long predictionCount;
    private long published;
    private byte[] lastModel = {};

    /** Told of every example in the order of their labels, before it is learned from. */
    @FunctionalInterface
    public interface ExampleListener {
        /** @param nowMillis event time at which the label became known */
        void accept(LabelledExample example, long nowMillis);
    }

    /** Told of every change of the streams app's stores, in the order of each one's changelog. */
    @FunctionalInterface
    public interface StateListener {
        /** @param value null for a deletion */
        void changed(String store, Bytes key, byte @Nullable [] value);
    }

    /**
     * @param mapping says which kind the log is of
     * @param targets what is predicted of that kind
     * @throws io.livepredict.settings.SettingsException if the settings do not fit together
     */
    public Backtest(BacktestConfig config, MappingSettings mapping, List<TargetSettings> targets) {
        this(config, mapping.kind(), config.kindsFor(mapping), targets);
    }

    /**
     * @param kind whose events are given
     * @param meaning what the kinds' events are
     * @param targets what is predicted of that kind; those of other kinds are passed over
     * @throws io.livepredict.settings.SettingsException if the settings do not fit together
     */
    public Backtest(BacktestConfig config, Kind kind, Map<Kind, KindSettings> meaning, List<TargetSettings> targets) {
        TrainerSettings trainer = config.trainer(meaning, targets);
        this.kind = kind;
        StreamsAppSettings streams = config.streams(meaning, targets);
        signer = new ModelSigner(streams.namespace(), SigningKey.generate());
        TrustedKeys trusted = TrustedKeys.of(List.of(signer.key().publicKey()));
        app = new DrivenApp(streams, kind, registry, trusted, () -> nowMillis, Map.of());
        alerts = new AlertCount(app.targets());
        for (Target target : app.targets()) {
            if (target.isBinary()) {
                tracks.put(target.name(), new TargetTrack(target.within().toMillis()));
            }
        }
        examplesTopic = app.topics().labelledExamples(kind).name();
        exampleDeserializer = app.topics().labelledExamples(kind).value().deserializer();
        modelsTopic = app.topics().models();
        VersionLedger ledger = new VersionLedger();
        models = new ModelsView(
                kind.id(),
                new ModelVerifier(signer.namespace(), trusted),
                ledger,
                () -> Instant.ofEpochMilli(nowMillis));
        retention = trainer.retention();
        String schemaId = app.schema().id();
        SchemaSource.Announced announced = new SchemaSource.Announced(app.schema(), 0);
        learner = TrainerApp.learner(trainer, kind, id -> id.equals(schemaId) ? announced : null, ledger);
    }

    /** Is told of every example from now on. */
    public void listen(ExampleListener listener) {
        listeners.add(listener);
    }

    /** Is told of every row, alert and record of the outlook from now on, by those names, as it would lie in its topic. */
    public void hear(BiConsumer<String, byte[]> listener) {
        outputListener = listener;
    }

    /** Reads what {@link #hear} tells of alerts. */
    public Alert alert(byte[] bytes) {
        Topic<String, Alert> topic = app.topics().alerts();
        return topic.value().deserializer().deserialize(topic.name(), bytes);
    }

    /** Is told of every change of the streams app's stores from now on, a few hundred events late. */
    public void watch(StateListener listener) {
        stateListener = listener;
    }

    /** Takes in the next event of the log and everything that follows from it. */
    public void accept(CanonicalEvent event) {
        nowMillis = Math.max(nowMillis, event.timeMillis());
        boolean followed = !alerts.isEmpty();
        if (followed) {
            drainDeadLetters();
        }
        app.accept(event);
        if (followed && !drainDeadLetters()) {
            alerts.take(kind, event);
        }
        events++;
        takeResults();
        if (events % DRAIN_EVERY == 0) {
            app.changes(stateListener);
            drainDeadLetters();
        }
    }

    /** Whether there were any. */
    private boolean drainDeadLetters() {
        AtomicBoolean any = new AtomicBoolean();
        app.deadLetters(letter -> any.set(true));
        return any.get();
    }

    private void takeResults() {
        app.predictions(bytes -> {
            predictionBytes.update(bytes);
            predictionCount++;
        });
        app.others((name, bytes) -> {
            otherBytes.computeIfAbsent(name, first -> sha256()).update(bytes);
            otherCounts.merge(name, 1L, Long::sum);
            if (name.equals(ALERTS)) {
                alerts.take(alert(bytes));
            }
            outputListener.accept(name, bytes);
        });
        long before = exampleCount;
        app.examples(this::learn);
        if (exampleCount > before) {
            learner.maybePublish(nowMillis).ifPresent(this::activate);
        }
    }

    private void learn(byte[] bytes) {
        exampleBytes.update(bytes);
        LabelledExample example = exampleDeserializer.deserialize(examplesTopic, bytes);
        for (TargetLabel label : example.getLabels()) {
            TargetTrack track = tracks.get(label.getTarget());
            if (track != null) {
                track.add(example.getEntityId(), example.getAsOf(), label.getServedScore(), label.getLabel());
            }
        }
        for (ExampleListener listener : listeners) {
            listener.accept(example, nowMillis);
        }
        ExampleFault fault = learner.accept(0, exampleCount++, nowMillis, example);
        if (fault != null) {
            throw new IllegalStateException("the learner did not take an example of our own: " + fault);
        }
    }

    /** What live goes through the models topic goes through its serde here. */
    private void activate(Published version) {
        for (Publication.Entry entry : Publication.of(
                version,
                models,
                retention,
                signer,
                Instant.parse(version.manifest().createdAt()))) {
            byte @Nullable [] bytes = modelsTopic.value().serializer().serialize(modelsTopic.name(), entry.value());
            ModelRecord received = modelsTopic.value().deserializer().deserialize(modelsTopic.name(), bytes);
            models.accept(entry.key(), received);
            app.model(entry.key(), received);
        }
        published++;
        lastModel = version.onnx();
        app.settle();
    }

    /**
     * Takes the looks that are still due, trains on the examples of the last, incomplete batch and publishes a last version if
     * there is something new.
     */
    public void finish() {
        app.pass(Duration.ofMillis(100));
        takeResults();
        learner.closeBatch();
        learner.maybePublish(nowMillis + 365L * 86_400_000).ifPresent(this::activate);
    }

    /** By target, the labels that became known beside what was served. */
    public Map<String, TargetTrack> tracks() {
        return tracks;
    }

    /** By target, the features that move the scores of the model now active most, over the sample that was taken. */
    public Map<String, List<Explanations.Weight>> explain(Explanations sample) {
        return sample.of(app.active(), app.targets());
    }

    /** How the learning stands. */
    public KindStatus status() {
        return learner.status();
    }

    public Kind kind() {
        return kind;
    }

    public List<Target> targets() {
        return app.targets();
    }

    public FeatureSchema schema() {
        return app.schema();
    }

    /** What the app counted. */
    public AppMetrics metrics() {
        return app.metrics();
    }

    /** Events taken in. */
    public long events() {
        return events;
    }

    /** Events that the streams app could use; the others are dead letters, repeats or of a type that is not declared. */
    public long validEvents() {
        return app.metrics().by(Metric.EVENTS, "outcome").getOrDefault("valid", 0L);
    }

    /** Examples emitted. */
    public long examples() {
        return exampleCount;
    }

    /** How many snapshots still await their labels; when the log has ended, how many it has censored. */
    public long censored() {
        return app.metrics().sum(Metric.SNAPSHOTS) - exampleCount;
    }

    /** Snapshots that were not taken because an entity had too many; there are no examples of those predictions. */
    public long refused() {
        return app.metrics().sum(Metric.SNAPSHOTS_REFUSED);
    }

    /** Looks at silent entities. */
    public long looks() {
        return app.metrics().sum(Metric.LOOKS);
    }

    /** Predictions made. */
    public long predictions() {
        return predictionCount;
    }

    /** How many rows, raises and clears of alerts, and records of the outlook there were, by those names. */
    public Map<String, Long> others() {
        return otherCounts;
    }

    /** What became of alerts, and how those alerted differ from those held out. */
    public AlertCount alerts() {
        return alerts;
    }

    /** Versions published. */
    public long published() {
        return published;
    }

    /** The version that is active; 0 for the prior. */
    public long activeVersion() {
        return app.activeVersion();
    }

    /** The ONNX file last published. */
    public byte[] lastModel() {
        return lastModel.clone();
    }

    /** SHA-256 of all that came out: predictions, examples, the last model, the learner's state. By name. */
    public Map<String, String> digests() {
        Map<String, String> digests = new LinkedHashMap<>();
        digests.put("predictions", hex(clone(predictionBytes)));
        digests.put("examples", hex(clone(exampleBytes)));
        otherBytes.forEach((name, digest) -> digests.put(name, hex(clone(digest))));
        digests.put("last_model", hex(update(sha256(), lastModel)));
        digests.put("learner_state", hex(update(sha256(), learner.state())));
        return digests;
    }

    @Override
    public void close() {
        app.close();
        learner.close();
        registry.close();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static MessageDigest clone(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
        }
    }

    private static MessageDigest update(MessageDigest digest, byte[] bytes) {
        digest.update(bytes);
        return digest;
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
