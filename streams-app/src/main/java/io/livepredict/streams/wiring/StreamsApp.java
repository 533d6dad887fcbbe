package io.livepredict.streams.wiring;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.SerdeSource;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.http.HttpEndpoint;
import io.livepredict.http.HttpEndpoint.Answer;
import io.livepredict.model.TrustedKeys;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.serde.NamedSerdes;
import io.livepredict.serde.SchemaRegistry;
import io.livepredict.streams.activity.ActivityProcessor;
import io.livepredict.streams.activity.InputProgress;
import io.livepredict.streams.config.StreamsAppConfig;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.model.Activation;
import io.livepredict.streams.model.ModelIntake;
import io.livepredict.streams.model.ModelReceiver;
import io.livepredict.streams.progress.CommittedProgress;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.PriorModel;
import io.livepredict.streams.score.onnx.DeviceException;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.streams.topology.FlowSettings;
import io.livepredict.streams.topology.KindFlow;
import io.livepredict.streams.topology.LivePredictTopology;
import io.livepredict.streams.topology.NodeNames;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.errors.TaskMigratedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running app: models received, Kafka Streams scoring, HTTP answering. Never ends the process; whoever started it
 * waits with {@link #awaitEnd} and closes it.
 */
public final class StreamsApp implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamsApp.class);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(20);
    /** More threads lost than this within {@link #LOST_WITHIN} is no passing failure. */
    private static final int MAX_LOST = 20;

    private static final Duration LOST_WITHIN = Duration.ofMinutes(5);

    /** What must be closed, last opened first. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private final AppMetrics metrics = new AppMetrics();
    private final Map<Kind, ActiveModel> active = new ConcurrentHashMap<>();
    private final Map<Kind, Activation> activations = new ConcurrentHashMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Deque<Long> lostThreadsNanos = new ArrayDeque<>();
    private volatile @Nullable KafkaStreams streams;
    private volatile @Nullable HttpEndpoint http;
    private volatile @Nullable StartException failure;
    private volatile boolean modelsRead;

    private StreamsApp() {}

    /**
     * Starts the app and returns when events are about to flow: topics checked, feature schemas published, models read.
     *
     * @throws StartException in one line, or an exception of the settings, the registry or the topics, whose messages
     *     are one line too
     */
    public static StreamsApp start(StreamsAppConfig config) {
        return start(config, System::currentTimeMillis);
    }

    /**
     * As {@link #start(StreamsAppConfig)}, by a clock of the caller's.
     *
     * @param wallClockMillis stamps predictions and examples, and tells transport time
     */
    public static StreamsApp start(StreamsAppConfig config, LongSupplier wallClockMillis) {
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

    private void run(StreamsAppConfig config, LongSupplier wallClockMillis) throws DeviceException {
        List<Source> sources = config.resolvedSources();
        List<Target> targets = config.resolvedTargets();
        Map<Kind, KindDefinition> definitions = config.definitions();
        String bootstrap = config.kafka().bootstrapServers();
        TrustedKeys trusted = TrustedKeys.read(config.models().trustedKeys());

        HttpEndpoint endpoint = opened(HttpEndpoint.open("streams-app", config.httpHost(), config.httpPort()));
        http = endpoint;
        serve(endpoint);

        SchemaRegistry registry = opened(new ConfluentRegistryClient(config.registry()));
        SerdeSource serdes = NamedSerdes.from(config.registry(), registry);
        Topics topics = new Topics(config.resolvedNamespace(), config.resolvedPartitions(), serdes);

        Map<String, Integer> partitions = SourceTopics.partitions(
                config.kafka().client(config.applicationId() + "-check"),
                bootstrap,
                needed(config, sources, topics),
                "create them with: streams-app topics --config FILE --create");
        Map<Kind, Integer> repartitions = SourceTopics.repartitions(sources, partitions, config.resolvedPartitions());

        Map<Kind, FeatureSchema> schemas = new EnumMap<>(Kind.class);
        for (Kind kind : config.activeKinds()) {
            schemas.put(kind, config.schema(kind));
        }
        FeatureSchemaPublisher.publish(
                config.kafka().producer(config.applicationId() + "-feature-schemas"),
                topics.featureSchemas(),
                schemas.values());

        OnnxRuntime runtime = OnnxRuntime.start(config.device());
        Map<String, Activation> byName = new HashMap<>();
        List<KindFlow> flows = new ArrayList<>();
        for (Map.Entry<Kind, FeatureSchema> entry : schemas.entrySet()) {
            Kind kind = entry.getKey();
            List<Target> own = Target.of(targets, kind);
            ActiveModel model = new ActiveModel(new PriorModel(kind.id(), own), wallClockMillis.getAsLong());
            active.put(kind, model);
            Activation activation = new Activation(runtime, entry.getValue(), own, model);
            activations.put(kind, activation);
            byName.put(kind.id(), activation);
            metrics.watch(kind, activation, wallClockMillis);
            flows.add(new KindFlow(
                    definition(definitions, kind),
                    entry.getValue(),
                    own,
                    sources.stream().filter(s -> s.kind() == kind).toList(),
                    repartitions.getOrDefault(kind, config.resolvedPartitions()),
                    model,
                    metrics.counters(kind, own),
                    config.withContextFeatures()));
        }
        Topic<String, ModelRecord> models = topics.models();
        ModelReceiver receiver = opened(new ModelReceiver(
                config.kafka().consumer(config.applicationId() + "-models"),
                models,
                new ModelIntake(trusted, byName, metrics.models()),
                metrics.models()));
        receiver.start();
        modelsRead = true;

        FlowSettings settings = new FlowSettings(
                topics,
                serdes,
                () -> new AvroDecoder(registry),
                config.timeSettings(),
                config.timeBounds(),
                config.scoreSettings(),
                config.outcomeSettings(),
                config.stores(),
                config.recentValues(),
                wallClockMillis,
                progress(config, sources, partitions, wallClockMillis));
        startStreams(LivePredictTopology.build(settings, flows), config);
    }

    /** How silent tasks learn whether they have read all there is; nobody asks where the clock moves no watermark. */
    private InputProgress progress(
            StreamsAppConfig config,
            List<Source> sources,
            Map<String, Integer> partitions,
            LongSupplier wallClockMillis) {
        Optional<Duration> idleAfter = config.timeSettings().idleAfter();
        if (idleAfter.isEmpty()) {
            return InputProgress.synchronous(wallClockMillis);
        }
        String client = config.applicationId() + "-progress";
        Map<String, Object> reading = new HashMap<>(config.kafka().consumer(client));
        reading.remove("group.id");
        reading.put("isolation.level", "read_committed");
        reading.put("enable.auto.commit", false);
        reading.put("allow.auto.create.topics", false);
        reading.put("max.poll.records", 1);
        reading.put("fetch.max.bytes", 64 * 1024);
        CommittedProgress progress = opened(new CommittedProgress(
                Admin.create(config.kafka().client(client)),
                () -> new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                config.applicationId(),
                inputs(config, sources, partitions),
                ActivityProcessor.lookInterval(idleAfter.get()),
                wallClockMillis));
        progress.start();
        return progress;
    }

    private static Map<Kind, CommittedProgress.Input> inputs(
            StreamsAppConfig config, List<Source> sources, Map<String, Integer> partitions) {
        Map<Kind, CommittedProgress.Input> inputs = new EnumMap<>(Kind.class);
        for (Kind kind : config.activeKinds()) {
            Map<String, Integer> rekeyed = new HashMap<>();
            List<String> direct = new ArrayList<>();
            for (Source source : sources) {
                if (source.kind() == kind && source.rekey()) {
                    rekeyed.put(source.topic(), partitions.getOrDefault(source.topic(), 1));
                    direct.add(new NodeNames(kind).repartitionTopic(config.applicationId(), source.topic()));
                } else if (source.kind() == kind) {
                    direct.add(source.topic());
                }
            }
            inputs.put(kind, new CommittedProgress.Input(rekeyed, direct));
        }
        return inputs;
    }

    private void startStreams(Topology topology, StreamsAppConfig config) {
        Properties properties = new Properties();
        properties.putAll(config.streamsProperties());
        KafkaStreams kafka = new KafkaStreams(topology, properties);
        streams = kafka;
        kafka.setUncaughtExceptionHandler(this::lost);
        kafka.setStateListener((now, before) -> {
            LOG.info("streams are {}", now);
            if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
                ended.countDown();
            }
        });
        new JvmMemoryMetrics().bindTo(metrics.registry());
        new ProcessorMetrics().bindTo(metrics.registry());
        JvmGcMetrics gc = opened(new JvmGcMetrics());
        gc.bindTo(metrics.registry());
        KafkaStreamsMetrics kafkaMetrics = opened(new KafkaStreamsMetrics(kafka));
        kafkaMetrics.bindTo(metrics.registry());
        kafka.start();
    }

    /** Every topic that must be there before the start. */
    private static Set<String> needed(StreamsAppConfig config, List<Source> sources, Topics topics) {
        Set<String> names = new LinkedHashSet<>();
        sources.forEach(source -> names.add(source.topic()));
        names.add(topics.predictions().name());
        for (Kind kind : config.activeKinds()) {
            names.add(topics.labelledExamples(kind).name());
            if (config.withContextFeatures()) {
                names.add(topics.contextParts(kind).name());
                names.add(topics.contextRecent(kind).name());
            }
        }
        names.add(topics.deadLetters().name());
        names.add(topics.models().name());
        names.add(topics.featureSchemas().name());
        return names;
    }

    private static KindDefinition definition(Map<Kind, KindDefinition> definitions, Kind kind) {
        KindDefinition definition = definitions.get(kind);
        if (definition == null) {
            throw new IllegalStateException("no definition of " + kind);
        }
        return definition;
    }

    /**
     * A stream thread died. What may pass by itself costs a thread and a rebalance; anything else would kill the next
     * thread the same way, so the app ends and says why.
     */
    private synchronized StreamThreadExceptionResponse lost(Throwable e) {
        if (mayPass(e) && !tooMany()) {
            metrics.threadReplaced();
            LOG.warn("a stream thread was lost and is replaced: {}", oneLine(e));
            LOG.debug("the lost stream thread's exception", e);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        failure = new StartException("streams ended: " + oneLine(e), e);
        LOG.error("streams end: {}", oneLine(e));
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    private boolean tooMany() {
        long now = System.nanoTime();
        lostThreadsNanos.addLast(now);
        while (now - lostThreadsNanos.getFirst() > LOST_WITHIN.toNanos()) {
            lostThreadsNanos.removeFirst();
        }
        return lostThreadsNanos.size() > MAX_LOST;
    }

    private static boolean mayPass(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof RetriableException
                    || cause instanceof TaskMigratedException
                    || cause instanceof io.livepredict.serde.RegistryUnavailableException
                    || cause instanceof org.apache.kafka.common.errors.ProducerFencedException
                    || cause instanceof org.apache.kafka.common.errors.InvalidProducerEpochException
                    || cause instanceof org.apache.kafka.common.errors.OutOfOrderSequenceException
                    || cause instanceof org.apache.kafka.common.errors.UnknownProducerIdException
                    || cause instanceof org.apache.kafka.common.errors.TimeoutException) {
                return true;
            }
        }
        return false;
    }

    private static String oneLine(Throwable e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest.getClass().getSimpleName() + ": "
                + String.valueOf(deepest.getMessage()).replaceAll("\\s+", " ").strip();
    }

    private void serve(HttpEndpoint endpoint) {
        endpoint.serve(
                "/health",
                "200 while it runs or starts, 503 when it has ended.",
                () -> isAlive() ? Answer.text(200, "alive") : Answer.text(503, "streams have ended"));
        endpoint.serve(
                "/ready",
                "200 while it scores, 503 and why not.",
                () -> isReady() ? Answer.text(200, "ready") : Answer.text(503, notReadyBecause()));
        endpoint.serve("/metrics", "Counters and timings for Prometheus.", () -> Answer.metrics(metrics.scrape()));
        endpoint.serve("/model", "The active model of each kind, JSON.", () -> Answer.json(modelsJson()));
    }

    private String modelsJson() {
        Map<String, Object> models = new LinkedHashMap<>();
        new TreeMap<>(activations).forEach((kind, activation) -> {
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
            models.put(kind.id(), model);
        });
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(models);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts and numbers is JSON", e);
        }
    }

    /** Whether it is still running or starting. */
    public boolean isAlive() {
        KafkaStreams kafka = streams;
        return failure == null && (kafka == null || !kafka.state().hasCompletedShutdown());
    }

    /** Whether models are read and all tasks are running. */
    public boolean isReady() {
        KafkaStreams kafka = streams;
        return modelsRead && kafka != null && kafka.state() == KafkaStreams.State.RUNNING;
    }

    private String notReadyBecause() {
        KafkaStreams kafka = streams;
        return !modelsRead ? "models are being read" : "streams are " + (kafka == null ? "not started" : kafka.state());
    }

    /** The active version of each kind that is scored; 0 is the prior. */
    public Map<Kind, Long> activeVersions() {
        Map<Kind, Long> versions = new EnumMap<>(Kind.class);
        activations.forEach((kind, activation) -> versions.put(kind, activation.activeVersion()));
        return versions;
    }

    /** What was counted. */
    public AppMetrics metrics() {
        return metrics;
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
        return ended.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Why streams ended by themselves, if they did. */
    public Optional<StartException> failure() {
        return Optional.ofNullable(failure);
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.push(closeable);
        return closeable;
    }

    /** Ends everything: first Kafka Streams, so that nothing scores any longer when models are closed. Once only. */
    @Override
    public void close() {
        KafkaStreams kafka = streams;
        if (kafka != null) {
            boolean stopped = kafka.close(CloseOptions.timeout(CLOSE_WITHIN)
                    .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
            if (!stopped) {
                // A thread may still be in a native call: rather leak the sessions than crash the JVM.
                LOG.warn("streams did not stop within {} s", CLOSE_WITHIN.toSeconds());
                active.clear();
            }
        }
        while (!open.isEmpty()) {
            AutoCloseable next = open.pop();
            try {
                next.close();
            } catch (Exception e) {
                LOG.warn("closing: {}", e.toString());
            }
        }
        active.values().forEach(ActiveModel::close);
        active.clear();
        metrics.close();
        ended.countDown();
    }
}
