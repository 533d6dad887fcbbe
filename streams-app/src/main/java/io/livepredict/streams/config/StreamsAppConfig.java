package io.livepredict.streams.config;

import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Namespace;
import io.livepredict.settings.ApiSettings;
import io.livepredict.settings.HttpSettings;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.Settings;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.TargetSettings;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.score.ScoreSettings;
import io.livepredict.streams.score.onnx.Device;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The configuration file of the streams app, as it is written: nothing is filled in and no file that it names is read;
 * {@link #resolve} does both.
 *
 * @param namespace prefix of the name of every topic, consumer group and transactional id; the trainer needs the same; default
 *     {@code livepredict}
 * @param kafka how to reach the brokers
 * @param registry how to reach the schema registry
 * @param partitions partitions of each topic of events, predictions and examples that {@code streams-app topics --create} makes;
 *     at least 1; default {@code 4}
 * @param replication replicas of each topic that is made, the internal ones of Kafka Streams included; default: the brokers' own
 * @param kinds what the events of each kind are and which features are made of them; default: as shipped
 * @param sources the topics that events are read from; default: the canonical topic of each kind that has a target
 * @param targets what is predicted; at least one
 * @param contextFeatures whether feature vectors also say what goes on in the entity's room or match; takes two more topics per
 *     kind; default {@code false}
 * @param alerts which scores raise an alert; default: none
 * @param outlook what is expected of each room or match every ten seconds; only where the group is there
 * @param choices which events are choices of a room or match, to learn what an entity will choose next; takes three more
 *     topics for the kind; default: none
 * @param context how far tasks may be apart that make features of the room or match
 * @param erasures whether viewers and players can be forgotten by {@code streams-app erase} or a record in the topic
 *     {@code erasures}; takes two more topics, and one of Kafka Streams' own for each kind; default {@code false}
 * @param time how event time moves and which event times are refused
 * @param score how rows are batched, scored and explained
 * @param predictions which predictions leave, and how
 * @param preset sets the commit interval, the producer's batches and the score batches together; each can still be set by
 *     itself; default {@code balanced}
 * @param models which models are served
 * @param pseudonyms pseudonyms in the place of entity ids; default: none, the ids themselves
 * @param deadLetters what is kept of records that can't be used
 * @param topics for how long topics keep records
 * @param state where and how state is kept
 * @param http where health, readiness, metrics and the active models are served
 * @param api who may ask for entities, scores and models over HTTP, and how often; also keeps the last scores of every entity;
 *     default: none, there is no API
 * @param threads stream threads of this instance, 1 to 1024; default {@code 1}
 * @param guarantee what holds through crashes: every prediction and example exactly once for readers of committed records, or
 *     at least once at a lower latency; default {@code exactly-once}
 * @param commitInterval how often tasks commit, at least {@code 1ms}; under exactly-once no prediction can be read before its
 *     commit; default: the preset's
 * @param streams any property of Kafka Streams under its own name; stands above what follows from the other keys; default:
 *     none
 */
@RecordBuilder
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
        @Nullable List<AlertConfig> alerts,
        @Nullable OutlookConfig outlook,
        @Nullable List<ChoiceConfig> choices,
        @Nullable Context context,
        @Nullable Boolean erasures,
        @Nullable Time time,
        @Nullable Score score,
        @Nullable Predictions predictions,
        @Nullable Preset preset,
        Models models,
        @Nullable PseudonymKeys pseudonyms,
        @Nullable DeadLetterKeeping deadLetters,
        @Nullable TopicTimes topics,
        @Nullable State state,
        @Nullable HttpSettings http,
        @Nullable ApiSettings api,
        @Nullable Integer threads,
        @Nullable Guarantee guarantee,
        @Nullable Duration commitInterval,
        @Nullable Map<String, String> streams) {
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
     * A topic that events are read from. Without a mapping its records are canonical events.
     *
     * @param topic the topic's full name; required with a mapping; default: the namespace's canonical topic of the kind
     * @param kind whose events these are; required without a mapping; default: the mapping's
     * @param format how the records are written; required with a mapping; default: canonical
     * @param mapping how the user's own records become events; default: none
     * @param mappingFile a file with the mapping, in place of {@code mapping}; default: none
     * @param rekey set it where the topic is not keyed by the entity id: its records then go through one repartition topic;
     *     default {@code false}
     * @param partitions how many partitions {@code streams-app topics --create} makes the topic with where it does not exist;
     *     default: none, then whoever writes to the topic creates it
     */
    public record SourceEntry(
            @Nullable String topic,
            @Nullable Kind kind,
            Source.@Nullable Format format,
            @Nullable MappingSettings mapping,
            @Nullable Path mappingFile,
            boolean rekey,
            @Nullable Integer partitions) {
        public SourceEntry {
            if (partitions != null && partitions < 1) {
                throw new IllegalArgumentException("partitions must be at least 1, got " + partitions);
            }
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

        /** Canonical events, keyed by the entity id. */
        public static SourceEntry canonical(String topic, Kind kind) {
            return new SourceEntry(topic, kind, Source.Format.CANONICAL, null, null, false, null);
        }
    }

    /**
     * Features of the room or match.
     *
     * @param slack how far in event time a task may be behind the one that has come furthest, and still find everything that
     *     its rows should know of a room or match, 10s to 1d; what is kept of each grows with it; default {@code 10m}
     */
    public record Context(@Nullable Duration slack) {
        private static final Duration LEAST = Duration.ofSeconds(10);
        private static final Duration MOST = Duration.ofDays(1);

        public Context {
            if (slack != null && (slack.compareTo(LEAST) < 0 || slack.compareTo(MOST) > 0)) {
                throw new IllegalArgumentException("slack must be in 10s..1d, got " + DurationFormat.format(slack));
            }
        }
    }

    /**
     * How event time moves.
     *
     * @param grace how much later than a newer event an event may arrive and still count; default {@code 5s}
     * @param idleAfter a partition that is silent for this long, with nothing unread in it, decides labels by the wall clock; no
     *     event becomes late by that; default {@code 10s}
     * @param replay set it for a recorded log: event times may be any, and the wall clock moves no watermark; excludes the other
     *     keys but {@code grace}; default {@code false}
     * @param maxAhead how far an event's time may be ahead of its record's transport time; default {@code 1m}
     * @param maxBehind how far an event's time may be behind its record's transport time; default {@code 7d}
     * @param liveFrom when the platform goes live, such as {@code 2026-11-27T06:00:00Z}: earlier events are history that is
     *     loaded first. They may be older than {@code max-behind}, their predictions are not sent, and the clock decides
     *     nothing before this; default: none
     */
    public record Time(
            @Nullable Duration grace,
            @Nullable Duration idleAfter,
            boolean replay,
            @Nullable Duration maxAhead,
            @Nullable Duration maxBehind,
            @Nullable Instant liveFrom) {
        public Time {
            if (replay && (idleAfter != null || maxAhead != null || maxBehind != null || liveFrom != null)) {
                throw new IllegalArgumentException(
                        "replay: true excludes idle-after, max-ahead, max-behind and live-from");
            }
        }

        /** The time of a recorded log. */
        public static Time ofReplay(@Nullable Duration grace) {
            return new Time(grace, null, true, null, null, null);
        }

        /** Live, as shipped but for the grace. */
        public static Time withGrace(Duration grace) {
            return new Time(grace, null, false, null, null, null);
        }
    }

    /**
     * How rows are scored.
     *
     * @param batchSize the largest number of rows that one call of the model scores, 1 to 65536; default: the preset's
     * @param flushAfter at-least-once only: how long a row may wait for its batch to fill; default {@code 5ms}
     * @param device where models run: {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}; default {@code auto}
     * @param explain which predictions carry reasons
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

    /** How predictions are laid out. */
    public enum Layout {
        /** One record an event and target. */
        FLAT,
        /** One record an event, a column for each target. */
        WIDE,
        /** Both. */
        BOTH
    }

    /**
     * Which predictions leave, and how. Those that do not are counted; labels and learning are as if they had.
     *
     * @param layout one record an event and target in the topic {@code predictions}, one record an event with a column for each
     *     target in {@code prediction-rows}, or both; default {@code flat}
     * @param notOlderThan predictions of an event longer ago than this are not sent, such as those of a backlog that nobody
     *     can act on any more; default: none, all are sent
     * @param emitHistory whether predictions of events before {@code time.live-from} are sent; default {@code false}
     */
    public record Predictions(
            @Nullable Layout layout, @Nullable Duration notOlderThan, boolean emitHistory) {
        /** As shipped. */
        public static Predictions defaults() {
            return new Predictions(null, null, false);
        }
    }

    /**
     * Which predictions carry reasons: those of which a probability reaches the threshold, and a share of all.
     *
     * @param threshold the probability from which on a prediction carries reasons; default: none
     * @param sampleRate the share of all predictions that carry reasons besides, 0 to 1; default {@code 0}
     */
    public record Explain(
            @Nullable Double threshold, @Nullable Double sampleRate) {
        public Explain {
            settings(threshold, sampleRate);
        }

        ScoreSettings.Explain settings() {
            return settings(threshold, sampleRate);
        }

        private static ScoreSettings.Explain settings(@Nullable Double threshold, @Nullable Double sampleRate) {
            return new ScoreSettings.Explain(threshold == null ? 2 : threshold, sampleRate == null ? 0 : sampleRate);
        }
    }

    /**
     * Which models are served.
     *
     * @param trustedKeys public keys (PEM files); a model is served only if one of their owners signed it
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
     * What is kept of records that can't be used.
     *
     * @param payload {@code keep} keeps key and value, {@code hash} the value's SHA-256 and length, {@code none} neither; only
     *     what is kept can be shown and replayed; default: {@code hash} where there are {@code pseudonyms}, otherwise all
     */
    public record DeadLetterKeeping(DeadLetters.@Nullable Payload payload) {}

    /**
     * Where and how state is kept.
     *
     * @param dir folder for state on disk; a relative one is relative to the working folder, since a configuration file often lies
     *     where nothing can be written; default {@code data/streams-state}
     * @param store where the state stores are: on disk, so that state may be larger than memory, or in memory, which is faster and
     *     restored from the changelog at every start; default {@code rocksdb}
     * @param retention an entity that is silent for longer is forgotten; must be longer than the longest horizon and the grace
     *     together; default: a year, or twice those two where that is longer
     * @param maxOpenSnapshots how many logged snapshots of one entity may await their labels, 1 to 10000; further ones are not
     *     taken, and counted; default {@code 64}
     * @param standbyReplicas copies of the state that other instances keep warm; default {@code 0}
     * @param recentBytes bytes of heap of this instance that hold the state of the entities active last, in front of RocksDB; 0 for
     *     none, as always in memory; default {@code 67108864}
     * @param rocksdbBytes bytes outside the heap that RocksDB may take for all stores of this process together, at least 16 MiB:
     *     half for what is not on disk yet, the rest for what was read; default: none, each store has its own, which may grow to
     *     100 MB
     */
    public record State(
            @Nullable String dir,
            @Nullable StoreType store,
            @Nullable Duration retention,
            @Nullable Integer maxOpenSnapshots,
            @Nullable Integer standbyReplicas,
            @Nullable Long recentBytes,
            @Nullable Long rocksdbBytes) {
        public State {
            if (rocksdbBytes != null && rocksdbBytes < BoundedRocksDb.FEWEST_BYTES) {
                throw new IllegalArgumentException(
                        "rocksdb-bytes must be at least " + BoundedRocksDb.FEWEST_BYTES + ", got " + rocksdbBytes);
            }
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

        /** As shipped. */
        public static State defaults() {
            return new State(null, null, null, null, null, null, null);
        }

        /** As shipped but for the kind of store. */
        public static State in(StoreType store) {
            return new State(null, store, null, null, null, null, null);
        }

        /** As shipped but for the folder and the kind of store. */
        public static State at(String dir, StoreType store) {
            return new State(dir, store, null, null, null, null, null);
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
     * Fills in what is left out, reads the mapping files and checks what no single key shows.
     *
     * @throws SettingsException or IllegalArgumentException if the parts do not fit together
     */
    public StreamsAppSettings resolve() {
        return new StreamsAppSettings(this);
    }

    /** Makes one in code; what is not given is left out. */
    public static StreamsAppConfigBuilder builder(
            KafkaSettings kafka, RegistrySettings registry, List<TargetSettings> targets, Models models) {
        return StreamsAppConfigBuilder.builder()
                .kafka(kafka)
                .registry(registry)
                .targets(targets)
                .models(models);
    }
}
