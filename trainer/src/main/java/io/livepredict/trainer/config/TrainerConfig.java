package io.livepredict.trainer.config;

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
import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The configuration file of the trainer, as it is written: nothing is filled in; {@link #resolve} does that.
 *
 * @param namespace prefix of the name of every topic and transactional id; the streams app needs the same; default
 *     {@code livepredict}
 * @param kafka how to reach the brokers
 * @param registry how to reach the schema registry
 * @param kinds what the events of each kind are; the streams app needs the same; default: as shipped
 * @param targets what is learned; the streams app needs the same; at least one
 * @param signingKey the private key (PEM file) that signs models; {@code trainer keys new} makes a pair
 * @param trustedKeys public keys (PEM files) of others who may pin a version; the signing key's own public half is always
 *     trusted; default: none
 * @param learners which learners train side by side, the first champion first; each needs a name of its own; default: three by
 *     Adam
 * @param batch how mini-batches are formed
 * @param replay what is learned from once more in spare time
 * @param checkpoint when the state is saved
 * @param publish when versions are published and which are kept
 * @param gate what a learner must pass to be published
 * @param champion when another learner takes over
 * @param drift how a change in the world is noticed and answered
 * @param evaluation how far back metrics look
 * @param http where health, readiness and metrics are served
 * @param api who may roll models back and promote them over HTTP; every attempt is written to the topic {@code audit};
 *     default: none, there is no API
 * @param seed seed of the initial weights; default {@code 1}
 * @param reproducible whether the examples alone decide batches, cadence and dates, so that the same examples give the same
 *     bytes; {@code batch.close-after} is then off, and times are those of the records; default {@code false}
 */
@RecordBuilder
public record TrainerConfig(
        @Nullable String namespace,
        KafkaSettings kafka,
        RegistrySettings registry,
        @Nullable Map<Kind, KindSettings> kinds,
        List<TargetSettings> targets,
        Path signingKey,
        @Nullable List<Path> trustedKeys,
        @Nullable List<LearnerEntry> learners,
        @Nullable Batch batch,
        @Nullable Replay replay,
        @Nullable Checkpoint checkpoint,
        @Nullable Publish publish,
        @Nullable Gate gate,
        @Nullable Champion champion,
        @Nullable Drift drift,
        @Nullable Evaluation evaluation,
        @Nullable HttpSettings http,
        @Nullable ApiSettings api,
        @Nullable Long seed,
        boolean reproducible) {

    /**
     * How mini-batches are formed.
     *
     * @param size examples in a full batch, 1 to 65536; default {@code 64}
     * @param span a batch also closes when an example's record timestamp is this much after its first one's; {@code 0s} for never;
     *     default {@code 1s}
     * @param closeAfter by the wall clock, how long an example waits at most for its batch to fill; {@code 0s} for no limit; default
     *     {@code 250ms}
     */
    public record Batch(
            @Nullable Integer size,
            @Nullable Duration span,
            @Nullable Duration closeAfter) {
        /** Of that size and span, closed by the clock as shipped. */
        public static Batch of(@Nullable Integer size, @Nullable Duration span) {
            return new Batch(size, span, null);
        }
    }

    /**
     * What is learned from once more in spare time: each new batch is followed by some that are drawn from the newest examples
     * learned from before. While many new examples wait, nothing is drawn. Nothing of it enters a metric. After a restart the
     * examples are read again from their topic.
     *
     * @param batches how many batches are drawn after each new one, 0 to 16; 0 for none; default {@code 1}
     * @param snapshots how many of the newest snapshots they are drawn from, each with all of its labels that are known, 1 to
     *     16777216; one takes four bytes of memory for each feature; default {@code 65536}
     */
    public record Replay(
            @Nullable Integer batches, @Nullable Integer snapshots) {
        /** Nothing is learned from once more. */
        public static Replay off() {
            return new Replay(0, null);
        }
    }

    /**
     * When the state is saved: as soon as either {@code every} or {@code every-examples} has passed and something was learned.
     *
     * @param every time between two checkpoints; default {@code 30s}
     * @param everyExamples examples between two checkpoints; default {@code 200000}
     * @param bytesPerSecond budget of the state topic in bytes per second; the time between checkpoints stretches to it; default
     *     {@code 2000000}
     */
    public record Checkpoint(
            @Nullable Duration every,
            @Nullable Long everyExamples,
            @Nullable Long bytesPerSecond) {}

    /**
     * When versions are published: as soon as either {@code every} or {@code every-examples} has passed and enough was learned for the
     * model to differ.
     * The newest versions are kept, one per minute, one per hour and one per day of older ones, and those that are pinned or served.
     *
     * @param every time between two versions; {@code 0s} for not by time; default {@code 1s}
     * @param everyExamples examples between two versions; 0 for not by examples; default {@code 0}
     * @param newsExamples examples since the last version that make another worth publishing; while fewer than ten times as
     *     many have been learned from, one in ten is enough, and after an hour any; 0 for any at any time; default {@code 64}
     * @param bytesPerSecond budget of the models topic in bytes per second; the time between versions stretches to it; default
     *     {@code 1000000}
     * @param keepNewest how many of the newest versions are kept; default {@code 20}
     * @param keepMinutely for how long one version per minute is kept; default {@code 1h}
     * @param keepHourly for how long one version per hour is kept; default {@code 1d}
     * @param keepDaily for how long one version per day is kept; default {@code 30d}
     */
    @RecordBuilder
    public record Publish(
            @Nullable Duration every,
            @Nullable Long everyExamples,
            @Nullable Long newsExamples,
            @Nullable Long bytesPerSecond,
            @Nullable Integer keepNewest,
            @Nullable Duration keepMinutely,
            @Nullable Duration keepHourly,
            @Nullable Duration keepDaily) {
        /** As shipped. */
        public static Publish defaults() {
            return TrainerConfigPublishBuilder.builder().build();
        }

        /** As shipped but for the cadence. */
        public static Publish every(Duration every, long everyExamples) {
            return TrainerConfigPublishBuilder.builder()
                    .every(every)
                    .everyExamples(everyExamples)
                    .build();
        }
    }

    /**
     * What a learner must pass to be published.
     *
     * @param margin how much worse than what was served its recent loss may be, relative: 0.05 is 5 %; default {@code 0.05}
     * @param floor labels that a model must have been served for before the two are compared; default {@code 500}
     * @param leastExamples examples learned from before the first version; default {@code 1}
     * @param tolerance the largest difference of a score between the learner and its exported model; default {@code 0.00001}
     * @param goldenRows how many rows travel with a model, with which the scorer checks it, 1 to 64; default {@code 8}
     */
    public record Gate(
            @Nullable Double margin,
            @Nullable Integer floor,
            @Nullable Integer leastExamples,
            @Nullable Double tolerance,
            @Nullable Integer goldenRows) {}

    /**
     * When another learner takes over.
     *
     * @param margin how much lower than the champion's its recent loss must be, relative: 0.005 is 0.5 %; default {@code 0.005}
     * @param floor labels in the recent window before any learner takes over; default {@code 500}
     * @param dwell examples after a change of champion before the next one; default {@code 1000}
     * @param divergedAt a learner whose recent loss exceeds the base rate's this many times starts again; above 1; default {@code 5}
     */
    public record Champion(
            @Nullable Double margin,
            @Nullable Integer floor,
            @Nullable Integer dwell,
            @Nullable Double divergedAt) {}

    /**
     * How a change in the world is noticed (ADWIN on the champion's loss), reported and answered.
     *
     * @param enabled whether drift is detected; false also leaves averages of parameters as they are when they lag behind; default
     *     {@code true}
     * @param delta the chance of a false alarm at one check, 0 to 1; default {@code 0.002}
     * @param leastRise by how much the mean loss must have risen, relative: 0.15 is 15 %; default {@code 0.15}
     * @param boost by how much learning rates are multiplied right after a drift, 1 to 100; 1 for not at all; default {@code 1}
     * @param examples over how many examples the boost falls back to 1; drift detection pauses until then; default
     *     {@code 10000}
     */
    public record Drift(
            @Nullable Boolean enabled,
            @Nullable Double delta,
            @Nullable Double leastRise,
            @Nullable Double boost,
            @Nullable Integer examples) {
        /** Drift detection off. */
        public static Drift off() {
            return new Drift(false, null, null, null, null);
        }
    }

    /**
     * How far back metrics look.
     *
     * @param decay weight of an example relative to the next one, for fading metrics; between 0 and 1; default {@code 0.9999}
     * @param window examples in the recent window, by which champions are chosen; default {@code 5000}
     * @param blocks pieces in which the recent window slides, 2 to 64; default {@code 10}
     * @param entities how many entities the previous-outcome reference remembers, a power of two; default {@code 16384}
     */
    public record Evaluation(
            @Nullable Double decay,
            @Nullable Integer window,
            @Nullable Integer blocks,
            @Nullable Integer entities) {
        /** As shipped but for the window and the number of entities. */
        public static Evaluation of(int window, int entities) {
            return new Evaluation(null, window, null, entities);
        }
    }

    public TrainerConfig {
        Settings.required("kafka", kafka);
        Settings.required("registry", registry);
        Settings.required("targets", targets);
        Settings.required("signing-key", signingKey);
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("targets names nothing to learn");
        }
        if (namespace != null) {
            new Namespace(namespace);
        }
        if (learners != null) {
            if (learners.isEmpty()) {
                throw new IllegalArgumentException("learners names none");
            }
            List<String> names =
                    learners.stream().map(LearnerEntry::resolvedName).toList();
            if (names.stream().distinct().count() != names.size()) {
                throw new IllegalArgumentException(
                        "learners: two have the same name, among " + names + "; give each a name of its own");
            }
            learners = List.copyOf(learners);
        }
        trustedKeys = trustedKeys == null ? null : List.copyOf(trustedKeys);
        targets = List.copyOf(targets);
        if (reproducible
                && batch != null
                && batch.closeAfter() != null
                && !batch.closeAfter().isZero()) {
            throw new IllegalArgumentException(
                    "reproducible excludes batch.close-after: a batch closed by the clock depends on the clock");
        }
    }

    /**
     * Fills in what is left out and checks what no single key shows.
     *
     * @throws SettingsException or IllegalArgumentException if the parts do not fit together
     */
    public TrainerSettings resolve() {
        return new TrainerSettings(this);
    }

    /** Makes one in code; what is not given is left out. */
    public static TrainerConfigBuilder builder(
            KafkaSettings kafka, RegistrySettings registry, List<TargetSettings> targets, Path signingKey) {
        return TrainerConfigBuilder.builder()
                .kafka(kafka)
                .registry(registry)
                .targets(targets)
                .signingKey(signingKey);
    }
}
