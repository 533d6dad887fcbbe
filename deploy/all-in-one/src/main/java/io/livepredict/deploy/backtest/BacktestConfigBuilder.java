package io.livepredict.deploy.backtest;

import io.livepredict.contract.Kind;
import io.livepredict.settings.KindSettings;
import io.livepredict.streams.config.StreamsAppConfig;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.config.TrainerConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a configuration of a backtest in code, key by key. What is not given is left out, as in a file. */
public final class BacktestConfigBuilder {
    private @Nullable Map<Kind, KindSettings> kinds;
    private @Nullable Boolean contextFeatures;
    private @Nullable Duration grace;
    private StreamsAppConfig.@Nullable Score score;
    private StreamsAppConfig.@Nullable State state;
    private @Nullable List<LearnerEntry> learners;
    private TrainerConfig.@Nullable Batch batch;
    private TrainerConfig.@Nullable Publish publish;
    private TrainerConfig.@Nullable Gate gate;
    private TrainerConfig.@Nullable Champion champion;
    private TrainerConfig.@Nullable Drift drift;
    private TrainerConfig.@Nullable Evaluation evaluation;
    private @Nullable Long seed;

    BacktestConfigBuilder() {}

    BacktestConfigBuilder(BacktestConfig from) {
        kinds = from.kinds();
        contextFeatures = from.contextFeatures();
        grace = from.grace();
        score = from.score();
        state = from.state();
        learners = from.learners();
        batch = from.batch();
        publish = from.publish();
        gate = from.gate();
        champion = from.champion();
        drift = from.drift();
        evaluation = from.evaluation();
        seed = from.seed();
    }

    public BacktestConfigBuilder kinds(@Nullable Map<Kind, KindSettings> value) {
        kinds = value;
        return this;
    }

    public BacktestConfigBuilder contextFeatures(@Nullable Boolean value) {
        contextFeatures = value;
        return this;
    }

    public BacktestConfigBuilder grace(@Nullable Duration value) {
        grace = value;
        return this;
    }

    public BacktestConfigBuilder score(StreamsAppConfig.@Nullable Score value) {
        score = value;
        return this;
    }

    public BacktestConfigBuilder state(StreamsAppConfig.@Nullable State value) {
        state = value;
        return this;
    }

    public BacktestConfigBuilder learners(@Nullable List<LearnerEntry> value) {
        learners = value;
        return this;
    }

    public BacktestConfigBuilder batch(TrainerConfig.@Nullable Batch value) {
        batch = value;
        return this;
    }

    public BacktestConfigBuilder publish(TrainerConfig.@Nullable Publish value) {
        publish = value;
        return this;
    }

    public BacktestConfigBuilder gate(TrainerConfig.@Nullable Gate value) {
        gate = value;
        return this;
    }

    public BacktestConfigBuilder champion(TrainerConfig.@Nullable Champion value) {
        champion = value;
        return this;
    }

    public BacktestConfigBuilder drift(TrainerConfig.@Nullable Drift value) {
        drift = value;
        return this;
    }

    public BacktestConfigBuilder evaluation(TrainerConfig.@Nullable Evaluation value) {
        evaluation = value;
        return this;
    }

    public BacktestConfigBuilder seed(@Nullable Long value) {
        seed = value;
        return this;
    }

    /** @throws IllegalArgumentException if a value does not fit */
    public BacktestConfig build() {
        return new BacktestConfig(
                kinds,
                contextFeatures,
                grace,
                score,
                state,
                learners,
                batch,
                publish,
                gate,
                champion,
                drift,
                evaluation,
                seed);
    }
}
