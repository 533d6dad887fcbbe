package io.livepredict.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.ViewerEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.local.EmbeddedBroker;
import io.livepredict.deploy.local.Ports;
import io.livepredict.deploy.local.RegistryProcess;
import io.livepredict.deploy.replay.ReplayKinds;
import io.livepredict.model.SigningKey;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.config.StreamsAppConfig;
import io.livepredict.streams.ingest.CanonicalEvent;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicReader;
import io.livepredict.topics.TopicSetup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same log through the backtest and through the app on a broker, one partition, the prior served in both. */
class BacktestLiveIT {
    @TempDir
    Path directory;

    @Test
    void shouldGiveTheFeaturesAndLabelsOfTheLivePipeline() throws Exception {
        List<CanonicalEvent> events = TestLogs.chaos(11, 1_500);
        List<LabelledExample> tested = backtested(events);
        assertThat(tested).hasSizeGreaterThan(300);
        try (EmbeddedBroker broker = EmbeddedBroker.start(EmbeddedBroker.Options.throwaway());
                RegistryProcess registry =
                        RegistryProcess.start(Ports.free(), null, directory.resolve("registry.log"));
                ConfluentRegistryClient client = new ConfluentRegistryClient(RegistrySettings.of(registry.url()))) {
            Topics topics = new Topics(Namespace.defaults(), 1, new AvroSerdes(client));
            KafkaSettings kafka = KafkaSettings.of(broker.bootstrapServers());
            try (Admin admin = Admin.create(kafka.client("test"))) {
                TopicSetup.ensure(admin, topics.all(), 1);
            }
            try (StreamsApp app = StreamsApp.start(config(kafka, registry))) {
                send(events, kafka, topics);
                Awaitility.await()
                        .atMost(Duration.ofMinutes(2))
                        .pollInterval(Duration.ofMillis(500))
                        .until(() -> examples(kafka, topics).size() >= tested.size() || !app.isAlive());
                List<LabelledExample> live = examples(kafka, topics);
                assertThat(live).hasSameSizeAs(tested);
                for (int i = 0; i < live.size(); i++) {
                    live.get(i).setEmittedAt(tested.get(i).getEmittedAt());
                }
                assertThat(live).isEqualTo(tested);
            }
        }
    }

    private static List<LabelledExample> backtested(List<CanonicalEvent> events) {
        BacktestConfig pinned = YamlFile.parse(
                "learners: [{family: logistic}]\ngate: {least-examples: 1000000}", "config", BacktestConfig.class);
        List<LabelledExample> examples = new ArrayList<>();
        try (Backtest backtest = new Backtest(pinned, TestLogs.MAPPING, TestLogs.TARGETS)) {
            backtest.listen((example, now) -> examples.add(example));
            events.forEach(backtest::accept);
        }
        return examples;
    }

    private StreamsAppConfig config(KafkaSettings kafka, RegistryProcess registry) {
        Path trusted = directory.resolve("key.pub");
        SigningKey.generate().write(directory.resolve("key"), trusted);
        return new StreamsAppConfig(
                null,
                kafka,
                RegistrySettings.of(registry.url()),
                1,
                1,
                ReplayKinds.of(TestLogs.MAPPING),
                null,
                TestLogs.TARGETS,
                null,
                new StreamsAppConfig.Time(null, null, true, null, null),
                null,
                null,
                new StreamsAppConfig.Models(List.of(trusted)),
                new StreamsAppConfig.State(directory.resolve("state"), null, null, null, null),
                new StreamsAppConfig.Http(null, 0),
                1,
                null,
                null,
                null);
    }

    private static void send(List<CanonicalEvent> events, KafkaSettings kafka, Topics topics) {
        try (KafkaProducer<String, ViewerEvent> producer = new KafkaProducer<>(
                kafka.producer("test-events"),
                new StringSerializer(),
                topics.viewerEvents().value().serializer())) {
            for (CanonicalEvent e : events) {
                ViewerEvent event = new ViewerEvent(
                        e.eventId(),
                        e.entityId(),
                        e.contextId(),
                        e.timeMillis(),
                        e.type(),
                        e.numbers(),
                        e.attributes(),
                        e.text());
                producer.send(new ProducerRecord<>(topics.viewerEvents().name(), 0, e.entityId(), event));
            }
        }
    }

    private static List<LabelledExample> examples(KafkaSettings kafka, Topics topics) {
        List<LabelledExample> examples = new ArrayList<>();
        TopicReader.readToEnd(kafka.consumer("test-reader"), topics.labelledExamples(Kind.VIEWER), (key, value) -> {
            if (value != null) {
                examples.add(value);
            }
        });
        return examples;
    }
}
