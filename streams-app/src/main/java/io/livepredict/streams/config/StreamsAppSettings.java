package io.livepredict.streams.config;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.settings.ApiSettings;
import io.livepredict.settings.HttpSettings;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.KindsAndTargets;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.choice.ChoiceSettings;
import io.livepredict.streams.config.StreamsAppConfig.Explain;
import io.livepredict.streams.config.StreamsAppConfig.Guarantee;
import io.livepredict.streams.config.StreamsAppConfig.Score;
import io.livepredict.streams.config.StreamsAppConfig.SourceEntry;
import io.livepredict.streams.config.StreamsAppConfig.State;
import io.livepredict.streams.config.StreamsAppConfig.StoreType;
import io.livepredict.streams.context.ContextReader;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.ingest.TimeBounds;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.outcome.OutcomeSettings;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.score.ScoreSettings;
import io.livepredict.streams.score.onnx.Device;
import io.livepredict.streams.time.OutputGate;
import io.livepredict.streams.time.TimeSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * What the streams app runs with: its configuration with everything filled in, checked as a whole. Made once, from a file
 * by {@link #read} or from a configuration made in code by {@link StreamsAppConfig#resolve}. Immutable.
 */
public final class StreamsAppSettings {
    private static final int PARTITIONS = 4;
    private static final int HTTP_PORT = 8080;
    private static final Duration FLUSH_AFTER = Duration.ofMillis(5);
    private static final Duration CONTEXT_SLACK = Duration.ofMinutes(10);
    private static final long RECENT_BYTES = 64 << 20;

    private final Namespace namespace;
    private final KafkaSettings kafka;
    private final RegistrySettings registry;
    private final int partitions;
    private final int replication;
    private final KindsAndTargets kinds;
    private final List<Source> sources;
    private final Map<String, Integer> sourcePartitions;
    private final boolean contextFeatures;
    private final Duration contextSlack;
    private final boolean erasures;
    private final Map<Kind, FeatureSchema> schemas;
    private final TimeSettings time;
    private final TimeBounds timeBounds;
    private final Preset preset;
    private final Guarantee guarantee;
    private final ScoreSettings score;
    private final Device device;
    private final List<Path> trustedKeys;
    private final Path stateDirectory;
    private final StoreType store;
    private final long recentBytes;
    private final @Nullable Long rocksdbBytes;
    private final int standbyReplicas;
    private final OutcomeSettings outcome;
    private final OutputSettings outputs;
    private final Map<Kind, ChoiceSettings> choices;
    private final PrivacySettings privacy;
    private final HttpSettings.Address http;
    private final Optional<ApiSettings> api;
    private final int threads;
    private final Duration commitInterval;
    private final Map<String, String> streams;

    StreamsAppSettings(StreamsAppConfig config) {
        namespace = config.namespace() == null ? Namespace.defaults() : new Namespace(config.namespace());
        kafka = config.kafka();
        registry = config.registry();
        partitions = or(config.partitions(), PARTITIONS);
        replication = or(config.replication(), -1);
        kinds = KindsAndTargets.of(config.kinds(), config.targets());
        sources = sources(config.sources());
        sourcePartitions = sourcePartitions(config.sources());
        contextFeatures = or(config.contextFeatures(), false);
        contextSlack =
                config.context() == null ? CONTEXT_SLACK : or(config.context().slack(), CONTEXT_SLACK);
        erasures = or(config.erasures(), false);
        schemas = madeSchemas();
        State state = config.state() == null ? State.defaults() : config.state();
        time = ResolvedTime.settings(config.time(), state.retention(), kinds);
        timeBounds = ResolvedTime.bounds(config.time());
        preset = or(config.preset(), Preset.BALANCED);
        guarantee = or(config.guarantee(), Guarantee.EXACTLY_ONCE);
        score = score(config.score());
        device = Device.of(
                config.score() == null || config.score().device() == null
                        ? "auto"
                        : config.score().device());
        trustedKeys = config.models().trustedKeys();
        stateDirectory = Path.of(or(state.dir(), "data/streams-state"));
        store = or(state.store(), StoreType.ROCKSDB);
        recentBytes = store == StoreType.IN_MEMORY ? 0 : or(state.recentBytes(), RECENT_BYTES);
        rocksdbBytes = state.rocksdbBytes();
        standbyReplicas = or(state.standbyReplicas(), 0);
        privacy = PrivacySettings.of(config, sources);
        outcome = (state.maxOpenSnapshots() == null
                        ? OutcomeSettings.defaults()
                        : OutcomeSettings.open(state.maxOpenSnapshots()))
                .with(privacy.renamings());
        outputs = ResolvedOutputs.of(config, time, kinds, schemas);
        choices = ChoiceConfig.resolve(config.choices(), kinds);
        http = HttpSettings.resolve(config.http(), HTTP_PORT);
        api = ApiSettings.resolve(config.api(), http);
        threads = or(config.threads(), 1);
        commitInterval = or(config.commitInterval(), preset.commitInterval());
        streams = config.streams() == null
                ? Map.of()
                : Collections.unmodifiableMap(new LinkedHashMap<>(config.streams()));
    }

    /**
     * Reads a configuration file, see {@link StreamsAppConfig}.
     *
     * @param env the environment variables that may override keys, usually {@link System#getenv()}
     * @throws SettingsException one line: file, line, key, value, reason
     */
    public static StreamsAppSettings read(Path file, Map<String, String> env) {
        return YamlFile.read(file, StreamsAppConfig.class, env, StreamsAppConfig::resolve);
    }

    /** Prefix of every topic, group and subject. */
    public Namespace namespace() {
        return namespace;
    }

    /** The brokers. */
    public KafkaSettings kafka() {
        return kafka;
    }

    /** The schema registry. */
    public RegistrySettings registry() {
        return registry;
    }

    /** Partitions of the topics that are created. */
    public int partitions() {
        return partitions;
    }

    /** Replication of the topics that are created; -1 for the broker's default. */
    public int replication() {
        return replication;
    }

    /** What the kinds' events are and what is predicted. */
    public KindsAndTargets kinds() {
        return kinds;
    }

    /** The topics that events are read from. */
    public List<Source> sources() {
        return sources;
    }

    /** Those of one kind. */
    public List<Source> sources(Kind kind) {
        return sources.stream().filter(source -> source.kind() == kind).toList();
    }

    /** Whether vectors also say what goes on in the room or match. */
    public boolean contextFeatures() {
        return contextFeatures;
    }

    /** How far in event time tasks may be apart for features of the room or match to be whole. */
    public Duration contextSlack() {
        return contextSlack;
    }

    /** Whether requests to forget somebody are taken. */
    public boolean erasures() {
        return erasures;
    }

    /**
     * The features of a kind's vectors.
     *
     * @throws IllegalArgumentException if no target is for that kind
     */
    public FeatureSchema schema(Kind kind) {
        FeatureSchema schema = schemas.get(kind);
        if (schema == null) {
            throw new IllegalArgumentException("no target is for " + kind.id());
        }
        return schema;
    }

    /** The features of the vectors of every kind that has a target. */
    public Map<Kind, FeatureSchema> schemas() {
        return schemas;
    }

    /** How event time moves. */
    public TimeSettings time() {
        return time;
    }

    /** Which event times are refused. */
    public TimeBounds timeBounds() {
        return timeBounds;
    }

    /** Which outputs leave. */
    public OutputGate outputGate() {
        return outputs.gate();
    }

    /** The preset. */
    public Preset preset() {
        return preset;
    }

    /** What is promised through crashes. */
    public Guarantee guarantee() {
        return guarantee;
    }

    /** How rows are batched and explained. */
    public ScoreSettings score() {
        return score;
    }

    /** Where models run. */
    public Device device() {
        return device;
    }

    /** Public keys (PEM files) whose models are served. */
    public List<Path> trustedKeys() {
        return trustedKeys;
    }

    /** Folder for state on disk. */
    public Path stateDirectory() {
        return stateDirectory;
    }

    /** Makes the state store of a name. */
    public Function<String, KeyValueBytesStoreSupplier> stores() {
        return store == StoreType.IN_MEMORY ? Stores::inMemoryKeyValueStore : Stores::persistentKeyValueStore;
    }

    /** Bytes of heap of this instance that are kept in front of the stores; 0 for stores that are in memory anyway. */
    public long recentBytes() {
        return recentBytes;
    }

    /** Bytes that RocksDB may take for all stores of this process; null for no bound. */
    public @Nullable Long rocksdbBytes() {
        return rocksdbBytes;
    }

    /** Copies of the state kept warm on other instances. */
    public int standbyReplicas() {
        return standbyReplicas;
    }

    /** How many snapshots of an entity may await their labels. */
    public OutcomeSettings outcome() {
        return outcome;
    }

    /** What leaves besides labelled examples. */
    public OutputSettings outputs() {
        return outputs;
    }

    /** By kind which of its events are choices. */
    public Map<Kind, ChoiceSettings> choices() {
        return choices;
    }

    /** What is kept of people. */
    public PrivacySettings privacy() {
        return privacy;
    }

    /** Where health, metrics and the active model are served. */
    public HttpSettings.Address http() {
        return http;
    }

    /** Who may use the API; empty where there is none. */
    public Optional<ApiSettings> api() {
        return api;
    }

    /** Stream threads. */
    public int threads() {
        return threads;
    }

    /** How often tasks commit. */
    public Duration commitInterval() {
        return commitInterval;
    }

    /** Properties of Kafka Streams under their own names, which stand above what follows from the other settings. */
    public Map<String, String> streams() {
        return streams;
    }

    /** The id of the application: its consumer group, transactional ids and internal topics begin with it. */
    public String applicationId() {
        return namespace.name("streams");
    }

    /**
     * The topics that this configuration needs, those of sources of the user's own and of kinds without a target apart, in the
     * order to create them.
     */
    public List<Topic<?, ?>> neededTopics(Topics topics) {
        return NeededTopics.of(this, topics);
    }

    /** How many partitions source topics are created with, by topic; those that are not listed are not ours to create. */
    public Map<String, Integer> sourcePartitions() {
        return sourcePartitions;
    }

    /** What may be meant otherwise than it is written, a line each. */
    public List<String> hints() {
        Stream<String> ofMappings = sources.stream()
                .flatMap(source -> source.mapping() == null
                        ? Stream.<String>empty()
                        : source.mapping().hints().stream().map(hint -> "source " + source.topic() + ": " + hint));
        boolean mayFillUp = contextFeatures && time.idleAfter().isEmpty();
        PseudonymKeys keys = privacy.keys();
        return Stream.concat(
                        Stream.concat(ofMappings, keys == null ? Stream.empty() : keys.hints().stream()),
                        mayFillUp
                                ? Stream.of(
                                        "time.replay: while a partition of a source stays empty, the state of context"
                                                + " features forgets no context and grows; send to every partition, or take"
                                                + " time.replay out, so that the clock counts for partitions that are silent")
                                : Stream.empty())
                .toList();
    }

    private Map<String, Integer> sourcePartitions(@Nullable List<SourceEntry> entries) {
        Map<String, Integer> partitionsOf = new LinkedHashMap<>();
        for (int i = 0; entries != null && i < entries.size(); i++) {
            Integer wanted = entries.get(i).partitions();
            if (wanted != null) {
                partitionsOf.put(sources.get(i).topic(), wanted);
            }
        }
        return Collections.unmodifiableMap(partitionsOf);
    }

    private List<Source> sources(@Nullable List<SourceEntry> entries) {
        List<Kind> active = kinds.active();
        if (entries == null) {
            return active.stream()
                    .map(kind -> new Source(canonicalTopic(kind), kind, Source.Format.CANONICAL, null, false))
                    .toList();
        }
        List<Source> resolved = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (SourceEntry entry : entries) {
            Source source = source(entry, resolved.size());
            if (!names.add(source.topic())) {
                throw refusedSource(resolved.size(), "topic " + source.topic() + " is named twice");
            }
            if (!active.contains(source.kind())) {
                throw refusedSource(
                        resolved.size(),
                        "topic " + source.topic() + " has " + source.kind().id()
                                + " events, but no target is for that kind");
            }
            resolved.add(source);
        }
        for (Kind kind : active) {
            if (resolved.stream().noneMatch(source -> source.kind() == kind)) {
                throw new SettingsException(
                        List.of("sources"),
                        "sources: there are targets for " + kind.id() + " but no topic with its events",
                        null);
            }
        }
        return List.copyOf(resolved);
    }

    private static SettingsException refusedSource(int index, String reason) {
        return new SettingsException(List.of("sources", index), "sources: " + reason, null);
    }

    private Source source(SourceEntry entry, int index) {
        MappingSettings mapping = entry.mappingFile() == null
                ? entry.mapping()
                : YamlFile.read(entry.mappingFile(), MappingSettings.class, Map.of());
        Kind kind = entry.kind() != null ? entry.kind() : mapping != null ? mapping.kind() : Kind.VIEWER;
        String topic = entry.topic() != null ? entry.topic() : canonicalTopic(kind);
        if (mapping != null && mapping.kind() != kind) {
            throw refusedSource(
                    index,
                    "topic " + topic + ": kind is " + kind.id() + ", but its mapping is for "
                            + mapping.kind().id());
        }
        if (mapping != null) {
            checkTypes(mapping, kind, topic, index);
        }
        try {
            return new Source(topic, kind, or(entry.format(), Source.Format.CANONICAL), mapping, entry.rekey());
        } catch (IllegalArgumentException e) {
            throw new SettingsException(List.of("sources", index), "sources: " + e.getMessage(), e);
        }
    }

    private void checkTypes(MappingSettings mapping, Kind kind, String topic, int index) {
        String undeclared = mapping.undeclared(kinds.definition(kind).eventTypes());
        if (undeclared != null) {
            throw refusedSource(index, "topic " + topic + ": " + undeclared);
        }
    }

    private String canonicalTopic(Kind kind) {
        return namespace.name(kind.id() + "-events");
    }

    private Map<Kind, FeatureSchema> madeSchemas() {
        Map<Kind, FeatureSchema> made = new EnumMap<>(Kind.class);
        for (Kind kind : kinds.active()) {
            try {
                made.put(kind, schemaOf(kinds.definition(kind)));
            } catch (IllegalArgumentException e) {
                throw new SettingsException(
                        List.of("kinds", kind.id()), "kinds." + kind.id() + ": " + e.getMessage(), e);
            }
        }
        return Collections.unmodifiableMap(made);
    }

    private FeatureSchema schemaOf(KindDefinition definition) {
        return contextFeatures
                ? FeatureDefinitions.schema(definition, ContextReader.features(definition))
                : FeatureDefinitions.schema(definition);
    }

    private ScoreSettings score(@Nullable Score given) {
        int batchSize = given == null ? preset.scoreBatchSize() : or(given.batchSize(), preset.scoreBatchSize());
        Duration flushAfter = given == null ? FLUSH_AFTER : or(given.flushAfter(), FLUSH_AFTER);
        Explain explain = given == null ? null : given.explain();
        return new ScoreSettings(
                batchSize,
                guarantee == Guarantee.EXACTLY_ONCE ? null : flushAfter,
                explain == null ? ScoreSettings.Explain.NEVER : explain.settings());
    }

    private static <T> T or(@Nullable T given, T shipped) {
        return given == null ? shipped : given;
    }
}
