package io.livepredict.deploy.local;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A one-node KRaft broker and controller in this JVM, on the loopback interface: Kafka's own server, not a stand-in.
 * For the one-command run and the tests; it keeps one replica of everything.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final String PLAINTEXT = "PLAINTEXT";

    private final KafkaRaftServer server;
    private final String bootstrapServers;
    private final Map<String, String> listeners;
    private final Path directory;
    private final boolean temporary;
    private boolean closed;

    /**
     * A listener beside the plain one.
     *
     * @param name its name in upper case, e.g. {@code SECURE}
     * @param port where it listens
     * @param protocol Kafka's security protocol: SASL_SSL, SSL, SASL_PLAINTEXT
     * @param settings broker settings of this listener, without the {@code listener.name.…} prefix
     */
    public record Listener(String name, int port, String protocol, Map<String, String> settings) {}

    /**
     * How to start one.
     *
     * @param port of the plain listener
     * @param controllerPort of the controller
     * @param directory where the log lies; made when missing, reused when not
     * @param temporary whether the directory is deleted at close
     * @param listeners further listeners
     * @param overrides broker settings that replace those made here
     */
    public record Options(
            int port,
            int controllerPort,
            Path directory,
            boolean temporary,
            List<Listener> listeners,
            Map<String, String> overrides) {

        /** Any free ports and a temporary directory. */
        public static Options throwaway() {
            try {
                return new Options(
                        Ports.free(),
                        Ports.free(),
                        Files.createTempDirectory("livepredict-broker"),
                        true,
                        List.of(),
                        Map.of());
            } catch (IOException e) {
                throw new StartException("no temporary directory for the broker: " + e.getMessage(), e);
            }
        }

        /** The plain listener on that port; the log is kept in that directory. */
        public static Options kept(int port, Path directory) {
            return new Options(port, Ports.free(), directory, false, List.of(), Map.of());
        }

        public Options with(Listener listener) {
            return new Options(
                    port,
                    controllerPort,
                    directory,
                    temporary,
                    Stream.concat(listeners.stream(), Stream.of(listener)).toList(),
                    overrides);
        }

        public Options with(String key, String value) {
            Map<String, String> all = new LinkedHashMap<>(overrides);
            all.put(key, value);
            return new Options(port, controllerPort, directory, temporary, listeners, all);
        }
    }

    private EmbeddedBroker(Options options, KafkaRaftServer server) {
        this.server = server;
        this.bootstrapServers = "127.0.0.1:" + options.port();
        this.listeners = new LinkedHashMap<>();
        options.listeners().forEach(l -> listeners.put(l.name(), "127.0.0.1:" + l.port()));
        this.directory = options.directory();
        this.temporary = options.temporary();
    }

    /**
     * Starts a broker and returns when it serves.
     *
     * @throws StartException in one line, if a port is taken or the directory is unusable
     */
    public static EmbeddedBroker start(Options options) {
        Ports.requireFree(options.port(), "the broker", "--broker-port");
        for (Listener listener : options.listeners()) {
            Ports.requireFree(listener.port(), "the broker's listener " + listener.name(), "another port");
        }
        boolean killed;
        try {
            Files.createDirectories(options.directory());
            killed = FormerBroker.wasKilled(options.directory());
            format(options.directory());
        } catch (Exception e) {
            throw new StartException(
                    "the broker can't keep its log in " + options.directory() + ": " + e.getMessage(), e);
        }
        Properties properties = properties(options);
        KafkaRaftServer server = null;
        try {
            if (killed) {
                FormerBroker.bury(properties);
            }
            server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
            server.startup(); // returns when the broker is unfenced and accepts connections
        } catch (RuntimeException e) {
            if (server != null) {
                server.shutdown();
            }
            throw new StartException("the broker does not start on " + options.directory() + ": " + e.getMessage(), e);
        }
        return new EmbeddedBroker(options, server);
    }

    /** Where clients connect, without encryption. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Where clients connect on the further listener of that name. */
    public String bootstrapServers(String listener) {
        String address = listeners.get(listener);
        if (address == null) {
            throw new IllegalArgumentException("no listener " + listener + ", there are " + listeners.keySet());
        }
        return address;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        server.shutdown();
        server.awaitShutdown();
        if (temporary) {
            deleteTree(directory);
        }
    }

    static void format(Path directory) throws Exception {
        if (Files.exists(directory.resolve("meta.properties"))) {
            return;
        }
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setNodeId(1)
                .setClusterId(Uuid.randomUuid().toString())
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(directory.toString())
                .addDirectory(directory.toString())
                .setHasDynamicQuorum(false)
                .setIgnoreFormatted(true)
                .run();
    }

    static Properties properties(Options options) {
        StringBuilder listeners = new StringBuilder(PLAINTEXT + "://127.0.0.1:" + options.port());
        StringBuilder protocols = new StringBuilder(PLAINTEXT + ":PLAINTEXT,CONTROLLER:PLAINTEXT");
        Properties properties = new Properties();
        for (Listener listener : options.listeners()) {
            listeners
                    .append(',')
                    .append(listener.name())
                    .append("://127.0.0.1:")
                    .append(listener.port());
            protocols.append(',').append(listener.name()).append(':').append(listener.protocol());
            String prefix = "listener.name." + listener.name().toLowerCase(java.util.Locale.ROOT) + '.';
            listener.settings().forEach((key, value) -> properties.put(prefix + key, value));
        }
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", "1");
        properties.put("controller.quorum.voters", "1@127.0.0.1:" + options.controllerPort());
        properties.put("listeners", listeners + ",CONTROLLER://127.0.0.1:" + options.controllerPort());
        properties.put("advertised.listeners", listeners.toString());
        properties.put("listener.security.protocol.map", protocols.toString());
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("inter.broker.listener.name", PLAINTEXT);
        properties.put("log.dirs", options.directory().toString());
        properties.put("auto.create.topics.enable", "false");
        // One node: every internal topic has one replica, and one partition is enough.
        properties.put("offsets.topic.replication.factor", "1");
        properties.put("offsets.topic.num.partitions", "1");
        properties.put("transaction.state.log.replication.factor", "1");
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("transaction.state.log.num.partitions", "1");
        properties.put("share.coordinator.state.topic.replication.factor", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");
        properties.put("share.coordinator.state.topic.num.partitions", "1");
        properties.put("group.initial.rebalance.delay.ms", "0");
        // It shares this machine with the programs it serves: few threads, small buffers.
        properties.put("num.io.threads", "2");
        properties.put("num.network.threads", "1");
        properties.put("num.replica.fetchers", "1");
        properties.put("num.recovery.threads.per.data.dir", "1");
        properties.put("background.threads", "2");
        properties.put("log.cleaner.threads", "1");
        properties.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        properties.put("message.max.bytes", Integer.toString(16 << 20));
        properties.putAll(options.overrides());
        return properties;
    }

    /** Deletes a directory and all in it, as far as that is possible. */
    static void deleteTree(Path root) {
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            org.slf4j.LoggerFactory.getLogger(EmbeddedBroker.class)
                    .warn("could not delete {}: {}", root, e.getMessage());
        }
    }
}
