package io.livepredict.trainer.config;

import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Target;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.Settings;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.TargetSettings;
import io.livepredict.settings.Targets;
import io.livepredict.settings.YamlFile;
import io.livepredict.trainer.evaluation.EvaluationSettings;
import io.livepredict.trainer.learner.BatchSettings;
import io.livepredict.trainer.learner.ChampionSettings;
import io.livepredict.trainer.learner.CheckpointSettings;
import io.livepredict.trainer.learner.DriftSettings;
import io.livepredict.trainer.publish.GateSettings;
import io.livepredict.trainer.publish.PublishSettings;
import io.livepredict.trainer.publish.RetentionPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The configuration file of the trainer. Durations are written {@code 250ms}, {@code 30s}, {@code 5m}, {@code 2h} or
 * {@code 10d}. Environment variables override single keys (see {@link YamlFile}).
 *
 * @param namespace prefix of every topic and transactional id; the same as the streams app's; default {@code livepredict}
 * @param kafka the brokers and any property of Kafka's clients; {@code bootstrap.servers} is required
 * @param registry the schema registry; {@code url} is required
 * @param kinds what the kinds' events are; the same as the streams app's; default: as shipped
 * @param targets what is learned; the same as the streams app's
 * @param signingKey the private key (PEM file) that signs models; {@code trainer keys new} makes a pair
 * @param trustedKeys public keys (PEM files) of others who may pin a version; the signing key's own half is always trusted
 * @param learners which learners train side by side, the first champion first; default: mlp (128 and 64 wide, 0.0003),
 *     mlp-fast (64 and 32 wide, 0.003) and logistic (0.003), all by Adam
 * @param batch how mini-batches are formed
 * @param checkpoint when the state is saved
 * @param publish when versions are published and which are kept
 * @param gate what a learner must pass to be published
 * @param champion when another learner takes over
 * @param drift how a change in the world is noticed and answered
 * @param evaluation how far back metrics look
 * @param http where health and metrics are served
 * @param seed of initial weights; default 1
 * @param reproducible whether the examples alone decide batches, cadence and dates, so that the same examples give the same
 *     bytes; then {@code batch.close-after} is off and times are those of the records; default false
 */
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
        @Nullable Checkpoint checkpoint,
        @Nullable Publish publish,
        @Nullable Gate gate,
        @Nullable Champion champion,
        @Nullable Drift drift,
        @Nullable Evaluation evaluation,
        @Nullable Http http,
        @Nullable Long seed,
        boolean reproducible) {

    /**
     * How mini-batches are formed.
     *
     * @param size examples in a full batch; default 64
     * @param span a batch also closes when an example's record timestamp is this much after its first one's, {@code 0s} for
     *     never; default 1s
     * @param closeAfter by the wall clock, how long an example waits at most for its batch to fill, {@code 0s} for no limit;
     *     default 250ms
     */
    public record Batch(
            @Nullable Integer size,
            @Nullable Duration span,
            @Nullable Duration closeAfter) {}

    /**
     * When the state is saved: as soon as either has passed and something was learned.
     *
     * @param every default 30s
     * @param everyExamples default 200000
     * @param bytesPerSecond byte budget, to which the cadence stretches; default 2000000
     */
    public record Checkpoint(
            @Nullable Duration every,
            @Nullable Long everyExamples,
            @Nullable Long bytesPerSecond) {}

    /**
     * When versions are published, as soon as either has passed and something was learned, and which are kept.
     *
     * @param every {@code 0s} for not by time; default 1s
     * @param everyExamples 0 for not by examples; default 0
     * @param bytesPerSecond byte budget, to which the cadence stretches; default 1000000
     * @param keepNewest how many of the newest versions are kept; default 20
     * @param keepMinutely for how long one a minute is kept; default 1h
     * @param keepHourly for how long one an hour is kept; default 1d
     * @param keepDaily for how long one a day is kept; default 30d
     */
    public record Publish(
            @Nullable Duration every,
            @Nullable Long everyExamples,
            @Nullable Long bytesPerSecond,
            @Nullable Integer keepNewest,
            @Nullable Duration keepMinutely,
            @Nullable Duration keepHourly,
            @Nullable Duration keepDaily) {}

    /**
     * What a learner must pass to be published.
     *
     * @param margin how much worse than what was served its recent loss may be, relative; default 0.05
     * @param floor labels that a model was served for, below which the two are not compared; default 500
     * @param leastExamples examples learned from before the first version; default 256
     * @param tolerance largest difference of a score between the learner and its exported model; default 0.00001
     * @param goldenRows how many rows travel with a model; default 8
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
     * @param margin how much lower its recent loss must be than the champion's, relative; default 0.005
     * @param floor labels in the recent window before anyone takes over; default 500
     * @param dwell examples after a change before the next; default 1000
     * @param divergedAt recent loss relative to the base rate's at which a learner starts again; default 5
     */
    public record Champion(
            @Nullable Double margin,
            @Nullable Integer floor,
            @Nullable Integer dwell,
            @Nullable Double divergedAt) {}

    /**
     * How a change in the world is noticed (ADWIN on the champion's loss), told and answered.
     *
     * @param enabled default true; false also leaves averages of parameters as they are when they lag behind
     * @param delta chance of a false alarm at one check; default 0.002
     * @param leastRise by how much the mean loss must have risen, relative; default 0.15
     * @param boost by how much learning rates are multiplied right after; default 1, not raised
     * @param examples over how many examples that falls back to 1, and no other drift is looked for; default 10000
     */
    public record Drift(
            @Nullable Boolean enabled,
            @Nullable Double delta,
            @Nullable Double leastRise,
            @Nullable Double boost,
            @Nullable Integer examples) {}

    /**
     * How far back metrics look.
     *
     * @param decay weight of an example relative to the one after it, for fading metrics; default 0.9999
     * @param window examples in the recent window, by which champions are chosen; default 5000
     * @param blocks pieces it slides in; default 10
     * @param entities how many entities the previous-outcome reference remembers, a power of two; default 16384
     */
    public record Evaluation(
            @Nullable Double decay,
            @Nullable Integer window,
            @Nullable Integer blocks,
            @Nullable Integer entities) {}

    /**
     * The HTTP endpoint.
     *
     * @param host address to listen at; default 127.0.0.1
     * @param port default 8081; 0 for any free one
     */
    public record Http(@Nullable String host, @Nullable Integer port) {
        public Http {
            if (port != null && (port < 0 || port > 65_535)) {
                throw new IllegalArgumentException("port must be in 0..65535, got " + port);
            }
        }

        public static Http defaults() {
            return new Http(null, null);
        }

        public String resolvedHost() {
            return host == null ? "127.0.0.1" : host;
        }

        public int resolvedPort() {
            return port == null ? 8081 : port;
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

    /** A configuration with nothing but what is required. */
    public static TrainerConfig of(
            KafkaSettings kafka, RegistrySettings registry, List<TargetSettings> targets, Path signingKey) {
        return new TrainerConfig(
                null,
                kafka,
                registry,
                null,
                targets,
                signingKey,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                false);
    }

    /**
     * Reads and checks a configuration file.
     *
     * @throws SettingsException one line: file, line, key, value, reason
     */
    public static TrainerConfig read(Path file, Map<String, String> env) {
        TrainerConfig config = YamlFile.read(file, TrainerConfig.class, env);
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
        resolvedTargets();
        batchSettings();
        checkpointSettings();
        publishSettings();
        retention();
        gateSettings();
        championSettings();
        driftSettings();
        evaluationSettings();
    }

    public Namespace resolvedNamespace() {
        return namespace == null ? Namespace.defaults() : new Namespace(namespace);
    }

    /** What is learned, of all kinds, in order. */
    public List<Target> resolvedTargets() {
        Map<Kind, KindDefinition> definitions = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            KindSettings settings = kinds == null ? null : kinds.get(kind);
            definitions.put(kind, (settings == null ? KindSettings.defaults() : settings).definition(kind));
        }
        return Targets.read(targets, definitions);
    }

    /** The kinds that have a target. */
    public List<Kind> activeKinds() {
        List<Target> all = resolvedTargets();
        return List.of(Kind.values()).stream()
                .filter(kind -> !Target.of(all, kind).isEmpty())
                .toList();
    }

    /** The learners, the first champion first. */
    public List<LearnerEntry> resolvedLearners() {
        return learners != null
                ? learners
                : List.of(
                        LearnerEntry.of(LearnerEntry.Family.MLP)
                                .with("mlp", 0.0003)
                                .withHidden(List.of(128, 64)),
                        LearnerEntry.of(LearnerEntry.Family.MLP).with("mlp-fast", 0.003),
                        LearnerEntry.of(LearnerEntry.Family.LOGISTIC).with("logistic", 0.003));
    }

    public BatchSettings batchSettings() {
        BatchSettings shipped = BatchSettings.defaults();
        return batch == null
                ? shipped
                : group(
                        "batch",
                        () -> new BatchSettings(
                                or(batch.size(), shipped.size()), or(batch.span(), shipped.spanMillis())));
    }

    /** By the wall clock; 0 for never. */
    public long closeAfterMillis() {
        return reproducible ? 0 : or(batch == null ? null : batch.closeAfter(), 250);
    }

    public CheckpointSettings checkpointSettings() {
        CheckpointSettings shipped = CheckpointSettings.defaults();
        return checkpoint == null
                ? shipped
                : group(
                        "checkpoint",
                        () -> new CheckpointSettings(
                                or(checkpoint.every(), shipped.everyMillis()),
                                or(checkpoint.everyExamples(), shipped.everyExamples()),
                                or(checkpoint.bytesPerSecond(), shipped.bytesPerSecond())));
    }

    public PublishSettings publishSettings() {
        PublishSettings shipped = PublishSettings.defaults();
        return publish == null
                ? shipped
                : group(
                        "publish",
                        () -> new PublishSettings(
                                or(publish.every(), shipped.everyMillis()),
                                or(publish.everyExamples(), shipped.everyExamples()),
                                or(publish.bytesPerSecond(), shipped.bytesPerSecond())));
    }

    public RetentionPolicy retention() {
        RetentionPolicy shipped = RetentionPolicy.defaults();
        return publish == null
                ? shipped
                : group(
                        "publish",
                        () -> new RetentionPolicy(
                                or(publish.keepNewest(), shipped.newest()),
                                or(publish.keepMinutely(), shipped.minutely()),
                                or(publish.keepHourly(), shipped.hourly()),
                                or(publish.keepDaily(), shipped.daily())));
    }

    public GateSettings gateSettings() {
        GateSettings shipped = GateSettings.defaults();
        return gate == null
                ? shipped
                : group(
                        "gate",
                        () -> new GateSettings(
                                or(gate.margin(), shipped.margin()),
                                or(gate.floor(), shipped.floor()),
                                or(gate.leastExamples(), shipped.leastExamples()),
                                or(gate.tolerance(), shipped.tolerance()),
                                or(gate.goldenRows(), shipped.goldenRows())));
    }

    public ChampionSettings championSettings() {
        ChampionSettings shipped = ChampionSettings.defaults();
        return champion == null
                ? shipped
                : group(
                        "champion",
                        () -> new ChampionSettings(
                                or(champion.margin(), shipped.margin()),
                                or(champion.floor(), shipped.floor()),
                                or(champion.dwell(), shipped.dwell()),
                                or(champion.divergedAt(), shipped.divergedAt())));
    }

    public DriftSettings driftSettings() {
        DriftSettings shipped = DriftSettings.defaults();
        return drift == null
                ? shipped
                : group(
                        "drift",
                        () -> new DriftSettings(
                                or(drift.enabled(), shipped.enabled()),
                                or(drift.delta(), shipped.delta()),
                                or(drift.leastRise(), shipped.leastRise()),
                                or(drift.boost(), shipped.boost()),
                                or(drift.examples(), shipped.examples())));
    }

    public EvaluationSettings evaluationSettings() {
        EvaluationSettings shipped = EvaluationSettings.defaults();
        return evaluation == null
                ? shipped
                : group(
                        "evaluation",
                        () -> new EvaluationSettings(
                                or(evaluation.decay(), shipped.decay()),
                                or(evaluation.window(), shipped.window()),
                                or(evaluation.blocks(), shipped.blocks()),
                                or(evaluation.entities(), shipped.entities())));
    }

    public Http resolvedHttp() {
        return http == null ? Http.defaults() : http;
    }

    public long resolvedSeed() {
        return seed == null ? 1 : seed;
    }

    /** Names what was configured, for manifests; what is secret or only says where is left out. */
    public String hash() {
        return Hashes.definition(resolvedTargets().stream()
                        .map(t -> t.name() + ' ' + t.definition())
                        .collect(Collectors.joining(","))
                + resolvedLearners()
                + batchSettings()
                + publishSettings()
                + gateSettings()
                + championSettings()
                + driftSettings()
                + evaluationSettings()
                + resolvedSeed()
                + reproducible);
    }

    private interface Making<T> {
        T make();
    }

    /** Says in which group a value is wrong. */
    private static <T> T group(String name, Making<T> making) {
        try {
            return making.make();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    private static <T> T or(@Nullable T given, T shipped) {
        return given == null ? shipped : given;
    }

    private static long or(@Nullable Duration given, long shippedMillis) {
        return given == null ? shippedMillis : given.toMillis();
    }
}
