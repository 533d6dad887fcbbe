package io.livepredict.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.settings.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.IntegerDeserializer;
import org.apache.kafka.common.serialization.IntegerSerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicsIT {
    @TempDir
    static Path directory;

    private static TestBroker broker;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        broker = new TestBroker(directory);
        admin = Admin.create(broker.settings().client("test"));
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    private static Topic<String, Integer> topic(int partitions, boolean compacted) {
        return topic("t-" + UUID.randomUUID(), partitions, compacted);
    }

    private static Topic<String, Integer> topic(String name, int partitions, boolean compacted) {
        return compacted
                ? Topic.compacted(name, Serdes.String(), Serdes.Integer(), partitions, 1 << 20)
                : Topic.kept(name, Serdes.String(), Serdes.Integer(), partitions, 3_600_000, 1 << 20);
    }

    private static KafkaProducer<String, Integer> producer(boolean transactional) {
        Map<String, Object> config = broker.settings().producer("test-producer");
        if (transactional) {
            config.put("transactional.id", UUID.randomUUID().toString());
        }
        return new KafkaProducer<>(config, new StringSerializer(), new IntegerSerializer());
    }

    private static Map<Integer, Long> read(Topic<String, Integer> topic, List<String> into) {
        return TopicReader.readToEnd(
                broker.settings().consumer("test-reader"), topic, (key, value) -> into.add(key + '=' + value));
    }

    private static List<String> differences(Admin admin, List<? extends Topic<?, ?>> topics) {
        return TopicSetup.differences(admin, topics).stream()
                .map(TopicSetup.Difference::words)
                .toList();
    }

    @Test
    void shouldCreateEveryTopicOfAnInstallationAndFindNothingToChangeAfter() {
        Topics topics = new Topics(new Namespace("it"), 3, new AvroSerdes(new InProcessRegistry()));
        assertThat(differences(admin, topics.all()))
                .hasSize(10)
                .contains("topic it.models does not exist; create it with 1 partitions and {cleanup.policy=compact,"
                        + " max.message.bytes=2097152}");

        TopicSetup.ensure(broker.settings(), topics.all(), 1);

        assertThat(differences(admin, topics.all())).isEmpty();
        TopicSetup.ensure(admin, topics.all(), 1);
    }

    @Test
    void shouldCreateOnlyWhatIsMissing() {
        Topic<String, Integer> first = topic(2, false);
        Topic<String, Integer> second = topic(1, true);
        TopicSetup.ensure(admin, List.of(first), 1);
        TopicSetup.ensure(admin, List.of(first, second), -1);
        assertThat(differences(admin, List.of(first, second))).isEmpty();
    }

    @Test
    void shouldTellExactlyWhatDiffers() throws Exception {
        String name = "differs";
        admin.createTopics(List.of(new NewTopic(name, Optional.of(2), Optional.of((short) 1))
                        .configs(Map.of("cleanup.policy", "delete", "max.message.bytes", "1000"))))
                .all()
                .get();
        Topic<String, Integer> wanted = topic(name, 1, true);

        List<String> expected = List.of(
                "topic differs has 2 partitions, wanted are 1: delete it and let it be created anew",
                "topic differs has cleanup.policy=delete, wanted is compact: kafka-configs.sh --alter --entity-type topics"
                        + " --entity-name differs --add-config cleanup.policy=compact",
                "topic differs has max.message.bytes=1000, wanted is 1048576: kafka-configs.sh --alter --entity-type topics"
                        + " --entity-name differs --add-config max.message.bytes=1048576");
        assertThat(differences(admin, List.of(wanted))).isEqualTo(expected);
        assertThatThrownBy(() -> TopicSetup.ensure(admin, List.of(wanted), 1))
                .isInstanceOf(TopicException.class)
                .hasMessage(String.join("; ", expected));
    }

    @Test
    void shouldTellWhichChangelogsKeepReplacedValuesForLonger() throws Exception {
        admin.createTopics(List.of(
                        new NewTopic("app-store-changelog", 1, (short) 1)
                                .configs(Map.of("cleanup.policy", "compact", "max.compaction.lag.ms", "60000")),
                        new NewTopic("app-other-changelog", 1, (short) 1).configs(Map.of("cleanup.policy", "compact")),
                        new NewTopic("another-store-changelog", 1, (short) 1)))
                .all()
                .get();
        assertThat(TopicSetup.changelogDifferences(broker.settings(), "app", Map.of("max.compaction.lag.ms", "60000")))
                .singleElement()
                .satisfies(difference -> {
                    assertThat(difference.harmful()).isFalse();
                    assertThat(difference.words())
                            .startsWith("topic app-other-changelog has max.compaction.lag.ms=")
                            .contains("wanted is 60000: kafka-configs.sh");
                });
        Topic<String, Integer> timed = topic("timed", 1, true).timed(Map.of("max.compaction.lag.ms", "60000"));
        TopicSetup.ensure(admin, List.of(timed), 1);
        assertThat(differences(admin, List.of(timed))).isEmpty();
        assertThat(differences(admin, List.of(timed.timed(Map.of("max.compaction.lag.ms", "1000")))))
                .singleElement()
                .asString()
                .contains("has max.compaction.lag.ms=60000, wanted is 1000");
    }

    @Test
    void shouldTellOfAnotherRetentionButAcceptIt() throws Exception {
        Topic<String, Integer> wanted = topic(1, false);
        admin.createTopics(List.of(new NewTopic(wanted.name(), 1, (short) 1)
                        .configs(Map.of("retention.ms", "5000", "max.message.bytes", "5000000"))))
                .all()
                .get();
        TopicSetup.ensure(admin, List.of(wanted), 1);
        assertThat(TopicSetup.createMissing(broker.settings(), List.of(wanted), 1))
                .singleElement()
                .satisfies(difference -> {
                    assertThat(difference.harmful()).isFalse();
                    assertThat(difference.words())
                            .startsWith("topic " + wanted.name()
                                    + " has retention.ms=5000, wanted is 3600000: kafka-configs.sh");
                });
    }

    @Test
    void shouldSayWhyATopicCantBeCreated() {
        Topic<String, Integer> wanted = topic(1, false);
        assertThatThrownBy(() -> TopicSetup.ensure(admin, List.of(wanted), 3))
                .isInstanceOf(TopicException.class)
                .hasMessageStartingWith("topic " + wanted.name() + " can't be created: ")
                .hasMessageContaining("replication factor")
                .hasMessageNotContaining("Exception");
    }

    @Test
    void shouldSayInOneLineThatKafkaIsNotThere() throws Exception {
        String nowhere = "127.0.0.1:" + TestBroker.freePort();
        Map<String, String> impatient =
                Map.of("bootstrap.servers", nowhere, "default.api.timeout.ms", "1500", "request.timeout.ms", "1000");
        assertThatThrownBy(() -> TopicSetup.ensure(new KafkaSettings(impatient), List.of(topic(1, false)), 1))
                .isInstanceOf(TopicException.class)
                .hasMessage("Kafka does not answer at " + nowhere
                        + ": start it, or correct kafka.bootstrap.servers and the security settings beside it");
        assertThatThrownBy(() -> TopicSetup.ensure(KafkaSettings.of("no-such-host.invalid:1"), List.of(), 1))
                .isInstanceOf(TopicException.class)
                .hasMessageContaining("bootstrap");
        try (Admin lost = Admin.create(new KafkaSettings(impatient).client("lost"))) {
            assertThatThrownBy(() -> differences(lost, List.of(topic(1, false))))
                    .isInstanceOf(TopicException.class)
                    .hasMessage("Kafka does not answer");
        }
        Map<String, Object> consumer = new HashMap<>(new KafkaSettings(impatient).consumer("x"));
        assertThatThrownBy(() -> TopicReader.readToEnd(consumer, topic(1, false), (k, v) -> {}))
                .isInstanceOf(TopicException.class)
                .hasMessageContaining("Kafka does not answer at " + nowhere);
    }

    @Test
    void shouldReadEveryCommittedRecordUpToTheEnd() {
        Topic<String, Integer> topic = topic(3, true);
        TopicSetup.ensure(admin, List.of(topic), 1);
        List<String> expected = new ArrayList<>();
        try (KafkaProducer<String, Integer> producer = producer(true)) {
            producer.initTransactions();
            for (int round = 0; round < 4; round++) {
                producer.beginTransaction();
                for (int i = 0; i < 50; i++) {
                    producer.send(new ProducerRecord<>(topic.name(), i % 3, "k" + i, round));
                }
                if (round == 2) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                    for (int i = 0; i < 50; i++) {
                        expected.add("k" + i + '=' + round);
                    }
                }
            }
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic.name(), 0, "gone", null));
            producer.commitTransaction();
            expected.add("gone=null");
        }

        List<String> seen = new ArrayList<>();
        Map<Integer, Long> positions = read(topic, seen);

        assertThat(seen).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(positions).containsOnlyKeys(0, 1, 2);
        List<String> again = new ArrayList<>();
        assertThat(read(topic, again)).isEqualTo(positions);
        assertThat(again).hasSameSizeAs(seen);
    }

    @Test
    void shouldNotWaitForATransactionThatIsOpen() {
        Topic<String, Integer> topic = topic(1, true);
        TopicSetup.ensure(admin, List.of(topic), 1);
        try (KafkaProducer<String, Integer> producer = producer(true)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic.name(), "done", 1));
            producer.commitTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic.name(), "open", 2));
            producer.flush();

            List<String> seen = new ArrayList<>();
            Map<Integer, Long> positions = read(topic, seen);

            assertThat(seen).containsExactly("done=1");
            producer.commitTransaction();
            assertThat(positions).containsExactly(Map.entry(0, 2L)); // the record and its commit marker
        }
    }

    @Test
    void shouldReadAnEmptyTopicAndRefuseOneThatIsNotThere() {
        Topic<String, Integer> topic = topic(2, true);
        assertThatThrownBy(() -> read(topic, new ArrayList<>()))
                .isInstanceOf(TopicException.class)
                .hasMessage("topic " + topic.name() + " does not exist; create it with 2 partitions and"
                        + " {cleanup.policy=compact, max.message.bytes=1048576}");
        TopicSetup.ensure(admin, List.of(topic), 1);
        List<String> seen = new ArrayList<>();
        assertThat(read(topic, seen)).isEqualTo(Map.of(0, 0L, 1, 0L));
        assertThat(seen).isEmpty();
    }

    @Test
    void shouldPassOverRecordsThatCantBeRead() {
        Topic<String, Integer> topic = topic(1, true);
        TopicSetup.ensure(admin, List.of(topic), 1);
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                broker.settings().producer("bad"), new StringSerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic.name(), "a", new byte[] {0, 0, 0, 1}));
            producer.send(new ProducerRecord<>(topic.name(), "b", "nonsense".getBytes(StandardCharsets.UTF_8)));
            producer.send(new ProducerRecord<>(topic.name(), "c", new byte[] {0, 0, 0, 3}));
        }
        List<String> seen = new ArrayList<>();
        assertThat(read(topic, seen)).isEqualTo(Map.of(0, 3L));
        assertThat(seen).containsExactly("a=1", "c=3");
        assertThat(new IntegerDeserializer().deserialize("", new byte[] {0, 0, 0, 3}))
                .isEqualTo(3);
    }
}
