package io.livepredict.settings;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * How to reach Kafka: any property of its clients, under its own name. {@code bootstrap.servers} is required. Kafka's clients
 * take the relative paths among them, such as {@code ssl.truststore.location}, from the working folder.
 *
 * <pre>
 * kafka:
 *   bootstrap.servers: localhost:9092
 *   security.protocol: SASL_SSL
 * </pre>
 *
 * <p>From the environment a dot is written as an underscore: {@code LIVEPREDICT_KAFKA__BOOTSTRAP_SERVERS}.
 *
 * @param properties the properties as they are handed to every client
 */
public record KafkaSettings(@JsonValue Map<String, String> properties) {
    private static final String BOOTSTRAP = "bootstrap.servers";

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public KafkaSettings {
        for (Map.Entry<String, String> entry : properties.entrySet()) {
            if (entry.getValue() == null) {
                throw new IllegalArgumentException(entry.getKey() + " has no value");
            }
        }
        if (properties.getOrDefault(BOOTSTRAP, "").isBlank()) {
            throw new IllegalArgumentException(
                    "bootstrap.servers is missing: name at least one broker, such as localhost:9092");
        }
        properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }

    /** Settings with nothing but the brokers' addresses. */
    public static KafkaSettings of(String bootstrapServers) {
        return new KafkaSettings(Map.of(BOOTSTRAP, bootstrapServers));
    }

    /** The brokers' addresses, comma-separated, for messages. */
    public String bootstrapServers() {
        return Objects.requireNonNull(properties.get(BOOTSTRAP));
    }

    /** The configuration of any client, to which the caller adds; a new map each time. */
    public Map<String, Object> client(String clientId) {
        Map<String, Object> client = new HashMap<>(properties);
        client.put("client.id", clientId);
        return client;
    }

    /** A producer's configuration: acknowledged by all replicas and idempotent. */
    public Map<String, Object> producer(String clientId) {
        Map<String, Object> producer = client(clientId);
        producer.put("acks", "all");
        producer.put("enable.idempotence", true);
        return producer;
    }

    /** A consumer's configuration: committed records only, from the beginning, committing nothing by itself. */
    public Map<String, Object> consumer(String clientId) {
        Map<String, Object> consumer = client(clientId);
        consumer.put("isolation.level", "read_committed");
        consumer.put("auto.offset.reset", "earliest");
        consumer.put("enable.auto.commit", false);
        return consumer;
    }

    /** The properties with secrets masked. */
    @Override
    public String toString() {
        Map<String, String> shown = new TreeMap<>();
        properties.forEach((key, value) -> shown.put(key, isSecret(key) ? "***" : value));
        return "KafkaSettings" + shown;
    }

    private static boolean isSecret(String key) {
        return key.contains("password") || key.contains("jaas") || key.contains("secret") || key.endsWith(".key");
    }
}
