package io.livepredict.deploy.loop;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.local.Ports;
import io.livepredict.deploy.report.ReportRequest;
import io.livepredict.deploy.report.RunReport;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.deploy.simulator.SimulatedEvent;
import io.livepredict.deploy.simulator.SimulatorProducer;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.serde.SchemaRegistry;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicSetup;
import io.livepredict.trainer.config.TrainerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** One installation on the shared servers: its topics, keys and configuration files, and what the tests ask of them. */
final class Installation implements AutoCloseable {
    static final int PARTITIONS = 2;
    /** How long a condition may take on a machine that is busy with other things. */
    static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Where its servers are. */
    record Place(String kafka, String registry, int partitions) {
        /** The servers that all tests share. */
        static Place shared() {
            return new Place(Servers.shared().kafka(), Servers.shared().registry(), PARTITIONS);
        }
    }

    private final Place place;
    private final Path directory;
    private final Namespace namespace;
    private final ConfluentRegistryClient registry;
    private final AvroSerdes serdes;
    private final Topics topics;
    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;
    private final SigningKey key = SigningKey.generate();

    /** Event times as they come, whatever the clock says: for events of the past, sent faster than they happened. */
    static final String AS_RECORDED = "time: {replay: true, grace: 3s}\n";
    /** As in production. */
    static final String LIVE = "time: {grace: 3s, idle-after: 5s}\n";

    /**
     * @param time the configuration's time group, as YAML
     * @param meaning its kinds and targets
     */
    Installation(Path directory, String namespace, String time, String meaning) throws IOException {
        this(Place.shared(), directory, namespace, time, meaning);
    }

    /** As the other, on other servers. */
    Installation(Place place, Path directory, String namespace, String time, String meaning) throws IOException {
        this.place = place;
        this.directory = directory;
        this.namespace = new Namespace(namespace);
        registry = new ConfluentRegistryClient(RegistrySettings.of(place.registry()));
        serdes = new AvroSerdes(registry);
        topics = new Topics(this.namespace, place.partitions(), serdes);
        admin = Admin.create(kafka().client(namespace + "-test-admin"));
        Map<String, Object> config = new HashMap<>(kafka().producer(namespace + "-test-events"));
        config.put("linger.ms", 5);
        config.put("max.request.size", 4 << 20);
        producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
        key.write(directory.resolve("signing.pem"), directory.resolve("signing.pub.pem"));
        String shared = """
                namespace: %s
                kafka: {bootstrap.servers: "%s"}
                registry: {url: "%s"}
                http: {port: 0}
                """.formatted(namespace, place.kafka(), place.registry());
        Files.writeString(
                streamsConfig(),
                shared
                        + """
                partitions: %d
                replication: 1
                models: {trusted-keys: ["%s"]}
                state: {dir: "%s"}
                """.formatted(
                                place.partitions(), directory.resolve("signing.pub.pem"), directory.resolve("state"))
                        + time
                        + meaning);
        List<Topic<?, ?>> wanted = new ArrayList<>(streams().neededTopics(topics)); // first: with the times configured
        Set<String> known = new HashSet<>();
        wanted.forEach(topic -> known.add(topic.name()));
        Stream.concat(topics.all().stream(), Stream.of(topics.oracle()))
                .filter(topic -> known.add(topic.name()))
                .forEach(wanted::add);
        TopicSetup.ensure(admin, List.copyOf(wanted), 1);
        Files.writeString(trainerConfig(), shared + """
                signing-key: "%s"
                publish: {every: 500ms}
                """.formatted(directory.resolve("signing.pem")) + meaning);
    }

    Path streamsConfig() {
        return directory.resolve("streams-app.yaml");
    }

    Path trainerConfig() {
        return directory.resolve("trainer.yaml");
    }

    StreamsAppSettings streams() {
        return StreamsAppSettings.read(streamsConfig(), Map.of());
    }

    TrainerSettings trainer() {
        return TrainerSettings.read(trainerConfig(), Map.of());
    }

    KafkaSettings kafka() {
        return KafkaSettings.of(place.kafka());
    }

    /** How many partitions its topics have. */
    int partitions() {
        return place.partitions();
    }

    Topics topics() {
        return topics;
    }

    SchemaRegistry registry() {
        return registry;
    }

    AvroSerdes serdes() {
        return serdes;
    }

    ModelSigner signer() {
        return new ModelSigner(topics.namespace(), key);
    }

    ModelVerifier verifier() {
        return new ModelVerifier(topics.namespace(), TrustedKeys.of(List.of(key.publicKey())));
    }

    /** Sends an event and what the oracle expects of its entity. */
    void send(SimulatedEvent event) {
        send(topics.events(event.kind()), event.entityId(), event.canonical());
        if (!event.oracle().isEmpty()) {
            send(topics.oracle(), event.entityId(), SimulatorProducer.oracle(event));
        }
    }

    <V> void send(Topic<String, V> topic, String recordKey, V value) {
        sendRaw(
                topic.name(),
                null,
                topic.key().serializer().serialize(topic.name(), recordKey),
                topic.value().serializer().serialize(topic.name(), value));
    }

    /** As the other, with that timestamp on the record. */
    <V> void sendAt(long stampMillis, Topic<String, V> topic, String recordKey, V value) {
        producer.send(new ProducerRecord<>(
                topic.name(),
                null,
                stampMillis,
                topic.key().serializer().serialize(topic.name(), recordKey),
                topic.value().serializer().serialize(topic.name(), value)));
    }

    void sendRaw(String topic, @Nullable Integer partition, byte @Nullable [] recordKey, byte @Nullable [] value) {
        producer.send(new ProducerRecord<>(topic, partition, recordKey, value));
    }

    void flush() {
        producer.flush();
    }

    /** Whether the streams app has committed everything that is in the event topics. */
    boolean isAllScored() {
        try {
            Map<TopicPartition, Long> committed = committed();
            return eventEnds().entrySet().stream()
                    .allMatch(end -> end.getValue() == 0 || committed.getOrDefault(end.getKey(), 0L) >= end.getValue());
        } catch (IllegalStateException e) {
            return false; // no answer for now
        }
    }

    private Map<TopicPartition, Long> eventEnds() {
        return asked(() -> TopicPositions.of(
                        admin,
                        List.of(
                                topics.events(Kind.VIEWER).name(),
                                topics.events(Kind.PLAYER).name()))
                .offsets());
    }

    /** The offsets in the event topics up to which the streams app has committed. */
    Map<TopicPartition, Long> committed() {
        Map<TopicPartition, Long> offsets = committed(streams().applicationId());
        Set<String> events = Set.of(
                topics.events(Kind.VIEWER).name(), topics.events(Kind.PLAYER).name());
        offsets.keySet().removeIf(partition -> !events.contains(partition.topic()));
        return offsets;
    }

    /** The offsets that a group has committed. */
    Map<TopicPartition, Long> committed(String group) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        asked(() -> admin.listConsumerGroupOffsets(group, new ListConsumerGroupOffsetsOptions().requireStable(true))
                        .partitionsToOffsetAndMetadata()
                        .get())
                .forEach((partition, offset) -> {
                    if (offset != null) {
                        offsets.put(partition, offset.offset());
                    }
                });
        return offsets;
    }

    /** Whether the streams app has also committed all parts of the outlook that are in their topics. */
    boolean isAllSummedUp() {
        if (hasOpenTransaction(Arrays.stream(Kind.values())
                .map(kind -> topics.outlookParts(kind).name())
                .toList())) {
            return false; // it is committed where offsets are, and its marker is on its way to the parts
        }
        Map<TopicPartition, Long> wanted = new HashMap<>();
        for (Kind kind : Kind.values()) {
            TopicScan.scan(
                    client(),
                    topics.outlookParts(kind).name(),
                    TopicPositions.beginning(),
                    each -> wanted.put(new TopicPartition(each.topic(), each.partition()), each.offset() + 1));
        }
        Map<TopicPartition, OffsetAndMetadata> committed = asked(() -> admin.listConsumerGroupOffsets(
                        streams().applicationId(), new ListConsumerGroupOffsetsOptions().requireStable(true))
                .partitionsToOffsetAndMetadata()
                .get());
        return wanted.entrySet().stream().allMatch(each -> {
            OffsetAndMetadata offset = committed.get(each.getKey());
            return offset != null && offset.offset() >= each.getValue();
        });
    }

    /** Whether something in these topics is not decided yet, so that whoever reads what is committed doesn't see it. */
    private boolean hasOpenTransaction(List<String> names) {
        Map<TopicPartition, Long> written =
                asked(() -> TopicPositions.of(admin, names).offsets());
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        written.keySet().forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        return asked(() -> admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                        .all()
                        .get())
                .entrySet()
                .stream()
                .anyMatch(each -> each.getValue().offset() < written.getOrDefault(each.getKey(), 0L));
    }

    /** Where all topics end. */
    TopicPositions ends() {
        return TopicPositions.ends(admin, namespace.value());
    }

    /** The names of all topics there are. */
    Set<String> topicNames() {
        return asked(() -> admin.listTopics().names().get());
    }

    /** How the tests' own clients reach Kafka. */
    Map<String, Object> client() {
        return kafka().client(namespace.name("test"));
    }

    private interface Question<T> {
        T ask() throws ExecutionException, InterruptedException;
    }

    private static <T> T asked(Question<T> question) {
        try {
            return question.ask();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Counts everything in the topics. */
    ObjectNode report(@Nullable StreamsApp app) {
        return report(app, serdes, topics);
    }

    /** Tries to, with a registry that does not answer. */
    ObjectNode reportWithoutRegistry() {
        RegistrySettings nowhere = RegistrySettings.builder("http://127.0.0.1:" + Ports.free())
                .retryFor(Duration.ofMillis(200))
                .build();
        try (ConfluentRegistryClient client = new ConfluentRegistryClient(nowhere)) {
            AvroSerdes without = new AvroSerdes(client);
            return report(null, without, new Topics(namespace, place.partitions(), without));
        }
    }

    private ObjectNode report(@Nullable StreamsApp app, AvroSerdes serdes, Topics topics) {
        StreamsAppSettings config = streams();
        ReportRequest.Activations activations = app == null
                ? ReportRequest.Activations.none()
                : new ReportRequest.Activations(
                        app.metrics().sum(Metric.ACTIVATIONS),
                        app.metrics().by(Metric.REFUSALS, "reason"),
                        app.activeVersions());
        return RunReport.of(new ReportRequest(
                new ReportRequest.Source(
                        kafka().client(namespace.name("test-report")), serdes, topics, TopicPositions.beginning()),
                ReportRequest.Installation.of(config),
                new ReportRequest.Observed(
                        activations,
                        null,
                        app == null ? Map.of() : app.metrics().by(Metric.PREDICTIONS_WITHHELD, "reason"),
                        Duration.ZERO)));
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
        admin.close(Duration.ofSeconds(5));
        registry.close();
    }

    /** Whether both kinds have a learned model in service. */
    static boolean hasLearned(StreamsApp app) {
        return app.activeVersions().getOrDefault(Kind.VIEWER, 0L) > 0
                && app.activeVersions().getOrDefault(Kind.PLAYER, 0L) > 0;
    }
}
