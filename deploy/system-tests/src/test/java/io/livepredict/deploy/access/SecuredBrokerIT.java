package io.livepredict.deploy.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.Namespace;
import io.livepredict.deploy.local.EmbeddedBroker;
import io.livepredict.deploy.local.Ports;
import io.livepredict.settings.KafkaSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS, SASL/SCRAM, mutual TLS and the ACLs of {@link Part}, through the settings a program takes, on a real broker. */
class SecuredBrokerIT {
    private static final Namespace NAMESPACE = Namespace.defaults();
    private static final String PREDICTIONS = NAMESPACE.name("predictions");
    private static final String MODELS = NAMESPACE.name("models");
    private static final List<Part> PARTS = List.of(Part.STREAMS_APP, Part.TRAINER, Part.READER, Part.SIMULATOR);

    @TempDir
    static Path directory;

    private static EmbeddedBroker broker;
    private static Path trust;
    private static Path readerKey;
    private static Path strangerKey;

    @BeforeAll
    static void start() throws Exception {
        Certificates certificates = new Certificates(directory);
        Path brokerKey = certificates.keyStore("broker", "localhost");
        readerKey = certificates.keyStore("reader", "reader");
        strangerKey = certificates.keyStore("stranger", "stranger");
        trust = certificates.trustStore("trusted", brokerKey);
        Path trustedClients = certificates.trustStore("trusted-clients", readerKey);
        Map<String, String> tls = Map.of(
                "ssl.keystore.location", brokerKey.toString(),
                "ssl.keystore.password", Certificates.PASSWORD,
                "ssl.key.password", Certificates.PASSWORD);
        Map<String, String> scram = new HashMap<>(tls);
        scram.put("sasl.enabled.mechanisms", "SCRAM-SHA-512");
        scram.put(
                "scram-sha-512.sasl.jaas.config", "org.apache.kafka.common.security.scram.ScramLoginModule required;");
        Map<String, String> mutual = new HashMap<>(tls);
        mutual.put("ssl.client.auth", "required");
        mutual.put("ssl.truststore.location", trustedClients.toString());
        mutual.put("ssl.truststore.password", Certificates.PASSWORD);
        mutual.put("ssl.principal.mapping.rules", "RULE:^CN=([^,]*).*$/$1/,DEFAULT");
        broker = EmbeddedBroker.start(EmbeddedBroker.Options.throwaway()
                .with(new EmbeddedBroker.Listener("SECURE", Ports.free(), "SASL_SSL", scram))
                .with(new EmbeddedBroker.Listener("MUTUAL", Ports.free(), "SSL", mutual))
                .with("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
                .with("super.users", "User:ANONYMOUS"));
        try (Admin admin =
                Admin.create(KafkaSettings.of(broker.bootstrapServers()).client("admin"))) {
            admin.createTopics(List.of(new NewTopic(PREDICTIONS, 1, (short) 1), new NewTopic(MODELS, 1, (short) 1)))
                    .all()
                    .get();
            Map<Part, String> principals = new EnumMap<>(Part.class);
            Map<String, String> passwords = new HashMap<>();
            for (Part part : PARTS) {
                principals.put(part, "User:" + part.user());
                passwords.put(part.user(), part.user() + "-secret");
            }
            AccessSetup.users(admin, passwords);
            assertThat(AccessSetup.grant(admin, NAMESPACE, principals)).isNotEmpty();
            assertThat(AccessSetup.grant(admin, NAMESPACE, principals))
                    .as("granted again")
                    .isEmpty();
        }
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void shouldLetTheStreamsAppWritePredictionsAndAReaderReadThem() throws Exception {
        write(scram(Part.STREAMS_APP, "streams-app-secret"), PREDICTIONS);
        assertThat(read(scram(Part.READER, "reader-secret"), PREDICTIONS)).isPositive();
        assertThat(read(mutual(readerKey), PREDICTIONS)).as("by certificate").isPositive();
    }

    @Test
    void shouldNotLetTheStreamsAppWriteModels() {
        assertThatThrownBy(() -> write(scram(Part.STREAMS_APP, "streams-app-secret"), MODELS))
                .hasCauseInstanceOf(TopicAuthorizationException.class);
    }

    @Test
    void shouldLetTheTrainerWriteModelsButNotPredictions() throws Exception {
        KafkaSettings trainer = scram(Part.TRAINER, "trainer-secret");
        write(trainer, MODELS);
        assertThatThrownBy(() -> write(trainer, PREDICTIONS)).hasCauseInstanceOf(TopicAuthorizationException.class);
        assertThatThrownBy(() -> read(trainer, PREDICTIONS)).isInstanceOf(TopicAuthorizationException.class);
    }

    @Test
    void shouldNotLetTheSimulatorTouchModels() {
        assertThatThrownBy(() -> read(scram(Part.SIMULATOR, "simulator-secret"), MODELS))
                .isInstanceOf(TopicAuthorizationException.class);
    }

    @Test
    void shouldRefuseAWrongPasswordAndAStrangersCertificate() {
        assertThatThrownBy(() -> describe(scram(Part.TRAINER, "wrong")))
                .hasCauseInstanceOf(SaslAuthenticationException.class);
        assertThatThrownBy(() -> describe(mutual(strangerKey))).hasCauseInstanceOf(SslAuthenticationException.class);
    }

    private static KafkaSettings scram(Part part, String password) {
        Map<String, String> settings = new HashMap<>(Certificates.trusting(trust));
        settings.put("bootstrap.servers", broker.bootstrapServers("SECURE"));
        settings.put("security.protocol", "SASL_SSL");
        settings.put("sasl.mechanism", "SCRAM-SHA-512");
        settings.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + part.user()
                        + "\" password=\"" + password + "\";");
        return new KafkaSettings(settings);
    }

    private static KafkaSettings mutual(Path keyStore) {
        Map<String, String> settings = new HashMap<>(Certificates.trusting(trust));
        settings.put("bootstrap.servers", broker.bootstrapServers("MUTUAL"));
        settings.put("security.protocol", "SSL");
        settings.put("ssl.keystore.location", keyStore.toString());
        settings.put("ssl.keystore.password", Certificates.PASSWORD);
        settings.put("ssl.key.password", Certificates.PASSWORD);
        return new KafkaSettings(settings);
    }

    private static void write(KafkaSettings kafka, String topic) throws ExecutionException, InterruptedException {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(kafka.producer("test"), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, "key", "value")).get();
        }
    }

    private static int read(KafkaSettings kafka, String topic) {
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(kafka.consumer("test"), new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            ConsumerRecords<String, String> records;
            do {
                records = consumer.poll(Duration.ofMillis(500));
            } while (records.isEmpty() && System.nanoTime() < deadline);
            return records.count();
        }
    }

    private static void describe(KafkaSettings kafka) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(kafka.client("test"))) {
            admin.describeCluster().nodes().get();
        }
    }
}
