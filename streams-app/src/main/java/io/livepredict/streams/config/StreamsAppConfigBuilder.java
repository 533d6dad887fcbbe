package io.livepredict.streams.config;

import io.livepredict.contract.Kind;
import io.livepredict.settings.HttpSettings;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.TargetSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a configuration of the streams app in code, key by key. What is not given is left out, as in a file. */
public final class StreamsAppConfigBuilder {
    private @Nullable String namespace;
    private final KafkaSettings kafka;
    private final RegistrySettings registry;
    private @Nullable Integer partitions;
    private @Nullable Integer replication;
    private @Nullable Map<Kind, KindSettings> kinds;
    private @Nullable List<StreamsAppConfig.SourceEntry> sources;
    private final List<TargetSettings> targets;
    private @Nullable Boolean contextFeatures;
    private StreamsAppConfig.@Nullable Time time;
    private StreamsAppConfig.@Nullable Score score;
    private @Nullable Preset preset;
    private final StreamsAppConfig.Models models;
    private StreamsAppConfig.@Nullable State state;
    private @Nullable HttpSettings http;
    private @Nullable Integer threads;
    private StreamsAppConfig.@Nullable Guarantee guarantee;
    private @Nullable Duration commitInterval;
    private @Nullable Map<String, String> streams;

    StreamsAppConfigBuilder(
            KafkaSettings kafka,
            RegistrySettings registry,
            List<TargetSettings> targets,
            StreamsAppConfig.Models models) {
        this.kafka = kafka;
        this.registry = registry;
        this.targets = targets;
        this.models = models;
    }

    public StreamsAppConfigBuilder namespace(@Nullable String value) {
        namespace = value;
        return this;
    }

    public StreamsAppConfigBuilder partitions(@Nullable Integer value) {
        partitions = value;
        return this;
    }

    public StreamsAppConfigBuilder replication(@Nullable Integer value) {
        replication = value;
        return this;
    }

    public StreamsAppConfigBuilder kinds(@Nullable Map<Kind, KindSettings> value) {
        kinds = value;
        return this;
    }

    public StreamsAppConfigBuilder sources(@Nullable List<StreamsAppConfig.SourceEntry> value) {
        sources = value;
        return this;
    }

    public StreamsAppConfigBuilder contextFeatures(@Nullable Boolean value) {
        contextFeatures = value;
        return this;
    }

    public StreamsAppConfigBuilder time(StreamsAppConfig.@Nullable Time value) {
        time = value;
        return this;
    }

    public StreamsAppConfigBuilder score(StreamsAppConfig.@Nullable Score value) {
        score = value;
        return this;
    }

    public StreamsAppConfigBuilder preset(@Nullable Preset value) {
        preset = value;
        return this;
    }

    public StreamsAppConfigBuilder state(StreamsAppConfig.@Nullable State value) {
        state = value;
        return this;
    }

    public StreamsAppConfigBuilder http(@Nullable HttpSettings value) {
        http = value;
        return this;
    }

    public StreamsAppConfigBuilder threads(@Nullable Integer value) {
        threads = value;
        return this;
    }

    public StreamsAppConfigBuilder guarantee(StreamsAppConfig.@Nullable Guarantee value) {
        guarantee = value;
        return this;
    }

    public StreamsAppConfigBuilder commitInterval(@Nullable Duration value) {
        commitInterval = value;
        return this;
    }

    public StreamsAppConfigBuilder streams(@Nullable Map<String, String> value) {
        streams = value;
        return this;
    }

    /** @throws IllegalArgumentException if a value does not fit */
    public StreamsAppConfig build() {
        return new StreamsAppConfig(
                namespace,
                kafka,
                registry,
                partitions,
                replication,
                kinds,
                sources,
                targets,
                contextFeatures,
                time,
                score,
                preset,
                models,
                state,
                http,
                threads,
                guarantee,
                commitInterval,
                streams);
    }
}
