package io.livepredict.deploy.backtest;

import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.TrustedKeys;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.ingest.EventFormats;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.model.ModelIntake;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.ScoreSettings;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.StateStores;
import io.livepredict.streams.topology.FlowSurroundings;
import io.livepredict.streams.topology.KindPlan;
import io.livepredict.streams.wiring.AppFlow;
import io.livepredict.streams.wiring.FlowPlan;
import io.livepredict.streams.wiring.ServedModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/**
 * The streams app's half of a loop for one kind: the production topology, driven event by event, and the production intake
 * of models. What one app leaves in its changelogs, another can be started from. Not safe for use from several threads.
 */
final class DrivenApp implements AutoCloseable {
    private final Kind kind;
    private final KindPlan plan;
    private final Topics topics;
    private final Topic<String, CanonicalEvent> events;
    private final AppMetrics metrics = new AppMetrics();
    private final Path stateDirectory = temporaryDirectory();
    private final TopologyTestDriver driver;
    private final TestInputTopic<byte[], byte[]> input;
    private final TestOutputTopic<byte[], byte[]> predictions;
    /** By name what leaves besides predictions and examples: rows, alerts, the outlook. */
    private final Map<String, TestOutputTopic<byte[], byte[]>> others = new LinkedHashMap<>();

    private final TestOutputTopic<byte[], byte[]> examples;
    private final TestOutputTopic<byte[], byte[]> deadLetters;
    private final Map<String, TestOutputTopic<byte[], byte[]>> changelogs = new LinkedHashMap<>();
    private final ServedModels models;

    /**
     * @param clock the present; it should not run ahead of the events
     * @param restored by store, what its changelog holds; empty for a first start
     * @throws IllegalArgumentException if no target is of that kind
     */
    DrivenApp(
            StreamsAppSettings config,
            Kind kind,
            InProcessRegistry registry,
            TrustedKeys trusted,
            LongSupplier clock,
            Map<String, Map<Bytes, byte[]>> restored) {
        this.kind = kind;
        AvroSerdes serdes = new AvroSerdes(registry);
        topics = new Topics(config.namespace(), 1, serdes);
        events = topics.events(kind);
        // Its events come from here: another source that never sends anything would hold up time.
        Source driven = new Source(events.name(), kind, Source.Format.CANONICAL, null, false);
        FlowPlan whole = FlowPlan.of(config, Map.of(kind, 1));
        plan = whole.kinds().stream()
                .filter(each -> each.kind() == kind)
                .findFirst()
                .map(each -> each.reading(List.of(driven)))
                .orElseThrow(() -> new IllegalArgumentException(
                        "the events are " + kind.id() + " events, and no target is for that kind"));
        FlowPlan flow = new FlowPlan(
                whole.settings()
                        .with(new ScoreSettings(
                                1, null, whole.settings().score().explain())),
                List.of(plan));
        models = new ServedModels(
                flow.kinds(), OnnxRuntime.onCpu(), new ModelVerifier(config.namespace(), trusted), metrics, clock);
        StateStores stores = new StateStores(
                name -> store(name, restored.getOrDefault(name, Map.of())),
                new RecentValues.Budget(0)); // the stores are on the heap
        driver = new TopologyTestDriver(
                new AppFlow(flow, models, metrics)
                        .topology(FlowSurroundings.driven(
                                topics, new EventFormats(serdes, () -> new AvroDecoder(registry)), stores, clock)),
                properties(config.applicationId()),
                Instant.EPOCH);
        input = driver.createInputTopic(events.name(), new ByteArraySerializer(), new ByteArraySerializer());
        predictions = output(topics.predictions().name());
        examples = output(topics.labelledExamples(kind).name());
        deadLetters = output(topics.deadLetters().name());
        OutputSettings outputs = config.outputs();
        outputs.rows()
                .ifPresent(rows -> others.put(
                        "rows", output(topics.predictionRows(rows.schema()).name())));
        if (!outputs.alerts().isEmpty()) {
            others.put("alerts", output(topics.alerts().name()));
        }
        if (outputs.presentFor().isPresent()) {
            others.put("outlook", output(topics.outlook().name()));
        }
        NodeNames names = new NodeNames(kind);
        for (String store : List.of(names.activity(), names.looks(), names.pendingStore(), names.openStore())) {
            changelogs.put(store, output(config.applicationId() + '-' + store + "-changelog"));
        }
    }

    /** Takes in an event and does all that follows from it. */
    void accept(CanonicalEvent event) {
        input.pipeInput(new TestRecord<>(
                event.entityId().getBytes(StandardCharsets.UTF_8),
                events.value().serializer().serialize(events.name(), event),
                new RecordHeaders(),
                event.timeMillis()));
    }

    /** So much time passes in which nothing comes: what is done by the wall clock is done once. */
    void pass(Duration time) {
        driver.advanceWallClockTime(time);
    }

    /** Gives out the predictions since the last call, as they would lie in their topic. */
    void predictions(Consumer<byte[]> to) {
        drain(predictions, to);
    }

    /** Gives out the examples since the last call, as they would lie in their topic. */
    void examples(Consumer<byte[]> to) {
        drain(examples, to);
    }

    /** Gives out rows, alerts and the outlook since the last call by those names, as they would lie in their topics. */
    void others(BiConsumer<String, byte[]> to) {
        others.forEach((name, output) -> drain(output, bytes -> to.accept(name, bytes)));
    }

    /** Gives out the dead letters since the last call. */
    void deadLetters(Consumer<TestRecord<byte[], byte[]>> to) {
        while (!deadLetters.isEmpty()) {
            to.accept(deadLetters.readRecord());
        }
    }

    /** Gives out what was written to the stores since the last call, in the order of each one's changelog. */
    void changes(Backtest.StateListener to) {
        changelogs.forEach((store, changelog) -> {
            while (!changelog.isEmpty()) {
                TestRecord<byte[], byte[]> change = changelog.readRecord();
                to.changed(store, Bytes.wrap(change.key()), change.value());
            }
        });
    }

    private static void drain(TestOutputTopic<byte[], byte[]> from, Consumer<byte[]> to) {
        while (!from.isEmpty()) {
            to.accept(from.readValue());
        }
    }

    /** A record of the models topic; null for a tombstone. */
    void model(String key, @Nullable ModelRecord value) {
        models.intake().accept(key, value);
    }

    /** Follows the pointer, once what came together was taken in. */
    void settle() {
        Optional<ModelIntake.Missing> missing = models.intake().settle();
        if (missing.isPresent()) {
            throw new IllegalStateException("a version is pointed to and its bytes are not there: " + missing.get());
        }
    }

    /** The version that is active; 0 for the prior. */
    long activeVersion() {
        return models.activation(kind).activeVersion();
    }

    ActiveModel active() {
        return models.active(kind);
    }

    List<Target> targets() {
        return plan.targets();
    }

    FeatureSchema schema() {
        return plan.schema();
    }

    Topics topics() {
        return topics;
    }

    AppMetrics metrics() {
        return metrics;
    }

    @Override
    public void close() {
        driver.close();
        models.close();
        metrics.close();
        try (var files = Files.walk(stateDirectory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In memory, with what a restoration would have put there before the first event. */
    private static KeyValueBytesStoreSupplier store(String name, Map<Bytes, byte[]> restored) {
        KeyValueBytesStoreSupplier empty = Stores.inMemoryKeyValueStore(name);
        return new KeyValueBytesStoreSupplier() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public KeyValueStore<Bytes, byte[]> get() {
                KeyValueStore<Bytes, byte[]> store = empty.get();
                restored.forEach(store::put);
                return store;
            }

            @Override
            public String metricsScope() {
                return empty.metricsScope();
            }
        };
    }

    private TestOutputTopic<byte[], byte[]> output(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
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

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("livepredict-backtest");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
