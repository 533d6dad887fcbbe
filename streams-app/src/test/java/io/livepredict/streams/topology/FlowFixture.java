package io.livepredict.streams.topology;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.DeadLetters.Payload;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import io.livepredict.contract.Topics;
import io.livepredict.model.ModelPacker;
import io.livepredict.model.SigningKey;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.streams.choice.ChoiceSettings;
import io.livepredict.streams.config.PrivacySettings;
import io.livepredict.streams.ingest.EventFormats;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.ingest.TimeBounds;
import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.model.Activation;
import io.livepredict.streams.model.ModelIntake;
import io.livepredict.streams.model.TestModels;
import io.livepredict.streams.outcome.OutcomeSettings;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.ScoreSettings;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.step.StateStores;
import io.livepredict.streams.time.TimeSettings;
import io.livepredict.streams.wiring.AppFlow;
import io.livepredict.streams.wiring.FlowPlan;
import io.livepredict.streams.wiring.ServedModels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** The whole flow of the viewers in a TopologyTestDriver, with a real registry of this process and real models. */
public final class FlowFixture implements AutoCloseable {
    public static final long NOON = Instant.parse("2026-03-01T12:00:00Z").toEpochMilli();

    public final InProcessRegistry registry = new InProcessRegistry();
    public final AvroSerdes serdes = new AvroSerdes(registry);
    public final Topics topics = new Topics(new Namespace("test"), 1, serdes);
    public final KindDefinition definition;
    public final KindPlan plan;
    public final FeatureSchema schema;
    public final List<Target> targets;
    public final AtomicLong clock = new AtomicLong(NOON);
    public final AppMetrics metrics = new AppMetrics();
    private final ServedModels models;
    public final ActiveModel active;
    public final Activation activation;
    public final SigningKey key = SigningKey.generate();
    public final ModelIntake intake;
    public final Topology topology;
    public final TopologyTestDriver driver;

    private final TestOutputTopic<String, Prediction> predictions;
    private final TestOutputTopic<String, LabelledExample> examples;
    private final TestOutputTopic<byte[], byte[]> deadLetters;

    public static Target target(String name, String type, Duration within) {
        return TargetBuilder.builder()
                .name(name)
                .kind(Kind.VIEWER)
                .outcome(Target.Outcome.ANY_OF)
                .eventTypes(Set.of(type))
                .within(within)
                .scope(Target.Scope.SAME_CONTEXT)
                .predictOn(Set.of("JOIN", "HEARTBEAT", "CHAT", "LIKE", "GIFT"))
                .snapshotOn(Set.of("JOIN", "HEARTBEAT", "CHAT"))
                .atMostEvery(Duration.ZERO)
                .prior(0.25)
                .build();
    }

    private static Target atLooksToo(Target target) {
        Set<String> predictOn = new TreeSet<>(target.predictOn());
        predictOn.add(KindDefinition.LOOK);
        return TargetBuilder.builder(target).predictOn(predictOn).build();
    }

    public static FlowFixture canonical() {
        return new FlowFixture(
                List.of(new Source("test.viewer-events", Kind.VIEWER, Source.Format.CANONICAL, null, false)));
    }

    public FlowFixture(List<Source> sources) {
        this(sources, ScoreSettings.Explain.NEVER);
    }

    public FlowFixture(List<Source> sources, ScoreSettings.Explain explain) {
        this(sources, explain, false);
    }

    public FlowFixture(List<Source> sources, ScoreSettings.Explain explain, boolean contexts) {
        this(KindDefinition.defaults(Kind.VIEWER), sources, explain, contexts);
    }

    /** @param definition of the viewers */
    public FlowFixture(
            KindDefinition definition, List<Source> sources, ScoreSettings.Explain explain, boolean contexts) {
        this(
                definition,
                sources,
                explain,
                contexts,
                new PrivacySettings(Payload.KEEP, null),
                false,
                false,
                OutputSettings.plain(),
                Optional.empty());
    }

    /** Canonical viewers of that definition, predicted at looks too, with last scores kept for whoever asks. */
    public static FlowFixture asked(KindDefinition definition) {
        return new FlowFixture(
                definition,
                List.of(new Source("test.viewer-events", Kind.VIEWER, Source.Format.CANONICAL, null, false)),
                ScoreSettings.Explain.NEVER,
                false,
                new PrivacySettings(Payload.KEEP, null),
                true,
                false,
                OutputSettings.plain(),
                Optional.empty());
    }

    /** The viewers as shipped, with that done about people. */
    public FlowFixture(List<Source> sources, PrivacySettings privacy) {
        this(
                KindDefinition.defaults(Kind.VIEWER),
                sources,
                ScoreSettings.Explain.NEVER,
                false,
                privacy,
                false,
                false,
                OutputSettings.plain(),
                Optional.empty());
    }

    /** One that takes requests to forget somebody. */
    public static FlowFixture erasing() {
        return erasing(OutputSettings.plain());
    }

    /** The same, with these outputs. */
    public static FlowFixture erasing(OutputSettings outputs) {
        return erasing(true, outputs, Optional.empty());
    }

    /** One whose joins are choices of a room; it takes requests to forget somebody too. */
    public static FlowFixture choosing(ChoiceSettings choices) {
        return erasing(false, OutputSettings.plain(), Optional.of(choices));
    }

    private static FlowFixture erasing(boolean lastScores, OutputSettings outputs, Optional<ChoiceSettings> choices) {
        return new FlowFixture(
                KindDefinition.defaults(Kind.VIEWER),
                List.of(new Source("test.viewer-events", Kind.VIEWER, Source.Format.CANONICAL, null, false)),
                ScoreSettings.Explain.NEVER,
                false,
                new PrivacySettings(Payload.KEEP, null),
                lastScores,
                true,
                outputs,
                choices);
    }

    private FlowFixture(
            KindDefinition definition,
            List<Source> sources,
            ScoreSettings.Explain explain,
            boolean contexts,
            PrivacySettings privacy,
            boolean lastScores,
            boolean erasures,
            OutputSettings outputs,
            Optional<ChoiceSettings> choices) {
        this.definition = definition;
        targets = Stream.of(
                        target("leave-30s", "LEAVE", Duration.ofSeconds(30)),
                        target("gift-10s", "GIFT", Duration.ofSeconds(10)))
                .map(target -> definition.looks().isEmpty() ? target : atLooksToo(target))
                .toList();
        plan = new KindPlan(definition, targets, sources, Map.of(), 1, contexts, erasures, choices);
        schema = plan.schema();
        FlowPlan flow = new FlowPlan(
                new FlowSettings(
                        new TimeSettings(Duration.ofSeconds(5), Optional.empty(), Duration.ofDays(30)),
                        TimeBounds.defaults(),
                        new ScoreSettings(16, null, explain),
                        OutcomeSettings.defaults()
                                .with(
                                        privacy.pseudonyms() == null
                                                ? List.of()
                                                : privacy.pseudonyms().changes()),
                        outputs,
                        Duration.ofMinutes(10),
                        privacy.deadLetters(),
                        lastScores),
                List.of(plan));
        models = new ServedModels(flow.kinds(), OnnxRuntime.onCpu(), TestModels.verifier(key), metrics, clock::get);
        active = models.active(Kind.VIEWER);
        activation = models.activation(Kind.VIEWER);
        intake = models.intake();
        topology = new AppFlow(flow, models, metrics)
                .topology(FlowSurroundings.driven(
                        topics,
                        new EventFormats(serdes, () -> new AvroDecoder(registry), privacy.pseudonyms()),
                        new StateStores(Stores::inMemoryKeyValueStore, new RecentValues.Budget(1 << 20)),
                        clock::get));
        Properties properties = new Properties();
        properties.put("application.id", "test.streams");
        properties.put("bootstrap.servers", "nowhere:1");
        properties.put("statestore.cache.max.bytes", "0");
        driver = new TopologyTestDriver(topology, properties, Instant.ofEpochMilli(NOON));
        predictions = driver.createOutputTopic(
                topics.predictions().name(),
                new StringDeserializer(),
                topics.predictions().value().deserializer());
        examples = driver.createOutputTopic(
                topics.labelledExamples(Kind.VIEWER).name(),
                new StringDeserializer(),
                topics.labelledExamples(Kind.VIEWER).value().deserializer());
        deadLetters = driver.createOutputTopic(
                topics.deadLetters().name(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    public CanonicalEvent event(String id, String viewer, String type, long time) {
        return event(id, viewer, type, time, Map.of(), null);
    }

    public CanonicalEvent event(
            String id, String viewer, String type, long time, Map<String, Double> numbers, @Nullable String text) {
        return CanonicalEventBuilder.builder()
                .eventId(id)
                .entityId(viewer)
                .contextId("room")
                .timeMillis(time)
                .type(type)
                .numbers(numbers)
                .attributes(Map.of())
                .text(text)
                .build();
    }

    public byte[] bytes(CanonicalEvent event) {
        return topics.events(Kind.VIEWER)
                .value()
                .serializer()
                .serialize(topics.events(Kind.VIEWER).name(), event);
    }

    /** Pipes a canonical event as it should be; the clock is at its time. */
    public void send(String id, String viewer, String type, long time) {
        clock.set(Math.max(clock.get(), time));
        pipe(topics.events(Kind.VIEWER).name(), utf8(viewer), bytes(event(id, viewer, type, time)));
    }

    /** Sends an event that has been in its topic since it happened. */
    public void sendOld(CanonicalEvent event) {
        pipe(topics.events(Kind.VIEWER).name(), utf8(event.entityId()), bytes(event), event.timeMillis());
    }

    /** Of what came in that topic. */
    public List<Long> timestamps(String topic) {
        return driver
                .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList()
                .stream()
                .map(TestRecord::timestamp)
                .toList();
    }

    /** Pipes raw bytes, transport time being the clock's. */
    public void pipe(String topic, byte @Nullable [] recordKey, byte @Nullable [] value) {
        pipe(topic, recordKey, value, clock.get());
    }

    @SuppressWarnings("NullAway") // a source record may have neither
    private void pipe(String topic, byte @Nullable [] recordKey, byte @Nullable [] value, long stampMillis) {
        TestInputTopic<byte[], byte[]> input =
                driver.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer());
        input.pipeInput(new TestRecord<>(recordKey, value, Instant.ofEpochMilli(stampMillis)));
    }

    public void publish(List<ModelPacker.Entry> entries) {
        entries.forEach(entry -> intake.accept(entry.key(), entry.value()));
        intake.settle();
    }

    public List<Prediction> predictions() {
        return predictions.readValuesToList();
    }

    /** What was written to that topic since it was last asked, as bytes. */
    public List<TestRecord<byte[], byte[]>> written(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    public List<LabelledExample> examples() {
        return examples.readValuesToList();
    }

    /** A dead letter as a test looks at it. */
    public record Letter(
            DeadLetterReason reason,
            byte @Nullable [] key,
            byte @Nullable [] value,
            String topic,
            long offset,
            Headers headers) {}

    public List<Letter> deadLetters() {
        List<Letter> letters = new ArrayList<>();
        for (TestRecord<byte[], byte[]> record : deadLetters.readRecordsToList()) {
            letters.add(new Letter(
                    DeadLetterReason.valueOf(header(record.headers(), DeadLetters.REASON)),
                    record.key(),
                    record.value(),
                    header(record.headers(), DeadLetters.TOPIC),
                    Long.parseLong(header(record.headers(), DeadLetters.OFFSET)),
                    record.headers()));
        }
        return letters;
    }

    public static String header(Headers headers, String name) {
        return new String(headers.lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public Map<Kind, Long> versions() {
        Map<Kind, Long> versions = new EnumMap<>(Kind.class);
        versions.put(Kind.VIEWER, activation.activeVersion());
        return versions;
    }

    @Override
    public void close() {
        driver.close();
        models.close();
        metrics.close();
    }
}
