package io.livepredict.streams.wiring;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.Kind;
import io.livepredict.contract.SerdeSource;
import io.livepredict.contract.Topics;
import io.livepredict.http.HttpEndpoint;
import io.livepredict.http.HttpEndpoint.Answer;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.TrustedKeys;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.serde.NamedSerdes;
import io.livepredict.serde.SchemaRegistry;
import io.livepredict.streams.client.RecordSchemas;
import io.livepredict.streams.client.SchemaLookups;
import io.livepredict.streams.client.StreamsClients;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.config.StreamsProperties;
import io.livepredict.streams.ingest.EventFormats;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.model.Activation;
import io.livepredict.streams.model.ModelReceiver;
import io.livepredict.streams.progress.CommittedProgress;
import io.livepredict.streams.progress.HistoryMarks;
import io.livepredict.streams.score.onnx.DeviceException;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.StateStores;
import io.livepredict.streams.time.InputProgress;
import io.livepredict.streams.time.Silence;
import io.livepredict.streams.topology.FlowSurroundings;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running app: models received, Kafka Streams scoring, HTTP answering. Never ends the process; whoever started it
 * waits with {@link #awaitEnd} and closes it.
 */
public final class StreamsApp implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamsApp.class);

    /** What must be closed, last opened first. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private final AppMetrics metrics = new AppMetrics();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable ServedModels models;
    private volatile @Nullable RunningStreams streams;
    private volatile @Nullable StreamsProgress progress;
    private volatile @Nullable PseudonymGuard pseudonyms;
    private volatile @Nullable SchemaLookups lookups;
    private volatile @Nullable BrokerProbe broker;
    private volatile @Nullable HttpEndpoint http;
    private volatile @Nullable ServedApi api;
    private volatile @Nullable ModelReceiver receiver;
    private volatile boolean modelsRead;
    private volatile boolean orderly = true;

    private StreamsApp() {}

    /**
     * Starts the app and returns when events are about to flow: topics checked, feature schemas published, models read.
     *
     * @throws StartException in one line, or an exception of the settings, the registry or the topics, whose messages
     *     are one line too
     */
    public static StreamsApp start(StreamsAppSettings config) {
        return start(config, System::currentTimeMillis);
    }

    /**
     * As {@link #start(StreamsAppConfig)}, by a clock of the caller's.
     *
     * @param wallClockMillis stamps predictions and examples, and tells transport time
     */
    public static StreamsApp start(StreamsAppSettings config, LongSupplier wallClockMillis) {
        StreamsApp app = new StreamsApp();
        boolean started = false;
        try {
            app.run(config, wallClockMillis);
            started = true;
            return app;
        } catch (DeviceException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        } finally {
            if (!started) {
                app.close();
            }
        }
    }

    private void run(StreamsAppSettings config, LongSupplier wallClockMillis) throws DeviceException {
        if (!config.kinds().replaced().isEmpty()) {
            LOG.info("configured: {}", config.kinds().replaced());
        }
        config.hints().forEach(hint -> LOG.warn("{}", hint));
        ModelVerifier verifier = new ModelVerifier(config.namespace(), TrustedKeys.read(config.trustedKeys()));
        HttpEndpoint endpoint = opened(HttpEndpoint.open("streams-app", config.http()));
        http = endpoint;
        serve(endpoint);

        SchemaLookups registry = opened(new SchemaLookups(
                new ConfluentRegistryClient(config.registry()),
                config.registry().url(),
                InstantSource.system(),
                () -> ThreadLocalRandom.current().nextLong()));
        lookups = registry;
        SerdeSource serdes = NamedSerdes.from(config.registry(), registry);
        Topics topics = new Topics(config.namespace(), config.partitions(), serdes);
        Map<String, Integer> partitions = SourceTopics.partitions(
                config.kafka().client(config.applicationId() + "-check"),
                config.kafka().bootstrapServers(),
                needed(config, topics),
                "create them with: streams-app topics --config FILE --create, which makes a source topic of your own only if"
                        + " sources says its partitions; else whoever writes to it does");
        FlowPlan plan = FlowPlan.of(
                config, SourceTopics.repartitions(config.sources(), partitions, config.partitions()), partitions);
        GrownSources.follow(
                config.kafka().client(config.applicationId() + "-check"), config.applicationId(), plan.kinds());
        PseudonymGuard keys = new PseudonymGuard(config, topics.featureSchemas().name(), InstantSource.system());
        keys.start();
        pseudonyms = keys;
        FeatureSchemaPublisher.publish(
                config.kafka().producer(config.applicationId() + "-feature-schemas"),
                topics.featureSchemas(),
                plan.kinds());

        registerResults(config, registry, topics);

        ServedModels served =
                new ServedModels(plan.kinds(), OnnxRuntime.start(config.device()), verifier, metrics, wallClockMillis);
        models = served;
        ModelReceiver modelReceiver = opened(new ModelReceiver(
                config.kafka().consumer(config.applicationId() + "-models"), topics.models(), served.intake()));
        receiver = modelReceiver;
        modelReceiver.start();
        modelsRead = true;

        FlowSurroundings around = new FlowSurroundings(
                topics,
                new EventFormats(
                        serdes,
                        () -> new AvroDecoder(registry),
                        config.privacy().pseudonyms()),
                new StateStores(config.stores(), new RecentValues.Budget(config.recentBytes())),
                wallClockMillis,
                progress(config, plan, topics, wallClockMillis));
        config.api()
                .ifPresent(settings -> api = ServedApi.open(
                        settings, config, plan, topics, served, endpoint, metrics, this::client, wallClockMillis));
        startStreams(new AppFlow(plan, served, metrics).topology(around), config, registry, topics);
    }

    /** How tasks learn whether silent source partitions are read to their ends; nobody asks where the clock moves no watermark. */
    private InputProgress progress(
            StreamsAppSettings config, FlowPlan plan, Topics topics, LongSupplier wallClockMillis) {
        Optional<Duration> idleAfter = plan.settings().time().idleAfter();
        if (idleAfter.isEmpty()) {
            return InputProgress.synchronous(wallClockMillis);
        }
        String client = config.applicationId() + "-progress";
        CommittedProgress progress = opened(new CommittedProgress(
                Admin.create(config.kafka().client(client)),
                CommittedProgress.probes(config.kafka().consumer(client)),
                config.applicationId(),
                Silence.lookInterval(idleAfter.get()),
                wallClockMillis));
        progress.start();
        Optional<Instant> liveFrom = plan.settings().time().liveFrom();
        if (liveFrom.isEmpty()) {
            return progress;
        }
        Set<String> sources = config.sources().stream().map(Source::topic).collect(Collectors.toSet());
        HistoryMarks marks = opened(new HistoryMarks(
                config.kafka().consumer(config.applicationId() + "-history"), topics.loads(), liveFrom.get(), sources));
        marks.start();
        sources.forEach(topic -> metrics.historyAwaited(topic, () -> !marks.isLoaded(topic)));
        return marks.with(progress);
    }

    /** Registers what streams write, so that nothing but new schemas of what they read needs the registry later. */
    private static void registerResults(StreamsAppSettings config, SchemaRegistry registry, Topics topics) {
        if (config.registry().serde() != null) {
            return; // a client of its own does it with the first record
        }
        OutputSchemas.of(config, topics).forEach((topic, schema) -> registry.register(topic + "-value", schema));
        for (Kind kind : config.kinds().active()) {
            registry.register(topics.labelledExamples(kind).name() + "-value", LabelledExample.getClassSchema());
        }
    }

    private void startStreams(Topology topology, StreamsAppSettings config, SchemaLookups registry, Topics topics) {
        new JvmMemoryMetrics().bindTo(metrics.registry());
        new ProcessorMetrics().bindTo(metrics.registry());
        JvmGcMetrics gc = opened(new JvmGcMetrics());
        gc.bindTo(metrics.registry());
        BrokerProbe probe = opened(new BrokerProbe(
                Admin.create(config.kafka().client(config.applicationId() + "-probe")),
                config.kafka().bootstrapServers(),
                InstantSource.system()));
        broker = probe;
        DeadLetterLog letters = new DeadLetterLog(
                () -> metrics.by(Metric.DEAD_LETTERS, "reason"),
                topics.deadLetters().name(),
                InstantSource.system(),
                LOG::warn);
        opened(new Readiness(() -> look(probe, letters), this::trouble, InstantSource.system()))
                .start();
        RunningStreams running = new RunningStreams(
                new RunningStreams.Surroundings() {
                    @Override
                    public KafkaStreams make() {
                        Properties properties = new Properties();
                        properties.putAll(StreamsProperties.of(config));
                        ServedApi served = api;
                        if (served != null) {
                            properties.put(ServedApi.APPLICATION_SERVER, served.address());
                        }
                        return new KafkaStreams(topology, properties, new StreamsClients(registry, schemas(config)));
                    }

                    @Override
                    public AutoCloseable attach(KafkaStreams client) {
                        progress = new StreamsProgress(
                                client, config.applicationId(), InstantSource.system(), metrics::restored);
                        KafkaStreamsMetrics kafkaMetrics = new KafkaStreamsMetrics(client);
                        kafkaMetrics.bindTo(metrics.registry());
                        return kafkaMetrics;
                    }

                    @Override
                    public void threadReplaced() {
                        metrics.threadReplaced();
                    }
                },
                new DamagedState(config.stateDirectory().resolve(config.applicationId())),
                new Backoff(System::nanoTime, () -> ThreadLocalRandom.current().nextLong()),
                InstantSource.system());
        streams = running;
        running.start();
    }

    /** Which records need a schema: those of all sources but JSON, before and after a re-keying. */
    private static RecordSchemas schemas(StreamsAppSettings config) {
        Set<String> avro = new LinkedHashSet<>();
        for (Source source : config.sources()) {
            if (source.format() != Source.Format.JSON) {
                avro.add(source.topic());
                avro.add(new NodeNames(source.kind()).repartitionTopic(config.applicationId(), source.topic()));
            }
        }
        return new RecordSchemas(avro);
    }

    private void look(BrokerProbe probe, DeadLetterLog letters) throws InterruptedException {
        letters.look();
        probe.look();
        PseudonymGuard keys = pseudonyms;
        if (keys != null) {
            keys.look();
        }
        StreamsProgress current = progress;
        if (current != null) {
            current.look();
        }
    }

    /** Every topic that must be there before the start. */
    private static Set<String> needed(StreamsAppSettings config, Topics topics) {
        Set<String> names = new LinkedHashSet<>();
        config.sources().forEach(source -> names.add(source.topic()));
        config.neededTopics(topics).forEach(topic -> names.add(topic.name()));
        Stream.of(topics.learnerState(), topics.drifts(), topics.audit()) // the trainer's own
                .forEach(topic -> names.remove(topic.name()));
        return names;
    }

    private void serve(HttpEndpoint endpoint) {
        endpoint.serve(
                "/health",
                "200 while it runs or starts, 503 when it has ended.",
                () -> isAlive() ? Answer.text(200, "alive") : Answer.text(503, "streams have ended"));
        endpoint.serve(
                "/ready",
                "200 while it scores, 503 and why not.",
                () -> trouble().map(why -> Answer.text(503, why)).orElseGet(() -> Answer.text(200, "ready")));
        endpoint.serve("/metrics", "Counters and timings for Prometheus.", () -> Answer.metrics(metrics.scrape()));
        endpoint.serve("/model", "The active model of each kind, JSON.", () -> Answer.json(modelsJson()));
    }

    private String modelsJson() {
        Map<String, Object> byKind = new LinkedHashMap<>();
        activations().forEach((kind, activation) -> {
            Map<String, Object> model = new LinkedHashMap<>();
            model.put("version", activation.activeVersion());
            activation.manifest().ifPresent(manifest -> {
                model.put("family", manifest.family());
                model.put("created_at", manifest.createdAt());
                model.put("examples", manifest.examples());
                model.put("sha256", manifest.sha256());
                model.put(
                        "targets",
                        manifest.targets().stream().map(head -> head.name()).toList());
                model.put("metrics", manifest.metrics());
            });
            byKind.put(kind.id(), model);
        });
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(byKind);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts and numbers is JSON", e);
        }
    }

    /** Whether it is still running or starting. */
    public boolean isAlive() {
        return closed.getCount() > 0 && failure().isEmpty();
    }

    /** Whether what is asked for is being done. */
    public boolean isReady() {
        return trouble().isEmpty();
    }

    /** Why it is not ready, in words, what causes other things first; empty when it is. */
    private Optional<String> trouble() {
        RunningStreams running = streams;
        StreamsProgress current = progress;
        BrokerProbe probe = broker;
        SchemaLookups registry = lookups;
        if (!modelsRead) {
            return Optional.of("models are being read");
        }
        if (running == null || closed.getCount() == 0) {
            return Optional.of("streams are not started");
        }
        if (current == null) {
            return Optional.of("streams are not started"
                    + running.lastTrouble()
                            .map(cause -> "; what failed last: " + cause)
                            .orElse(""));
        }
        List<String> troubles = new ArrayList<>();
        if (probe != null) {
            probe.trouble().ifPresent(troubles::add);
        }
        if (registry != null) {
            registry.trouble().ifPresent(troubles::add);
        }
        ModelReceiver models = receiver;
        if (models != null) {
            models.trouble().ifPresent(troubles::add);
        }
        current.trouble().ifPresent(words -> {
            troubles.add(words);
            running.lastTrouble().ifPresent(cause -> troubles.add("what failed last: " + cause));
        });
        return troubles.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", troubles));
    }

    /** The active version of each kind that is scored; 0 is the prior. */
    public Map<Kind, Long> activeVersions() {
        Map<Kind, Long> versions = new EnumMap<>(Kind.class);
        activations().forEach((kind, activation) -> versions.put(kind, activation.activeVersion()));
        return versions;
    }

    private Map<Kind, Activation> activations() {
        ServedModels served = models;
        return served == null ? Map.of() : served.activations();
    }

    /** What was counted. */
    public AppMetrics metrics() {
        return metrics;
    }

    private Optional<KafkaStreams> client() {
        RunningStreams running = streams;
        return running == null ? Optional.empty() : running.client();
    }

    /** The port of the HTTP endpoint. */
    public int httpPort() {
        HttpEndpoint endpoint = http;
        if (endpoint == null) {
            throw new IllegalStateException("the app is not started");
        }
        return endpoint.port();
    }

    /** Waits until streams end by themselves, at most that long; then says whether they have. */
    public boolean awaitEnd(Duration atMost) throws InterruptedException {
        RunningStreams running = streams;
        return running == null || running.awaitEnd(atMost);
    }

    /** Why streams ended by themselves, if they did. */
    public Optional<StartException> failure() {
        RunningStreams running = streams;
        return running == null ? Optional.empty() : running.failure();
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.push(closeable);
        return closeable;
    }

    /** Ends everything: first Kafka Streams, so that nothing scores any longer when models are closed. Once only. */
    @Override
    public void close() {
        ServedApi served = api;
        if (served != null) {
            served.close(); // before what it answers from
        }
        RunningStreams running = streams;
        boolean stopped = running == null || running.close();
        while (!open.isEmpty()) {
            AutoCloseable next = open.pop();
            try {
                next.close();
            } catch (Exception e) {
                LOG.warn("a part of the app could not be closed: {}", e.toString());
            }
        }
        ModelReceiver receiving = receiver;
        stopped &= receiving == null || receiving.hasEnded();
        ServedModels scoredWith = models;
        models = null;
        if (scoredWith != null
                && stopped) { // else a thread may be in a native call: rather leak the sessions than crash
            scoredWith.close();
        }
        orderly = stopped;
        metrics.close();
        closed.countDown();
    }

    /**
     * Whether everything has ended that may use a model. If not, the process must not run its exit handlers, in which ONNX
     * Runtime takes itself down under whoever still uses it.
     */
    public boolean hasEndedOrderly() {
        return orderly;
    }
}
