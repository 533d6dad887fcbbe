package io.livepredict.streams.config;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.Settings;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.TargetSettings;
import io.livepredict.settings.Targets;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.activity.TimeSettings;
import io.livepredict.streams.context.ContextReader;
import io.livepredict.streams.ingest.MappingSettings;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.ingest.TimeBounds;
import io.livepredict.streams.outcome.OutcomeSettings;
import io.livepredict.streams.score.ScoreSettings;
import io.livepredict.streams.score.onnx.Device;
import io.livepredict.streams.state.RecentValues;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * The configuration file of the streams app. Durations are written {@code 250ms}, {@code 30s}, {@code 5m}, {@code 2h} or
 * {@code 10d}. Environment variables override single keys (see {@link YamlFile}).
 *
 * @param namespace prefix of every topic, group and subject; default {@code livepredict}
 * @param kafka the brokers and any property of Kafka's clients; {@code bootstrap.servers} is required
 * @param registry the schema registry; {@code url} is required
 * @param partitions of the topics that {@code topics --create} makes; default 4
 * @param replication of the topics that {@code topics --create} makes; default: the broker's own
 * @param kinds what the kinds' events are and which features are made of them; default: as shipped
 * @param sources the topics that events are read from; default: the canonical topic of each kind that has a target
 * @param targets what is predicted
 * @param contextFeatures whether vectors also say what goes on in the room or match; takes two more topics for each
 *     kind; default false
 * @param time how event time moves and which event times are refused
 * @param score how rows are batched and scored
 * @param preset {@code latency}, {@code balanced} or {@code throughput}; default balanced
 * @param models which models are trusted
 * @param state where and how state is kept
 * @param http where health, metrics and the active model are served
 * @param threads stream threads; default 1
 * @param guarantee {@code exactly-once} or {@code at-least-once}; default exactly-once
 * @param commitInterval how often tasks commit; default: the preset's
 * @param streams any further property of Kafka Streams, under its own name; stands above all else
 */
public record StreamsAppConfig(
        @Nullable String namespace,
        KafkaSettings kafka,
        RegistrySettings registry,
        @Nullable Integer partitions,
        @Nullable Integer replication,
        @Nullable Map<Kind, KindSettings> kinds,
        @Nullable List<SourceEntry> sources,
        List<TargetSettings> targets,
        @Nullable Boolean contextFeatures,
        @Nullable Time time,
        @Nullable Score score,
        @Nullable Preset preset,
        Models models,
        @Nullable State state,
        @Nullable Http http,
        @Nullable Integer threads,
        @Nullable Guarantee guarantee,
        @Nullable Duration commitInterval,
        @Nullable Map<String, String> streams) {
    private static final long RECENT_BYTES = 64 << 20;

    /** What is promised through crashes. */
    public enum Guarantee {
        /** Every prediction and example exactly once, for those who read committed records. */
        EXACTLY_ONCE,
        /** Every prediction and example at least once; lower latency. */
        AT_LEAST_ONCE
    }

    /** How state is stored. */
    public enum StoreType {
        /** On disk: state may be larger than memory. */
        ROCKSDB,
        /** In memory: faster; restored from the changelog at every start. */
        IN_MEMORY
    }

    /**
     * A topic that events are read from.
     *
     * @param topic its full name; for canonical events it may be left out: the namespace's own topic
     * @param kind whose events; with a mapping it may be left out: the mapping's
     * @param format {@code canonical}, {@code avro} or {@code json}; default canonical
     * @param mapping how the user's own records become events
     * @param mappingFile the same in a file of its own, instead of {@code mapping}
     * @param rekey set it where the topic is not keyed by the entity id: its records then go through one repartition
     *     topic; default false
     */
    public record SourceEntry(
            @Nullable String topic,
            @Nullable Kind kind,
            Source.@Nullable Format format,
            @Nullable MappingSettings mapping,
            @Nullable Path mappingFile,
            boolean rekey) {
        public SourceEntry {
            if (mapping != null && mappingFile != null) {
                throw new IllegalArgumentException("mapping and mapping-file exclude each other");
            }
            boolean mapped = mapping != null || mappingFile != null;
            boolean canonical = format == null ? !mapped : format == Source.Format.CANONICAL;
            if (canonical == mapped) {
                throw new IllegalArgumentException(
                        canonical
                                ? "a mapping goes with format: json or avro"
                                : "format: json and avro need a mapping or a mapping-file");
            }
            if (format == null && mapped) {
                throw new IllegalArgumentException("format is missing: json or avro");
            }
            if (canonical && kind == null) {
                throw new IllegalArgumentException("kind is missing: viewer or player");
            }
            if (!canonical && topic == null) {
                throw new IllegalArgumentException("topic is missing");
            }
        }

        Source source(Namespace namespace) {
            MappingSettings form =
                    mappingFile == null ? mapping : YamlFile.read(mappingFile, MappingSettings.class, Map.of());
            Kind of = kind != null ? kind : form != null ? form.kind() : Kind.VIEWER;
            String name = topic != null ? topic : canonicalTopic(namespace, of);
            Source.Format written = format == null ? Source.Format.CANONICAL : format;
            return new Source(name, of, written, form, rekey);
        }
    }

    /**
     * How event time moves.
     *
     * @param grace how much later than a newer one an event may arrive and still count; default 5s
     * @param idleAfter a partition silent for so long, with nothing in it that waits to be read, decides labels by the wall
     *     clock; no event becomes late by it; default 10s
     * @param replay set it for a recorded log: event times may be any, and the wall clock moves no watermark; default
     *     false
     * @param maxAhead how far an event's time may be ahead of its record's transport time; default 1m
     * @param maxBehind how far it may be behind; default 7d
     */
    public record Time(
            @Nullable Duration grace,
            @Nullable Duration idleAfter,
            boolean replay,
            @Nullable Duration maxAhead,
            @Nullable Duration maxBehind) {
        public Time {
            if (replay && (idleAfter != null || maxAhead != null || maxBehind != null)) {
                throw new IllegalArgumentException("replay: true excludes idle-after, max-ahead and max-behind");
            }
        }
    }

    /**
     * How rows are scored.
     *
     * @param batchSize the largest batch; default: the preset's
     * @param flushAfter at-least-once only: how long a row may wait for its batch to fill; default 5ms
     * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}; default auto
     * @param explain when reasons are given; default never
     */
    public record Score(
            @Nullable Integer batchSize,
            @Nullable Duration flushAfter,
            @Nullable String device,
            @Nullable Explain explain) {
        public Score {
            if (device != null) {
                Device.of(device);
            }
            if (batchSize != null) {
                new ScoreSettings(batchSize, flushAfter, ScoreSettings.Explain.NEVER);
            }
        }
    }

    /**
     * Which rows are explained.
     *
     * @param threshold those with a probability of at least this; default none
     * @param sampleRate and this share of all; default 0
     */
    public record Explain(
            @Nullable Double threshold, @Nullable Double sampleRate) {
        public Explain {
            new ScoreSettings.Explain(threshold == null ? 2 : threshold, sampleRate == null ? 0 : sampleRate);
        }

        ScoreSettings.Explain settings() {
            return new ScoreSettings.Explain(threshold == null ? 2 : threshold, sampleRate == null ? 0 : sampleRate);
        }
    }

    /**
     * Which models are trusted.
     *
     * @param trustedKeys public keys (PEM files) whose models are served
     */
    public record Models(List<Path> trustedKeys) {
        public Models {
            Settings.required("trusted-keys", trustedKeys);
            if (trustedKeys.isEmpty()) {
                throw new IllegalArgumentException(
                        "trusted-keys names no public key, so no model would ever be served; trainer keys new makes a pair");
            }
            trustedKeys = List.copyOf(trustedKeys);
        }
    }

    /**
     * Where and how state is kept.
     *
     * @param dir folder for state on disk; default {@code data/streams-state}
     * @param store {@code rocksdb} or {@code in-memory}; default rocksdb
     * @param retention an entity silent for longer is forgotten; longer than the longest horizon and the grace; default
     *     365d, or more where a horizon needs it
     * @param maxOpenSnapshots how many logged snapshots of an entity may await their labels; default 64
     * @param standbyReplicas copies of the state kept warm on other instances; default 0
     * @param recentBytes heap of this instance in which what is known of those active last is kept in front of RocksDB; 0 for
     *     none, as always in memory; default 67108864 (64 MiB)
     */
    public record State(
            @Nullable Path dir,
            @Nullable StoreType store,
            @Nullable Duration retention,
            @Nullable Integer maxOpenSnapshots,
            @Nullable Integer standbyReplicas,
            @Nullable Long recentBytes) {
        public State {
            if (recentBytes != null && recentBytes < 0) {
                throw new IllegalArgumentException("recent-bytes must not be negative, got " + recentBytes);
            }
            if (maxOpenSnapshots != null && (maxOpenSnapshots < 1 || maxOpenSnapshots > 10_000)) {
                throw new IllegalArgumentException("max-open-snapshots must be in 1..10000, got " + maxOpenSnapshots);
            }
            if (standbyReplicas != null && standbyReplicas < 0) {
                throw new IllegalArgumentException("standby-replicas must not be negative");
            }
        }
    }

    /**
     * The HTTP endpoint.
     *
     * @param host address to listen at; default 127.0.0.1
     * @param port default 8080; 0 for any free one
     */
    public record Http(@Nullable String host, @Nullable Integer port) {
        public Http {
            if (port != null && (port < 0 || port > 65_535)) {
                throw new IllegalArgumentException("port must be in 0..65535, got " + port);
            }
        }
    }

    public StreamsAppConfig {
        Settings.required("kafka", kafka);
        Settings.required("registry", registry);
        Settings.required("targets", targets);
        Settings.required("models", models);
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("targets names nothing to predict");
        }
        if (namespace != null) {
            new Namespace(namespace);
        }
        if (threads != null && (threads < 1 || threads > 1024)) {
            throw new IllegalArgumentException("threads must be in 1..1024, got " + threads);
        }
        if (partitions != null && partitions < 1) {
            throw new IllegalArgumentException("partitions must be at least 1, got " + partitions);
        }
        if (commitInterval != null && commitInterval.toMillis() < 1) {
            throw new IllegalArgumentException("commit-interval must be at least 1ms");
        }
    }

    /**
     * Reads and checks a configuration file.
     *
     * @throws SettingsException one line: file, line, key, value, reason
     */
    public static StreamsAppConfig read(Path file, Map<String, String> env) {
        StreamsAppConfig config = YamlFile.read(file, StreamsAppConfig.class, env);
        try {
            config.check();
        } catch (IllegalArgumentException e) {
            throw new SettingsException(file + ": " + e.getMessage(), e);
        }
        return config;
    }

    /**
     * Checks what no single key shows.
     *
     * @throws IllegalArgumentException or SettingsException if the parts do not fit together
     */
    public void check() {
        resolvedSources();
        timeSettings();
        activeKinds().forEach(this::schema);
    }

    /** The namespace. */
    public Namespace resolvedNamespace() {
        return namespace == null ? Namespace.defaults() : new Namespace(namespace);
    }

    /** What each kind's events are, for both kinds. */
    public Map<Kind, KindDefinition> definitions() {
        Map<Kind, KindDefinition> definitions = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            KindSettings settings = kinds == null ? null : kinds.get(kind);
            definitions.put(kind, (settings == null ? KindSettings.defaults() : settings).definition(kind));
        }
        return definitions;
    }

    /** What is predicted, in order. */
    public List<Target> resolvedTargets() {
        return Targets.read(targets, definitions());
    }

    /** The kinds that have a target; the others are not read at all. */
    public List<Kind> activeKinds() {
        List<Target> all = resolvedTargets();
        return List.of(Kind.values()).stream()
                .filter(kind -> !Target.of(all, kind).isEmpty())
                .toList();
    }

    /** The topics that events are read from. */
    public List<Source> resolvedSources() {
        List<Kind> active = activeKinds();
        List<Source> resolved = new ArrayList<>();
        if (sources == null) {
            for (Kind kind : active) {
                resolved.add(new Source(
                        canonicalTopic(resolvedNamespace(), kind), kind, Source.Format.CANONICAL, null, false));
            }
            return resolved;
        }
        Set<String> names = new HashSet<>();
        for (SourceEntry entry : sources) {
            Source source = entry.source(resolvedNamespace());
            if (!names.add(source.topic())) {
                throw new IllegalArgumentException("sources: topic " + source.topic() + " is named twice");
            }
            if (!active.contains(source.kind())) {
                throw new IllegalArgumentException("sources: topic " + source.topic() + " has "
                        + source.kind().id() + " events, but no target is for that kind");
            }
            resolved.add(source);
        }
        for (Kind kind : active) {
            if (resolved.stream().noneMatch(source -> source.kind() == kind)) {
                throw new IllegalArgumentException(
                        "sources: there are targets for " + kind.id() + " but no topic with its events");
            }
        }
        return resolved;
    }

    /** Whether vectors also say what goes on in the room or match. */
    public boolean withContextFeatures() {
        return contextFeatures != null && contextFeatures;
    }

    /** The topics that this configuration needs, those of sources of the user's own apart, in the order to create them. */
    public List<Topic<?, ?>> neededTopics(Topics topics) {
        List<Topic<?, ?>> needed = new ArrayList<>(topics.all());
        if (withContextFeatures()) {
            for (Kind kind : activeKinds()) {
                needed.add(topics.contextParts(kind));
                needed.add(topics.contextRecent(kind));
            }
        }
        return needed;
    }

    /** The features of a kind's vectors. */
    public FeatureSchema schema(Kind kind) {
        KindDefinition definition = definitions().get(kind);
        if (definition == null) {
            throw new IllegalStateException("no definition of " + kind);
        }
        return withContextFeatures()
                ? FeatureDefinitions.schema(definition, ContextReader.features(definition))
                : FeatureDefinitions.schema(definition);
    }

    /** How event time moves. */
    public TimeSettings timeSettings() {
        TimeSettings defaults = TimeSettings.defaults();
        Duration grace = time == null || time.grace() == null ? defaults.grace() : time.grace();
        Optional<Duration> idle = time != null && time.replay()
                ? Optional.empty()
                : time != null && time.idleAfter() != null ? Optional.of(time.idleAfter()) : defaults.idleAfter();
        Duration longest = resolvedTargets().stream()
                .map(Target::within)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
        Duration needed = longest.plus(grace);
        Duration given = state == null ? null : state.retention();
        if (given != null && given.compareTo(needed) <= 0) {
            throw new IllegalArgumentException(
                    "state.retention: " + given + " must be longer than the longest horizon and the grace, " + needed);
        }
        Duration retention = given != null
                ? given
                : needed.compareTo(defaults.retention()) < 0 ? defaults.retention() : needed.multipliedBy(2);
        return new TimeSettings(grace, idle, retention);
    }

    /** Which event times are refused. */
    public TimeBounds timeBounds() {
        TimeBounds defaults = TimeBounds.defaults();
        if (time == null) {
            return defaults;
        }
        return time.replay()
                ? TimeBounds.NONE
                : new TimeBounds(
                        time.maxAhead() == null ? defaults.maxAhead() : time.maxAhead(),
                        time.maxBehind() == null ? defaults.maxBehind() : time.maxBehind());
    }

    /** How rows are batched. */
    public ScoreSettings scoreSettings() {
        int size = score == null || score.batchSize() == null ? resolvedPreset().scoreBatchSize() : score.batchSize();
        Duration after = score == null || score.flushAfter() == null ? Duration.ofMillis(5) : score.flushAfter();
        return new ScoreSettings(
                size,
                resolvedGuarantee() == Guarantee.EXACTLY_ONCE ? null : after,
                score == null || score.explain() == null
                        ? ScoreSettings.Explain.NEVER
                        : score.explain().settings());
    }

    /** Where models run. */
    public Device device() {
        return Device.of(score == null || score.device() == null ? "auto" : score.device());
    }

    /** The preset. */
    public Preset resolvedPreset() {
        return preset == null ? Preset.BALANCED : preset;
    }

    /** The guarantee. */
    public Guarantee resolvedGuarantee() {
        return guarantee == null ? Guarantee.EXACTLY_ONCE : guarantee;
    }

    /** Partitions of the topics that are created. */
    public int resolvedPartitions() {
        return partitions == null ? 4 : partitions;
    }

    /** Replication of the topics that are created; -1 for the broker's default. */
    public int resolvedReplication() {
        return replication == null ? -1 : replication;
    }

    /** Folder for state on disk. */
    public Path stateDirectory() {
        return state == null || state.dir() == null ? Path.of("data", "streams-state") : state.dir();
    }

    /** Makes the state store of a name. */
    public Function<String, KeyValueBytesStoreSupplier> stores() {
        return state != null && state.store() == StoreType.IN_MEMORY
                ? Stores::inMemoryKeyValueStore
                : Stores::persistentKeyValueStore;
    }

    /** How much of the stores is kept on the heap; made once an app. */
    public RecentValues.Budget recentValues() {
        if (state == null) {
            return new RecentValues.Budget(RECENT_BYTES);
        }
        if (state.store() == StoreType.IN_MEMORY) {
            return new RecentValues.Budget(0); // all of it is there already
        }
        return new RecentValues.Budget(state.recentBytes() == null ? RECENT_BYTES : state.recentBytes());
    }

    /** How many snapshots of an entity may await their labels. */
    public OutcomeSettings outcomeSettings() {
        return state == null || state.maxOpenSnapshots() == null
                ? OutcomeSettings.defaults()
                : OutcomeSettings.open(state.maxOpenSnapshots());
    }

    /** Address of the HTTP endpoint. */
    public String httpHost() {
        return http == null || http.host() == null ? "127.0.0.1" : http.host();
    }

    /** Port of the HTTP endpoint; 0 for any free one. */
    public int httpPort() {
        return http == null || http.port() == null ? 8080 : http.port();
    }

    /** The id of the application: its consumer group, transactional ids and internal topics begin with it. */
    public String applicationId() {
        return resolvedNamespace().name("streams");
    }

    /** The properties for Kafka Streams. */
    public Map<String, Object> streamsProperties() {
        Preset chosen = resolvedPreset();
        Map<String, Object> properties = new LinkedHashMap<>(kafka.client(applicationId()));
        properties.put("application.id", applicationId());
        properties.put("group.protocol", "classic");
        properties.put(
                "processing.guarantee",
                resolvedGuarantee() == Guarantee.EXACTLY_ONCE ? "exactly_once_v2" : "at_least_once");
        properties.put(
                "commit.interval.ms",
                Long.toString((commitInterval == null ? chosen.commitInterval() : commitInterval).toMillis()));
        properties.put("num.stream.threads", Integer.toString(threads == null ? 1 : threads));
        properties.put(
                "num.standby.replicas",
                Integer.toString(state == null || state.standbyReplicas() == null ? 0 : state.standbyReplicas()));
        properties.put("state.dir", stateDirectory().toString());
        properties.put("replication.factor", Integer.toString(resolvedReplication()));
        // A cached store that comes before the batch buffer loses changelog records in a crash (RATIONALE.md).
        properties.put("statestore.cache.max.bytes", "0");
        properties.put("main.consumer.auto.offset.reset", "earliest");
        properties.put("main.consumer.isolation.level", "read_committed");
        properties.put("main.consumer.session.timeout.ms", "10000");
        properties.put("main.consumer.heartbeat.interval.ms", "3000");
        properties.put("producer.linger.ms", Integer.toString(chosen.lingerMillis()));
        properties.put("producer.batch.size", Integer.toString(chosen.producerBatchBytes()));
        // With several requests under way, those of a new transaction can overtake its first batch; the broker then
        // refuses and the producer repeats them (seen as storms of OutOfOrderSequenceException under load).
        properties.put("producer.max.in.flight.requests.per.connection", "1");
        // A record of up to 1 MiB grows by a few headers on its way through a repartition topic.
        properties.put("producer.max.request.size", Integer.toString(2 * 1024 * 1024 + 65_536));
        properties.put("topic.max.message.bytes", Integer.toString(2 * 1024 * 1024));
        properties.put("main.consumer.max.partition.fetch.bytes", Integer.toString(4 * 1024 * 1024));
        properties.put("enable.metrics.push", "false");
        properties.put("processing.exception.handler.global.enabled", "true");
        if (streams != null) {
            properties.putAll(streams);
        }
        return properties;
    }

    private static String canonicalTopic(Namespace namespace, Kind kind) {
        return namespace.name(kind.id() + "-events");
    }
}
