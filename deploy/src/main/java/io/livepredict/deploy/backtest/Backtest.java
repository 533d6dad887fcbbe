package io.livepredict.deploy.backtest;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.PlayerEvent;
import io.livepredict.avro.TargetLabel;
import io.livepredict.avro.ViewerEvent;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.TargetSettings;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.config.StreamsAppConfig;
import io.livepredict.streams.ingest.CanonicalEvent;
import io.livepredict.streams.ingest.MappingSettings;
import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.model.Activation;
import io.livepredict.streams.model.ModelIntake;
import io.livepredict.streams.outcome.OutcomeSettings;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.PriorModel;
import io.livepredict.streams.score.ScoreSettings;
import io.livepredict.streams.score.onnx.Device;
import io.livepredict.streams.score.onnx.DeviceException;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.streams.topology.FlowSettings;
import io.livepredict.streams.topology.KindFlow;
import io.livepredict.streams.topology.LivePredictTopology;
import io.livepredict.streams.topology.NodeNames;
import io.livepredict.trainer.config.TrainerConfig;
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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
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

    private final InProcessRegistry registry = new InProcessRegistry();
    private final Kind kind;
    private final List<Target> targets;
    private final FeatureSchema schema;
    private final String inputTopic;
    private final Function<CanonicalEvent, byte[]> encode;
    private final AppMetrics metrics = new AppMetrics();
    private final Path stateDirectory;
    private final TopologyTestDriver driver;
    private final TestInputTopic<byte[], byte[]> input;
    private final TestOutputTopic<byte[], byte[]> predictions;
    private final TestOutputTopic<byte[], byte[]> examples;
    private final List<TestOutputTopic<byte[], byte[]>> unread = new ArrayList<>();
    private final Deserializer<LabelledExample> exampleDeserializer;
    private final String examplesTopic;
    private final ActiveModel active;
    private final Activation activation;
    private final ModelIntake intake;
    private final Topic<String, ModelRecord> modelsTopic;
    private final SigningKey signingKey;
    private final VersionLedger ledger = new VersionLedger();
    private final ModelsView models;
    private final RetentionPolicy retention;
    private final Supplier<KindLearner> learners;
    private KindLearner learner;
    /** Given to the learner and not yet in its state, as they would be read again from the topic after a crash. */
    private final Deque<Given> untrained = new ArrayDeque<>();

    private final Map<String, TargetTrack> tracks = new LinkedHashMap<>();
    private final MessageDigest predictionBytes = sha256();
    private final MessageDigest exampleBytes = sha256();
    private final List<ExampleListener> listeners = new ArrayList<>();

    private long nowMillis;
    private long events;
    private long exampleCount;
    private long predictionCount;
    private long published;
    private byte[] lastModel = {};
    private @Nullable Published lastPublished;

    private record Given(long offset, long atMillis, LabelledExample example) {}

    /** Told of every example in the order of their labels, before it is learned from. */
    @FunctionalInterface
    public interface ExampleListener {
        /** @param nowMillis event time at which the label became known */
        void accept(LabelledExample example, long nowMillis);
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
        StreamsAppConfig streams = config.streams(meaning, targets);
        TrainerConfig trainer = config.trainer(meaning, targets);
        streams.check();
        trainer.check();
        this.kind = kind;
        KindDefinition definition = streams.definitions().get(kind);
        this.targets = Target.of(streams.resolvedTargets(), kind);
        if (definition == null || this.targets.isEmpty()) {
            throw new IllegalArgumentException(
                    "the events are " + kind.id() + " events, and no target is for that kind");
        }
        schema = FeatureDefinitions.schema(definition);
        for (Target target : this.targets) {
            if (target.isBinary()) {
                tracks.put(target.name(), new TargetTrack());
            }
        }
        AvroSerdes serdes = new AvroSerdes(registry);
        Topics topics = new Topics(streams.resolvedNamespace(), 1, serdes);
        inputTopic = switch (kind) {
            case VIEWER -> topics.viewerEvents().name();
            case PLAYER -> topics.playerEvents().name();
        };
        encode = encoder(topics);
        examplesTopic = topics.labelledExamples(kind).name();
        exampleDeserializer = topics.labelledExamples(kind).value().deserializer();
        modelsTopic = topics.models();

        active = new ActiveModel(new PriorModel(kind.id(), this.targets));
        activation = new Activation(cpu(), schema, this.targets, active);
        signingKey = SigningKey.generate();
        TrustedKeys trusted = TrustedKeys.of(List.of(signingKey.publicKey()));
        intake = new ModelIntake(trusted, Map.of(kind.id(), activation), metrics.models());
        models = new ModelsView(kind.id(), trusted, ledger);
        retention = trainer.retention();
        String schemaId = schema.id();
        SchemaSource.Announced announced = new SchemaSource.Announced(schema, 0);
        learners = () -> TrainerApp.learner(trainer, kind, id -> id.equals(schemaId) ? announced : null, ledger);
        learner = learners.get();

        ScoreSettings score = streams.scoreSettings();
        FlowSettings flow = new FlowSettings(
                topics,
                serdes,
                () -> new AvroDecoder(registry),
                streams.timeSettings(),
                streams.timeBounds(),
                new ScoreSettings(1, null, score.explain()),
                new OutcomeSettings(
                        streams.maxOpenSnapshots(),
                        Math.max(
                                streams.maxOpenSnapshots(),
                                OutcomeSettings.defaults().maxPending())),
                false,
                () -> nowMillis);
        KindFlow kindFlow = new KindFlow(
                definition,
                schema,
                this.targets,
                streams.resolvedSources(),
                1,
                active,
                metrics.counters(kind, this.targets));
        stateDirectory = temporaryDirectory();
        driver = new TopologyTestDriver(
                LivePredictTopology.build(flow, List.of(kindFlow)), properties(streams.applicationId()), Instant.EPOCH);
        input = driver.createInputTopic(inputTopic, new ByteArraySerializer(), new ByteArraySerializer());
        predictions = output(topics.predictions().name());
        examples = output(examplesTopic);
        NodeNames names = new NodeNames(kind);
        for (String store : List.of(names.activity(), names.pendingStore(), names.openStore())) {
            unread.add(output(streams.applicationId() + '-' + store + "-changelog"));
        }
        unread.add(output(topics.deadLetters().name()));
    }

    /** Is told of every example from now on. */
    public void listen(ExampleListener listener) {
        listeners.add(listener);
    }

    /** Takes in the next event of the log and everything that follows from it. */
    public void accept(CanonicalEvent event) {
        nowMillis = Math.max(nowMillis, event.timeMillis());
        input.pipeInput(new TestRecord<>(
                event.entityId().getBytes(StandardCharsets.UTF_8),
                encode.apply(event),
                new RecordHeaders(),
                event.timeMillis()));
        events++;
        while (!predictions.isEmpty()) {
            predictionBytes.update(predictions.readValue());
            predictionCount++;
        }
        boolean learned = false;
        while (!examples.isEmpty()) {
            learn(examples.readValue());
            learned = true;
        }
        if (learned) {
            learner.maybePublish(nowMillis).ifPresent(this::activate);
        }
        if (events % DRAIN_EVERY == 0) {
            for (TestOutputTopic<byte[], byte[]> topic : unread) {
                while (!topic.isEmpty()) {
                    topic.readRecord();
                }
            }
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
        untrained.addLast(new Given(exampleCount++, nowMillis, example));
        give(untrained.getLast());
        long next = learner.offsets().getOrDefault(0, 0L);
        while (!untrained.isEmpty() && untrained.getFirst().offset() < next) {
            untrained.removeFirst();
        }
    }

    private void give(Given given) {
        ExampleFault fault = learner.accept(0, given.offset(), given.atMillis(), given.example());
        if (fault != null) {
            throw new IllegalStateException("the learner did not take an example of our own: " + fault);
        }
    }

    /** The trainer is killed, and started again from what it had saved: its state, and the topic from its offsets on. */
    void restartTrainer() {
        byte[] saved = learner.state();
        learner.close();
        learner = learners.get();
        learner.restore(saved);
        untrained.forEach(this::give);
    }

    /** Offers the last version again under a number of its own, signed by a stranger. */
    void offerByStranger() {
        if (lastPublished == null) {
            return;
        }
        SigningKey stranger = SigningKey.generate();
        ModelManifest manifest = lastPublished.manifest();
        for (Publication.Entry entry : Publication.of(lastPublished, models, retention, stranger)) {
            intake.accept(entry.key(), entry.value());
        }
        var unused = intake.settle();
        // What a stranger wrote over is written again by its owner, as compaction keeps the last.
        for (Publication.Entry entry : Publication.of(lastPublished, models, retention, signingKey)) {
            intake.accept(entry.key(), entry.value());
        }
        unused = intake.settle();
        if (manifest.version() != activeVersion()) {
            throw new IllegalStateException("version " + manifest.version() + " was active, now " + activeVersion());
        }
    }

    /** What live goes through the models topic goes through its serde here. */
    private void activate(Published version) {
        for (Publication.Entry entry : Publication.of(version, models, retention, signingKey)) {
            byte @Nullable [] bytes = modelsTopic.value().serializer().serialize(modelsTopic.name(), entry.value());
            ModelRecord received = modelsTopic.value().deserializer().deserialize(modelsTopic.name(), bytes);
            models.accept(entry.key(), received);
            intake.accept(entry.key(), received);
        }
        published++;
        lastModel = version.onnx();
        lastPublished = version;
        Optional<ModelIntake.Missing> missing = intake.settle();
        if (missing.isPresent()) {
            throw new IllegalStateException("a version was published and its bytes are not there: " + missing.get());
        }
    }

    /** Trains on the examples of the last, incomplete batch and publishes a last version if there is something new. */
    public void finish() {
        learner.closeBatch();
        learner.maybePublish(nowMillis + 365L * 86_400_000).ifPresent(this::activate);
    }

    /** By target, the labels that became known beside what was served. */
    public Map<String, TargetTrack> tracks() {
        return tracks;
    }

    /** By target, the features that move the scores of the model now active most, over the sample that was taken. */
    public Map<String, List<Explanations.Weight>> explain(Explanations sample) {
        return sample.of(active, targets);
    }

    /** How the learning stands. */
    public KindStatus status() {
        return learner.status();
    }

    public Kind kind() {
        return kind;
    }

    public List<Target> targets() {
        return targets;
    }

    public FeatureSchema schema() {
        return schema;
    }

    /** What the app counted. */
    public AppMetrics metrics() {
        return metrics;
    }

    /** Events taken in. */
    public long events() {
        return events;
    }

    /** Examples emitted. */
    public long examples() {
        return exampleCount;
    }

    /** Predictions made. */
    public long predictions() {
        return predictionCount;
    }

    /** Versions published. */
    public long published() {
        return published;
    }

    /** The version that is active; 0 for the prior. */
    public long activeVersion() {
        return activation.activeVersion();
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
        digests.put("last_model", hex(update(sha256(), lastModel)));
        digests.put("learner_state", hex(update(sha256(), learner.state())));
        return digests;
    }

    @Override
    public void close() {
        driver.close();
        learner.close();
        active.close();
        metrics.close();
        registry.close();
        try (var files = Files.walk(stateDirectory)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TestOutputTopic<byte[], byte[]> output(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private Function<CanonicalEvent, byte[]> encoder(Topics topics) {
        return switch (kind) {
            case VIEWER -> {
                Topic<String, ViewerEvent> topic = topics.viewerEvents();
                yield e -> topic.value()
                        .serializer()
                        .serialize(
                                topic.name(),
                                new ViewerEvent(
                                        e.eventId(),
                                        e.entityId(),
                                        e.contextId(),
                                        e.timeMillis(),
                                        e.type(),
                                        e.numbers(),
                                        e.attributes(),
                                        e.text()));
            }
            case PLAYER -> {
                Topic<String, PlayerEvent> topic = topics.playerEvents();
                yield e -> topic.value()
                        .serializer()
                        .serialize(
                                topic.name(),
                                new PlayerEvent(
                                        e.eventId(),
                                        e.entityId(),
                                        e.contextId(),
                                        e.timeMillis(),
                                        e.type(),
                                        e.numbers(),
                                        e.attributes(),
                                        e.text()));
            }
        };
    }

    private Properties properties(String applicationId) {
        Properties properties = new Properties();
        properties.put("application.id", applicationId);
        properties.put("bootstrap.servers", "none.invalid:9");
        properties.put("processing.guarantee", "at_least_once");
        properties.put("statestore.cache.max.bytes", "0");
        properties.put("state.dir", stateDirectory.toString());
        return properties;
    }

    private static OnnxRuntime cpu() {
        try {
            return OnnxRuntime.start(Device.of("cpu"));
        } catch (DeviceException e) {
            throw new IllegalStateException("the CPU is always there", e);
        }
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("livepredict-backtest");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
