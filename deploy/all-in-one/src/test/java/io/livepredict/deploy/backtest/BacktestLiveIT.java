package io.livepredict.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.local.EmbeddedBroker;
import io.livepredict.deploy.local.Ports;
import io.livepredict.deploy.local.RegistryProcess;
import io.livepredict.deploy.replay.ReplayKinds;
import io.livepredict.model.SigningKey;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.settings.HttpSettings;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.KindSettingsBuilder;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.TargetSettings;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.config.Preset;
import io.livepredict.streams.config.StreamsAppConfig;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicReader;
import io.livepredict.topics.TopicSetup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same log, with looks, through the backtest and, twice, through the app on a broker: one partition, the prior served. The second time
 * rows fall into other batches and commits, and state is in memory.
 */
class BacktestLiveIT {
    private static final List<TargetSettings> TARGETS = new ArrayList<>(TestLogs.TARGETS);

    static {
        TARGETS.add(TargetSettings.builder("chat-at-look", Kind.VIEWER, Duration.ofMinutes(1))
                .anyOf(List.of("CHAT"))
                .predictOn(List.of(KindDefinition.LOOK))
                .atMostEvery(Duration.ZERO)
                .build());
    }

    @TempDir
    Path directory;

    private final EmbeddedBroker broker = EmbeddedBroker.start(EmbeddedBroker.Options.throwaway());

    @SuppressWarnings("NullAway.Init")
    private RegistryProcess registry;

    @BeforeEach
    void startRegistry() {
        registry = RegistryProcess.start(Ports.free(), null, directory.resolve("registry.log"));
    }

    @AfterEach
    void stopServers() {
        registry.close();
        broker.close();
    }

    @Test
    void shouldGiveTheFeaturesAndLabelsOfTheLivePipelineHoweverOftenAndInWhateverBatches() throws Exception {
        List<CanonicalEvent> events = TestLogs.chaos(11, 1_500);
        List<LabelledExample> tested = backtested(events);
        assertThat(tested).hasSizeGreaterThan(300);
        assertThat(tested.stream().filter(example -> example.getEventId().endsWith("+20s")))
                .hasSizeGreaterThan(100);
        StreamsAppConfig.State onDisk =
                StreamsAppConfig.State.at(directory.resolve("state").toString(), StreamsAppConfig.StoreType.ROCKSDB);
        StreamsAppConfig.State inMemory = StreamsAppConfig.State.at(
                directory.resolve("other-state").toString(), StreamsAppConfig.StoreType.IN_MEMORY);
        List<LabelledExample> first = live(events, "backtest-live", null, onDisk, tested.size());
        assertThat(first).isEqualTo(tested);
        assertThat(live(events, "backtest-live-again", Preset.LATENCY, inMemory, tested.size()))
                .isEqualTo(first);
    }

    /** What came out of the app, without when: as long as it comes, until there are as many as wanted. */
    private List<LabelledExample> live(
            List<CanonicalEvent> events,
            String namespace,
            @Nullable Preset preset,
            StreamsAppConfig.State state,
            int wanted)
            throws Exception {
        KafkaSettings kafka = KafkaSettings.of(broker.bootstrapServers());
        try (ConfluentRegistryClient client = new ConfluentRegistryClient(RegistrySettings.of(registry.url()))) {
            Topics topics = new Topics(new Namespace(namespace), 1, new AvroSerdes(client));
            try (Admin admin = Admin.create(kafka.client(namespace))) {
                TopicSetup.ensure(admin, topics.all(), 1);
            }
            try (StreamsApp app = StreamsApp.start(config(namespace, kafka, registry.url(), preset, state))) {
                send(events, kafka, topics);
                Awaitility.await()
                        .atMost(Duration.ofMinutes(2))
                        .pollInterval(Duration.ofMillis(500))
                        .until(() -> examples(kafka, topics).size() >= wanted || !app.isAlive());
                return examples(kafka, topics);
            }
        }
    }

    private static List<LabelledExample> backtested(List<CanonicalEvent> events) {
        BacktestConfig pinned = YamlFile.parse(
                "learners: [{family: logistic}]\ngate: {least-examples: 1000000}", "config", BacktestConfig.class);
        List<LabelledExample> examples = new ArrayList<>();
        try (Backtest backtest = new Backtest(pinned, Kind.VIEWER, kinds(), TARGETS)) {
            backtest.listen((example, now) -> examples.add(timeless(example)));
            events.forEach(backtest::accept);
        }
        return examples;
    }

    private static Map<Kind, KindSettings> kinds() {
        Map<Kind, KindSettings> kinds = new EnumMap<>(ReplayKinds.of(TestLogs.MAPPING));
        kinds.merge(Kind.VIEWER, KindSettings.defaults(), (own, none) -> own);
        kinds.computeIfPresent(
                Kind.VIEWER,
                (kind, own) -> KindSettingsBuilder.builder(own)
                        .looks(List.of(Duration.ofSeconds(20), Duration.ofMinutes(10)))
                        .build());
        return kinds;
    }

    private static LabelledExample timeless(LabelledExample example) {
        LabelledExample copy = LabelledExample.newBuilder(example).build();
        copy.setEmittedAt(0L);
        return copy;
    }

    private StreamsAppSettings config(
            String namespace,
            KafkaSettings kafka,
            String registry,
            @Nullable Preset preset,
            StreamsAppConfig.State state) {
        Path trusted = directory.resolve(namespace + ".pub");
        SigningKey.generate().write(directory.resolve(namespace + ".key"), trusted);
        return StreamsAppConfig.builder(
                        kafka, RegistrySettings.of(registry), TARGETS, new StreamsAppConfig.Models(List.of(trusted)))
                .namespace(namespace)
                .partitions(1)
                .replication(1)
                .kinds(kinds())
                .time(StreamsAppConfig.Time.ofReplay(null))
                .preset(preset)
                .state(state)
                .http(new HttpSettings(null, 0, null))
                .build()
                .resolve();
    }

    private static void send(List<CanonicalEvent> events, KafkaSettings kafka, Topics topics) {
        try (KafkaProducer<String, CanonicalEvent> producer = new KafkaProducer<>(
                kafka.producer("test-events"),
                new StringSerializer(),
                topics.events(Kind.VIEWER).value().serializer())) {
            for (CanonicalEvent e : events) {
                producer.send(new ProducerRecord<>(topics.events(Kind.VIEWER).name(), 0, e.entityId(), e));
            }
        }
    }

    private static List<LabelledExample> examples(KafkaSettings kafka, Topics topics) {
        List<LabelledExample> examples = new ArrayList<>();
        TopicReader.readToEnd(kafka.consumer("test-reader"), topics.labelledExamples(Kind.VIEWER), (key, value) -> {
            if (value != null) {
                examples.add(timeless(value));
            }
        });
        return examples;
    }
}
