package io.livepredict.deploy.backtest;

import io.livepredict.contract.Kind;
import io.livepredict.deploy.replay.ReplayKinds;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.TargetSettings;
import io.livepredict.streams.config.AlertConfig;
import io.livepredict.streams.config.OutlookConfig;
import io.livepredict.streams.config.StreamsAppConfig;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.config.TrainerConfig;
import io.livepredict.trainer.config.TrainerConfigPublishBuilder;
import io.livepredict.trainer.config.TrainerSettings;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The configuration file of a backtest: those keys of the streams app's and the trainer's that mean something without a
 * broker, each with the meaning and default that it has there. Only cadences differ: what live goes by the wall clock goes by
 * the examples here and by event time.
 *
 * @param kinds what the kinds' events are and which features are made of them; default: as shipped, with the numbers and
 *     attributes that the mapping makes
 * @param contextFeatures whether vectors also say what goes on in the room or match; default false
 * @param predictions how predictions are laid out; default flat
 * @param alerts which scores raise an alert; default none
 * @param outlook what is expected of each room or match; only where the group is there
 * @param grace how much later than a newer one an event may come in the log and still count; default 5s
 * @param score how rows are scored; batches are of one row
 * @param state how long an entity is remembered and how many snapshots it may have waiting
 * @param learners which learners train side by side
 * @param batch how mini-batches are formed; {@code span} in event time; default: {@code size} alone
 * @param replay what is learned from once more
 * @param publish when versions are published, {@code every} in event time; default every 1d and every 1,000 examples,
 *     whichever comes first, without a byte budget
 * @param gate what a learner must pass to be published
 * @param champion when another learner takes over
 * @param drift how a change in the world is noticed and answered
 * @param evaluation how far back metrics look
 * @param seed of initial weights; default 1
 */
@RecordBuilder
public record BacktestConfig(
        @Nullable Map<Kind, KindSettings> kinds,
        @Nullable Boolean contextFeatures,
        StreamsAppConfig.@Nullable Predictions predictions,
        @Nullable List<AlertConfig> alerts,
        @Nullable OutlookConfig outlook,
        @Nullable Duration grace,
        StreamsAppConfig.@Nullable Score score,
        StreamsAppConfig.@Nullable State state,
        @Nullable List<LearnerEntry> learners,
        TrainerConfig.@Nullable Batch batch,
        TrainerConfig.@Nullable Replay replay,
        TrainerConfig.@Nullable Publish publish,
        TrainerConfig.@Nullable Gate gate,
        TrainerConfig.@Nullable Champion champion,
        TrainerConfig.@Nullable Drift drift,
        TrainerConfig.@Nullable Evaluation evaluation,
        @Nullable Long seed) {

    /** Nothing is there to connect to; the two configurations ask for an address all the same. */
    private static final String NOWHERE = "none.invalid:9";

    private static final Duration EVERY = Duration.ofDays(1);
    private static final long EVERY_EXAMPLES = 1_000;
    private static final long NO_BYTE_BUDGET = Long.MAX_VALUE / 2;

    /** Everything as shipped. */
    public static BacktestConfig defaults() {
        return BacktestConfig.builder().build();
    }

    /**
     * Everything as shipped, with the cadences of a live run in event time: batches of a second at most.
     *
     * @param grace how much later than a newer one an event may come
     * @param publish a version this often
     */
    public static BacktestConfig live(Duration grace, Duration publish) {
        return BacktestConfig.builder()
                .grace(grace)
                .batch(TrainerConfig.Batch.of(null, Duration.ofSeconds(1)))
                .publish(TrainerConfig.Publish.every(publish, 0))
                .build();
    }

    /** The same with other learners. */
    public BacktestConfig withLearners(List<LearnerEntry> others) {
        return toBuilder().learners(others).build();
    }

    /** The same with features of what goes on in the room or match. */
    public BacktestConfig withContextFeatures() {
        return toBuilder().contextFeatures(true).build();
    }

    /** The same with the drift handling given. */
    public BacktestConfig withDrift(TrainerConfig.Drift other) {
        return toBuilder().drift(other).build();
    }

    /** What the streams app would run with. */
    StreamsAppSettings streams(Map<Kind, KindSettings> meaning, List<TargetSettings> targets) {
        return StreamsAppConfig.builder(
                        kafka(), registry(), targets, new StreamsAppConfig.Models(List.of(Path.of("none"))))
                .partitions(1)
                .kinds(meaning)
                .contextFeatures(contextFeatures)
                .predictions(predictions)
                .alerts(alerts)
                .outlook(outlook)
                .time(StreamsAppConfig.Time.ofReplay(grace))
                .score(score)
                .state(state)
                .build()
                .resolve();
    }

    /** What the trainer would run with. */
    TrainerSettings trainer(Map<Kind, KindSettings> meaning, List<TargetSettings> targets) {
        TrainerConfig.Batch written = batch == null ? TrainerConfig.Batch.of(null, null) : batch;
        TrainerConfig.Publish cadence = publish == null ? TrainerConfig.Publish.defaults() : publish;
        return TrainerConfig.builder(kafka(), registry(), targets, Path.of("none"))
                .kinds(meaning)
                .learners(learners)
                .batch(new TrainerConfig.Batch(written.size(), or(written.span(), Duration.ZERO), Duration.ZERO))
                .replay(replay)
                .publish(TrainerConfigPublishBuilder.builder(cadence)
                        .every(or(cadence.every(), EVERY))
                        .everyExamples(or(cadence.everyExamples(), EVERY_EXAMPLES))
                        .bytesPerSecond(or(cadence.bytesPerSecond(), NO_BYTE_BUDGET))
                        .build())
                .gate(gate)
                .champion(champion)
                .drift(drift)
                .evaluation(evaluation)
                .seed(seed)
                .reproducible(true)
                .build()
                .resolve();
    }

    private static <T> T or(@Nullable T given, T shipped) {
        return given == null ? shipped : given;
    }

    /** What the kinds' events are, for a log with that mapping: as it says, and over that what is configured. */
    Map<Kind, KindSettings> kindsFor(MappingSettings mapping) {
        Map<Kind, KindSettings> all = new EnumMap<>(Kind.class);
        all.putAll(ReplayKinds.of(mapping));
        if (kinds != null) {
            all.putAll(kinds);
        }
        ReplayKinds.check(mapping, all);
        return all;
    }

    private static KafkaSettings kafka() {
        return KafkaSettings.of(NOWHERE);
    }

    private static RegistrySettings registry() {
        return RegistrySettings.of("http://" + NOWHERE);
    }

    /** Makes one in code; what is not given is left out. */
    public static BacktestConfigBuilder builder() {
        return BacktestConfigBuilder.builder();
    }

    /** Makes another one that differs from this one. */
    public BacktestConfigBuilder toBuilder() {
        return BacktestConfigBuilder.builder(this);
    }
}
