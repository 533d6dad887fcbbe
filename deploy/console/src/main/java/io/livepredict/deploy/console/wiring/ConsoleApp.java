package io.livepredict.deploy.console.wiring;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.console.config.ConsoleConfig;
import io.livepredict.deploy.console.live.Board;
import io.livepredict.deploy.console.source.ConsumerLag;
import io.livepredict.deploy.console.source.Programs;
import io.livepredict.deploy.console.source.TopicWatch;
import io.livepredict.deploy.console.web.ConsoleServer;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.TrustedKeys;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.serde.NamedSerdes;
import io.livepredict.settings.SettingsException;
import io.livepredict.topics.TopicFollower;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The console: follows the topics, asks the programs, and shows what it sees in a browser. */
public final class ConsoleApp implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleApp.class);
    /** Offsets of each partition before its end that are read at the start: enough for the windows of recent labels. */
    private static final long LAST = 20_000;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<TopicWatch> watches = new ArrayList<>();
    private final Clock clock = Clock.systemUTC();
    private final long startedAt = clock.millis();
    private String address = "";

    private ConsoleApp() {}

    /**
     * Starts it.
     *
     * @throws SettingsException in one line, if a file can't be read or the port is taken
     */
    public static ConsoleApp start(ConsoleConfig config) {
        ConsoleApp app = new ConsoleApp();
        try {
            app.open(config);
        } catch (RuntimeException e) {
            app.close();
            throw e;
        }
        LOG.info("the console is at {}", app.address());
        return app;
    }

    private void open(ConsoleConfig config) {
        Namespace namespace = config.names();
        ConfluentRegistryClient registry = opened(new ConfluentRegistryClient(config.registry()));
        Topics topics = new Topics(namespace, 1, NamedSerdes.from(config.registry(), registry));
        Board board = new Board(
                new ModelVerifier(namespace, TrustedKeys.read(config.models().trustedKeys())),
                clock,
                config.presence());
        watch(config.kafka().consumer("livepredict-console"), topics, board);
        Programs programs = opened(new Programs(token(config.apiToken())));
        ConsumerLag lag =
                opened(new ConsumerLag(config.kafka().client("livepredict-console"), namespace.name("streams")));
        List<URI> trainers = config.trainer() == null ? List.of() : List.of(config.trainer());
        Sampler sampler = opened(new Sampler(board, programs, lag, config.apps(), trainers, clock));
        ConsoleServer server = opened(ConsoleServer.start(
                board,
                programs,
                new ConsoleServer.Around(
                        config.apps(), config.mayOperate() ? config.trainer() : null, () -> state(sampler, namespace)),
                config.address(),
                config.hosts() == null ? List.of() : config.hosts()));
        watches.forEach(TopicWatch::start);
        sampler.start();
        address = "http://" + shown(config.address().host()) + ":" + server.port();
    }

    /** Where a browser finds it. */
    public String address() {
        return address;
    }

    private void watch(Map<String, Object> client, Topics topics, Board board) {
        watch(client, topics.featureSchemas(), Long.MAX_VALUE, present(board::take));
        watch(client, topics.models(), Long.MAX_VALUE, board::take);
        watch(client, topics.drifts(), Long.MAX_VALUE, present(board::take));
        watch(client, topics.alerts(), LAST, present(board::take));
        watch(client, topics.outlook(), LAST, present(board::take));
        watch(client, topics.oracle(), LAST, present(board::take));
        for (Kind kind : Kind.values()) {
            watch(client, topics.labelledExamples(kind), LAST, present(value -> board.take(kind, value)));
        }
        Topic<String, Prediction> predictions = topics.predictions();
        long[] timestamp = {0};
        TopicFollower.Taker taker = TopicFollower.decoding(predictions, (key, value) -> {
            if (value != null) {
                board.take(value, timestamp[0]);
            }
        });
        watches.add(opened(new TopicWatch(client, predictions.name(), LAST, record -> {
            timestamp[0] = record.timestamp();
            taker.accept(record);
        })));
        watches.add(opened(new TopicWatch(client, topics.deadLetters().name(), LAST, board::takeDeadLetter)));
    }

    /** Tombstones say nothing here. */
    private static <V> TopicFollower.ValueTaker<String, V> present(Consumer<V> taker) {
        return (key, value) -> {
            if (value != null) {
                taker.accept(value);
            }
        };
    }

    private <K, V> void watch(
            Map<String, Object> client, Topic<K, V> topic, long last, TopicFollower.ValueTaker<K, V> taker) {
        watches.add(opened(new TopicWatch(client, topic.name(), last, TopicFollower.decoding(topic, taker))));
    }

    private ObjectNode state(Sampler sampler, Namespace namespace) {
        ObjectNode state = JsonNodeFactory.instance.objectNode();
        state.put("at", clock.millis()).put("startedAt", startedAt).put("namespace", namespace.value());
        ObjectNode programs = state.putObject("programs");
        sampler.answering().forEach(programs::put);
        ObjectNode champions = state.putObject("champions");
        sampler.champions().forEach(champions::put);
        ObjectNode troubles = state.putObject("troubles");
        watches.forEach(watch -> {
            String trouble = watch.trouble();
            if (!trouble.isEmpty()) {
                troubles.put(watch.topic(), trouble);
            }
        });
        return state;
    }

    private static @Nullable String token(@Nullable Path file) {
        if (file == null) {
            return null;
        }
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new SettingsException("api-token: " + file + " can't be read: " + e.getMessage(), e);
        }
    }

    private static String shown(String host) {
        return host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.push(part);
        return part;
    }

    /** Ends what was started, last first. */
    @Override
    public void close() {
        while (!open.isEmpty()) {
            AutoCloseable part = open.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("while ending: {}", e.toString());
            }
        }
    }
}
