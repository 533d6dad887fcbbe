package io.livepredict.trainer.config;

import io.livepredict.contract.Kind;
import io.livepredict.settings.HttpSettings;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.TargetSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a configuration of the trainer in code, key by key. What is not given is left out, as in a file. */
public final class TrainerConfigBuilder {
    private @Nullable String namespace;
    private final KafkaSettings kafka;
    private final RegistrySettings registry;
    private @Nullable Map<Kind, KindSettings> kinds;
    private final List<TargetSettings> targets;
    private final Path signingKey;
    private @Nullable List<Path> trustedKeys;
    private @Nullable List<LearnerEntry> learners;
    private TrainerConfig.@Nullable Batch batch;
    private TrainerConfig.@Nullable Checkpoint checkpoint;
    private TrainerConfig.@Nullable Publish publish;
    private TrainerConfig.@Nullable Gate gate;
    private TrainerConfig.@Nullable Champion champion;
    private TrainerConfig.@Nullable Drift drift;
    private TrainerConfig.@Nullable Evaluation evaluation;
    private @Nullable HttpSettings http;
    private @Nullable Long seed;
    private boolean reproducible;

    TrainerConfigBuilder(
            KafkaSettings kafka, RegistrySettings registry, List<TargetSettings> targets, Path signingKey) {
        this.kafka = kafka;
        this.registry = registry;
        this.targets = targets;
        this.signingKey = signingKey;
    }

    public TrainerConfigBuilder namespace(@Nullable String value) {
        namespace = value;
        return this;
    }

    public TrainerConfigBuilder kinds(@Nullable Map<Kind, KindSettings> value) {
        kinds = value;
        return this;
    }

    public TrainerConfigBuilder trustedKeys(@Nullable List<Path> value) {
        trustedKeys = value;
        return this;
    }

    public TrainerConfigBuilder learners(@Nullable List<LearnerEntry> value) {
        learners = value;
        return this;
    }

    public TrainerConfigBuilder batch(TrainerConfig.@Nullable Batch value) {
        batch = value;
        return this;
    }

    public TrainerConfigBuilder checkpoint(TrainerConfig.@Nullable Checkpoint value) {
        checkpoint = value;
        return this;
    }

    public TrainerConfigBuilder publish(TrainerConfig.@Nullable Publish value) {
        publish = value;
        return this;
    }

    public TrainerConfigBuilder gate(TrainerConfig.@Nullable Gate value) {
        gate = value;
        return this;
    }

    public TrainerConfigBuilder champion(TrainerConfig.@Nullable Champion value) {
        champion = value;
        return this;
    }

    public TrainerConfigBuilder drift(TrainerConfig.@Nullable Drift value) {
        drift = value;
        return this;
    }

    public TrainerConfigBuilder evaluation(TrainerConfig.@Nullable Evaluation value) {
        evaluation = value;
        return this;
    }

    public TrainerConfigBuilder http(@Nullable HttpSettings value) {
        http = value;
        return this;
    }

    public TrainerConfigBuilder seed(@Nullable Long value) {
        seed = value;
        return this;
    }

    public TrainerConfigBuilder reproducible(boolean value) {
        reproducible = value;
        return this;
    }

    /** @throws IllegalArgumentException if a value does not fit */
    public TrainerConfig build() {
        return new TrainerConfig(
                namespace,
                kafka,
                registry,
                kinds,
                targets,
                signingKey,
                trustedKeys,
                learners,
                batch,
                checkpoint,
                publish,
                gate,
                champion,
                drift,
                evaluation,
                http,
                seed,
                reproducible);
    }
}
