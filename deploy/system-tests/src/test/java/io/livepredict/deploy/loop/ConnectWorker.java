package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.deploy.connect.TaskSupervisor;
import io.livepredict.deploy.local.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.connect.cli.ConnectStandalone;
import org.apache.kafka.connect.runtime.Connect;

/**
 * A Connect worker with the connectors of deploy/connect, as deploy/connect/run starts it, but for one worker without
 * topics of its own. What differs from the image is that here the plugins are on the class path.
 */
final class ConnectWorker implements AutoCloseable {
    private static final Path CONNECTORS =
            Path.of("../connect/connectors").toAbsolutePath().normalize();

    private final Path directory;
    private final String namespace;
    private final URI address;
    private final Connect<?> connect;
    private final HttpClient http = HttpClient.newHttpClient();

    private ConnectWorker(Path directory, String namespace, int port, Connect<?> connect) {
        this.directory = directory;
        this.namespace = namespace;
        this.address = URI.create("http://127.0.0.1:" + port);
        this.connect = connect;
    }

    static ConnectWorker start(Path directory, String namespace, Database database) {
        Environment.VALUES.set(Map.of(
                "LIVEPREDICT_NAMESPACE",
                namespace,
                "LIVEPREDICT_REPLICATION_FACTOR",
                "1",
                "REGISTRY_URL",
                Servers.shared().registry(),
                "POSTGRES_JDBC_URL",
                database.jdbcUrl(),
                "POSTGRES_USER",
                "postgres",
                "POSTGRES_PASSWORD",
                "postgres"));
        int port = Ports.free();
        Map<String, String> worker = new HashMap<>();
        worker.put("bootstrap.servers", Servers.shared().kafka());
        worker.put("offset.storage.file.filename", directory.resolve("offsets").toString());
        worker.put("offset.flush.interval.ms", "1000");
        worker.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        worker.put("value.converter", "org.apache.kafka.connect.storage.StringConverter");
        worker.put("plugin.discovery", "service_load");
        worker.put("listeners", "http://127.0.0.1:" + port);
        worker.put("rest.extension.classes", TaskSupervisor.class.getName());
        worker.put("config.providers", "env");
        worker.put("config.providers.env.class", Environment.class.getName());
        return new ConnectWorker(directory, namespace, port, new ConnectStandalone().startConnect(worker));
    }

    void register(String sink) throws IOException, InterruptedException {
        String settings = Files.readString(CONNECTORS.resolve(sink + ".json"))
                .replace(
                        "/data/predictions.txt",
                        directory.resolve("predictions.txt").toString());
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(address.resolve("/connectors/" + sink + "/config"))
                        .header("Content-Type", "application/json")
                        .PUT(HttpRequest.BodyPublishers.ofString(settings))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    /** The sum of a metric's series over those with these labels, as {@code name="value"} in the order they are written. */
    double metric(String name, String labels) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(address.resolve("/metrics")).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body()
                .lines()
                .filter(line -> line.startsWith(name + "{") && line.contains(labels))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** How many records are in a sink's dead-letter topic. */
    long deadLetters(Installation installation, String sink) {
        String topic = namespace + "." + sink + "-dead-letters";
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                installation.kafka().consumer("connect-dead-letters"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(each -> new TopicPartition(topic, each.partition()))
                    .toList();
            return consumer.endOffsets(partitions).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
    }

    @Override
    public void close() {
        http.close();
        connect.stop();
        connect.awaitStop();
    }

    /** What the container's environment is for the connectors' files. */
    public static final class Environment extends EnvVarConfigProvider {
        static final AtomicReference<Map<String, String>> VALUES = new AtomicReference<>(Map.of());

        public Environment() {
            super(VALUES.get());
        }
    }
}
