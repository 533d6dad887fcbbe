package io.livepredict.trainer.config;

import io.livepredict.contract.Hashes;
import io.livepredict.contract.Namespace;
import io.livepredict.settings.ApiSettings;
import io.livepredict.settings.HttpSettings;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.KindsAndTargets;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.YamlFile;
import io.livepredict.trainer.config.TrainerConfig.Batch;
import io.livepredict.trainer.config.TrainerConfig.Champion;
import io.livepredict.trainer.config.TrainerConfig.Checkpoint;
import io.livepredict.trainer.config.TrainerConfig.Drift;
import io.livepredict.trainer.config.TrainerConfig.Evaluation;
import io.livepredict.trainer.config.TrainerConfig.Gate;
import io.livepredict.trainer.config.TrainerConfig.Publish;
import io.livepredict.trainer.config.TrainerConfig.Replay;
import io.livepredict.trainer.evaluation.EvaluationSettings;
import io.livepredict.trainer.learner.BatchSettings;
import io.livepredict.trainer.learner.ChampionSettings;
import io.livepredict.trainer.learner.CheckpointSettings;
import io.livepredict.trainer.learner.DriftSettings;
import io.livepredict.trainer.learner.ReplaySettings;
import io.livepredict.trainer.publish.GateSettings;
import io.livepredict.trainer.publish.PublishSettings;
import io.livepredict.trainer.publish.RetentionPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the trainer runs with: its configuration with everything filled in, checked as a whole. Made once, from a file by
 * {@link #read} or from a configuration made in code by {@link TrainerConfig#resolve}. Immutable.
 */
public final class TrainerSettings {
    private static final int HTTP_PORT = 8082;
    private static final long CLOSE_AFTER_MILLIS = 250;
    private static final List<LearnerEntry> LEARNERS = List.of(
            LearnerEntry.of(LearnerEntry.Family.MLP).with("mlp", 0.0003).withHidden(List.of(128, 64)),
            LearnerEntry.of(LearnerEntry.Family.MLP).with("mlp-fast", 0.003).withoutReplay(),
            LearnerEntry.of(LearnerEntry.Family.LOGISTIC)
                    .with("logistic", 0.003)
                    .withoutReplay());

    private final Namespace namespace;
    private final KafkaSettings kafka;
    private final RegistrySettings registry;
    private final KindsAndTargets kinds;
    private final Path signingKey;
    private final List<Path> trustedKeys;
    private final List<LearnerEntry> learners;
    private final BatchSettings batch;
    private final ReplaySettings replay;
    private final long closeAfterMillis;
    private final CheckpointSettings checkpoint;
    private final PublishSettings publish;
    private final RetentionPolicy retention;
    private final GateSettings gate;
    private final ChampionSettings champion;
    private final DriftSettings drift;
    private final EvaluationSettings evaluation;
    private final HttpSettings.Address http;
    private final Optional<ApiSettings> api;
    private final long seed;
    private final boolean reproducible;
    private final String hash;

    TrainerSettings(TrainerConfig config) {
        namespace = config.namespace() == null ? Namespace.defaults() : new Namespace(config.namespace());
        kafka = config.kafka();
        registry = config.registry();
        kinds = KindsAndTargets.of(config.kinds(), config.targets());
        signingKey = config.signingKey();
        trustedKeys = or(config.trustedKeys(), List.of());
        learners = or(config.learners(), LEARNERS);
        reproducible = config.reproducible();
        batch = group("batch", config.batch(), BatchSettings.defaults(), TrainerSettings::batch);
        closeAfterMillis = reproducible
                ? 0
                : or(config.batch() == null ? null : config.batch().closeAfter(), CLOSE_AFTER_MILLIS);
        replay = group("replay", config.replay(), ReplaySettings.defaults(), TrainerSettings::replay);
        checkpoint =
                group("checkpoint", config.checkpoint(), CheckpointSettings.defaults(), TrainerSettings::checkpoint);
        publish = group("publish", config.publish(), PublishSettings.defaults(), TrainerSettings::publish);
        retention = group("publish", config.publish(), RetentionPolicy.defaults(), TrainerSettings::retention);
        gate = group("gate", config.gate(), GateSettings.defaults(), TrainerSettings::gate);
        champion = group("champion", config.champion(), ChampionSettings.defaults(), TrainerSettings::champion);
        drift = group("drift", config.drift(), DriftSettings.defaults(), TrainerSettings::drift);
        evaluation =
                group("evaluation", config.evaluation(), EvaluationSettings.defaults(), TrainerSettings::evaluation);
        http = HttpSettings.resolve(config.http(), HTTP_PORT);
        api = ApiSettings.resolve(config.api(), http);
        seed = or(config.seed(), 1L);
        hash = Hashes.definition(kinds.targets().stream()
                        .map(t -> t.name() + ' ' + t.definition())
                        .collect(Collectors.joining(","))
                + learners
                + batch
                + replay
                + publish
                + gate
                + champion
                + drift
                + evaluation
                + seed
                + reproducible);
    }

    /**
     * Reads a configuration file, see {@link TrainerConfig}.
     *
     * @param env the environment variables that may override keys, usually {@link System#getenv()}
     * @throws SettingsException one line: file, line, key, value, reason
     */
    public static TrainerSettings read(Path file, Map<String, String> env) {
        return YamlFile.read(file, TrainerConfig.class, env, TrainerConfig::resolve);
    }

    /** Prefix of every topic and transactional id. */
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

    /** What the kinds' events are and what is learned. */
    public KindsAndTargets kinds() {
        return kinds;
    }

    /** The private key (PEM file) that signs models. */
    public Path signingKey() {
        return signingKey;
    }

    /** Public keys (PEM files) of others who may pin a version. */
    public List<Path> trustedKeys() {
        return trustedKeys;
    }

    /** The learners, the first champion first. */
    public List<LearnerEntry> learners() {
        return learners;
    }

    /** How mini-batches are formed. */
    public BatchSettings batch() {
        return batch;
    }

    /** What is learned from once more. */
    public ReplaySettings replay() {
        return replay;
    }

    /** By the wall clock, how long an example waits at most for its batch to fill; 0 for no limit. */
    public long closeAfterMillis() {
        return closeAfterMillis;
    }

    /** When the state is saved. */
    public CheckpointSettings checkpoint() {
        return checkpoint;
    }

    /** When versions are published. */
    public PublishSettings publish() {
        return publish;
    }

    /** Which versions are kept. */
    public RetentionPolicy retention() {
        return retention;
    }

    /** What a learner must pass to be published. */
    public GateSettings gate() {
        return gate;
    }

    /** When another learner takes over. */
    public ChampionSettings champion() {
        return champion;
    }

    /** How a change in the world is noticed and answered. */
    public DriftSettings drift() {
        return drift;
    }

    /** How far back metrics look. */
    public EvaluationSettings evaluation() {
        return evaluation;
    }

    /** Where health and metrics are served. */
    public HttpSettings.Address http() {
        return http;
    }

    /** Who may use the API; empty where there is none. */
    public Optional<ApiSettings> api() {
        return api;
    }

    /** Seed of initial weights. */
    public long seed() {
        return seed;
    }

    /** Whether the examples alone decide batches, cadence and dates. */
    public boolean reproducible() {
        return reproducible;
    }

    /** Names what was configured, for manifests; what is secret or only says where is left out. */
    public String hash() {
        return hash;
    }

    private static BatchSettings batch(Batch given, BatchSettings shipped) {
        return new BatchSettings(or(given.size(), shipped.size()), or(given.span(), shipped.spanMillis()));
    }

    private static ReplaySettings replay(Replay given, ReplaySettings shipped) {
        return new ReplaySettings(or(given.batches(), shipped.batches()), or(given.snapshots(), shipped.snapshots()));
    }

    private static CheckpointSettings checkpoint(Checkpoint given, CheckpointSettings shipped) {
        return new CheckpointSettings(
                or(given.every(), shipped.everyMillis()),
                or(given.everyExamples(), shipped.everyExamples()),
                or(given.bytesPerSecond(), shipped.bytesPerSecond()));
    }

    private static PublishSettings publish(Publish given, PublishSettings shipped) {
        return new PublishSettings(
                or(given.every(), shipped.everyMillis()),
                or(given.everyExamples(), shipped.everyExamples()),
                or(given.newsExamples(), shipped.newsExamples()),
                or(given.bytesPerSecond(), shipped.bytesPerSecond()));
    }

    private static RetentionPolicy retention(Publish given, RetentionPolicy shipped) {
        return new RetentionPolicy(
                or(given.keepNewest(), shipped.newest()),
                or(given.keepMinutely(), shipped.minutely()),
                or(given.keepHourly(), shipped.hourly()),
                or(given.keepDaily(), shipped.daily()));
    }

    private static GateSettings gate(Gate given, GateSettings shipped) {
        return new GateSettings(
                or(given.margin(), shipped.margin()),
                or(given.floor(), shipped.floor()),
                or(given.leastExamples(), shipped.leastExamples()),
                or(given.tolerance(), shipped.tolerance()),
                or(given.goldenRows(), shipped.goldenRows()));
    }

    private static ChampionSettings champion(Champion given, ChampionSettings shipped) {
        return new ChampionSettings(
                or(given.margin(), shipped.margin()),
                or(given.floor(), shipped.floor()),
                or(given.dwell(), shipped.dwell()),
                or(given.divergedAt(), shipped.divergedAt()));
    }

    private static DriftSettings drift(Drift given, DriftSettings shipped) {
        return new DriftSettings(
                or(given.enabled(), shipped.enabled()),
                or(given.delta(), shipped.delta()),
                or(given.leastRise(), shipped.leastRise()),
                or(given.boost(), shipped.boost()),
                or(given.examples(), shipped.examples()));
    }

    private static EvaluationSettings evaluation(Evaluation given, EvaluationSettings shipped) {
        return new EvaluationSettings(
                or(given.decay(), shipped.decay()),
                or(given.window(), shipped.window()),
                or(given.blocks(), shipped.blocks()),
                or(given.entities(), shipped.entities()));
    }

    private interface Filling<G, T> {
        T fill(G given, T shipped);
    }

    /** Fills a group's gaps with what is shipped, and says in which group a value is wrong. */
    private static <G, T> T group(String name, @Nullable G given, T shipped, Filling<G, T> filling) {
        if (given == null) {
            return shipped;
        }
        try {
            return filling.fill(given, shipped);
        } catch (IllegalArgumentException e) {
            throw new SettingsException(List.of(name), name + ": " + e.getMessage(), e);
        }
    }

    private static <T> T or(@Nullable T given, T shipped) {
        return given == null ? shipped : given;
    }

    private static long or(@Nullable Duration given, long shippedMillis) {
        return given == null ? shippedMillis : given.toMillis();
    }
}
