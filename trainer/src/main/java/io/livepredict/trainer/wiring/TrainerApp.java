package io.livepredict.trainer.wiring;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.http.HttpEndpoint;
import io.livepredict.http.HttpEndpoint.Answer;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.serde.NamedSerdes;
import io.livepredict.serde.SchemaRegistry;
import io.livepredict.topics.KafkaPatience;
import io.livepredict.topics.TopicException;
import io.livepredict.topics.TopicSetup;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.graph.GraphRuntime;
import io.livepredict.trainer.learner.ContestSettings;
import io.livepredict.trainer.learner.KindLearner;
import io.livepredict.trainer.learner.KindLearnerSettings;
import io.livepredict.trainer.learner.KindStatus;
import io.livepredict.trainer.learner.KindTrainer;
import io.livepredict.trainer.learner.LoopSettings;
import io.livepredict.trainer.learner.SchemaSource;
import io.livepredict.trainer.learner.VersionSettings;
import io.livepredict.trainer.metrics.TrainerMeters;
import io.livepredict.trainer.ort.OrtRuntime;
import io.livepredict.trainer.publish.Origin;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.RuntimeModelRunner;
import io.livepredict.trainer.publish.VersionLedger;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running trainer: one thread per kind, and an HTTP endpoint. Never ends the JVM. */
public final class TrainerApp implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TrainerApp.class);

    private final List<KindTrainer> trainers;
    private final TrainerMeters meters;
    private final HttpEndpoint endpoint;
    private final SchemaRegistry registry;
    private final Optional<ServedApi> api;
    private final CompletableFuture<Void> finished;

    private TrainerApp(
            List<KindTrainer> trainers,
            TrainerMeters meters,
            HttpEndpoint endpoint,
            Optional<ServedApi> api,
            SchemaRegistry registry) {
        this.api = api;
        this.trainers = trainers;
        this.meters = meters;
        this.endpoint = endpoint;
        this.registry = registry;
        finished = new CompletableFuture<>();
        // Ends when every kind has ended, or as soon as one could not go on.
        CompletableFuture.allOf(trainers.stream().map(KindTrainer::finished).toArray(CompletableFuture[]::new))
                .thenAccept(finished::complete);
        trainers.forEach(trainer -> trainer.finished().exceptionally(failure -> {
            finished.completeExceptionally(failure);
            return null;
        }));
    }

    /**
     * What a caller may set besides the configuration.
     *
     * @param fresh whether saved states are passed over
     * @param clock the present
     * @param onPublished told of every version once it is committed
     */
    public record Options(boolean fresh, Clock clock, Consumer<Published> onPublished) {
        public static Options defaults() {
            return new Options(false, Clock.systemUTC(), published -> {});
        }

        /** The same, passing over saved states or not. */
        public Options fresh(boolean value) {
            return new Options(value, clock, onPublished);
        }

        /** The same, telling another of published versions. */
        public Options onPublished(Consumer<Published> told) {
            return new Options(fresh, clock, told);
        }
    }

    /**
     * Starts it.
     *
     * @throws io.livepredict.settings.SettingsException if the configuration does not fit
     * @throws TopicException if Kafka can't be reached or a topic is missing
     */
    public static TrainerApp start(TrainerSettings config) {
        return start(config, Options.defaults());
    }

    /** Starts it, as {@link #start(TrainerSettings)} does. */
    public static TrainerApp start(TrainerSettings config, Options options) {
        if (!config.kinds().replaced().isEmpty()) {
            LOG.info("configured: {}", config.kinds().replaced());
        }
        SigningKey key = SigningKey.read(config.signingKey());
        ModelVerifier verifier = verifier(config, key);
        SchemaRegistry registry = new ConfluentRegistryClient(config.registry());
        TrainerMeters meters = new TrainerMeters();
        try {
            Topics topics = new Topics(config.namespace(), 1, NamedSerdes.from(config.registry(), registry));
            requireTopics(config, topics);
            List<KindTrainer> trainers = new ArrayList<>();
            for (Kind kind : config.kinds().active()) {
                KindTrainer trainer = new KindTrainer(
                        new LoopSettings(
                                kind,
                                config.closeAfterMillis(),
                                config.reproducible(),
                                config.checkpoint(),
                                config.retention(),
                                options.fresh()),
                        config.kafka(),
                        config.registry().url(),
                        topics,
                        new ModelSigner(topics.namespace(), key),
                        verifier,
                        (schemas, ledger) -> learner(config, kind, schemas, ledger),
                        options.clock(),
                        options.onPublished());
                trainers.add(trainer);
                meters.bind(
                        trainer,
                        config.kinds().targets(kind),
                        config.learners().stream()
                                .map(LearnerEntry::resolvedName)
                                .toList());
            }
            HttpEndpoint endpoint = HttpEndpoint.open("trainer", config.http());
            endpoint.serve(
                    "/health", "200, or 503 when a kind could not go on; a line per kind.", () -> health(trainers));
            endpoint.serve(
                    "/ready",
                    "200 while every kind learns, or 503; a line per kind says what is waited for.",
                    () -> ready(trainers));
            endpoint.serve("/metrics", "Counters and timings for Prometheus.", () -> Answer.metrics(meters.scrape()));
            Optional<ServedApi> api = config.api()
                    .map(settings -> ServedApi.open(settings, config, topics, endpoint, meters, options.clock()));
            TrainerApp app = new TrainerApp(trainers, meters, endpoint, api, registry);
            trainers.forEach(KindTrainer::start);
            return app;
        } catch (RuntimeException e) {
            registry.close();
            meters.close();
            throw e;
        }
    }

    /**
     * The learner that the trainer runs, without its topics: for a backtest, which drives the very same one.
     *
     * @param schemas where the schema that an example names is found
     * @param ledger the versions that exist; the caller adds what it publishes
     */
    public static KindLearner learner(TrainerSettings config, Kind kind, SchemaSource schemas, VersionLedger ledger) {
        GraphRuntime runtime = new OrtRuntime();
        return new KindLearner(
                learnerSettings(config, kind),
                GraphLearner.all(config.learners(), runtime, config.drift().enabled()),
                new RuntimeModelRunner(runtime),
                schemas,
                ledger);
    }

    private static KindLearnerSettings learnerSettings(TrainerSettings config, Kind kind) {
        return new KindLearnerSettings(
                kind,
                config.kinds().targets(kind),
                config.batch(),
                new ContestSettings(config.champion(), config.drift(), config.evaluation()),
                new VersionSettings(config.publish(), config.gate(), new Origin(BuildInfo.gitCommit(), config.hash())),
                config.replay(),
                config.seed());
    }

    static ModelVerifier verifier(TrainerSettings config, SigningKey key) {
        return new ModelVerifier(
                config.namespace(), TrustedKeys.read(config.trustedKeys()).with(key.publicKey()));
    }

    /** Says which topics are missing, at once and in one line, instead of letting a thread retry without end. */
    private static void requireTopics(TrainerSettings config, Topics topics) {
        List<Topic<?, ?>> needed = new ArrayList<>(
                List.of(topics.models(), topics.learnerState(), topics.featureSchemas(), topics.drifts()));
        config.kinds().active().forEach(kind -> needed.add(topics.labelledExamples(kind)));
        config.api().ifPresent(settings -> needed.add(topics.audit()));
        String missing;
        Map<String, Object> client = config.kafka().client("trainer-check");
        client.putIfAbsent("default.api.timeout.ms", (int) KafkaPatience.ANSWER.toMillis());
        client.putIfAbsent("request.timeout.ms", (int) KafkaPatience.REQUEST.toMillis());
        try (Admin admin = Admin.create(client)) {
            missing = TopicSetup.differences(admin, needed).stream()
                    .filter(difference -> difference.effect() == TopicSetup.Difference.Effect.MISSING)
                    .map(TopicSetup.Difference::words)
                    .collect(Collectors.joining("; "));
        } catch (RuntimeException e) {
            Throwable cause = e instanceof TopicException && e.getCause() != null ? e.getCause() : e;
            throw new TopicException(
                    "Kafka does not answer at " + config.kafka().bootstrapServers() + " (" + cause.getMessage()
                            + "): start it, or correct kafka.bootstrap.servers and the security settings beside it",
                    e);
        }
        if (!missing.isEmpty()) {
            throw new TopicException(missing + "; the streams app's 'topics --create' makes them all, audit where"
                    + " its configuration has api");
        }
    }

    private static Answer health(List<KindTrainer> trainers) {
        return Answer.text(
                trainers.stream().noneMatch(t -> t.phase() == KindTrainer.Phase.FAILED) ? 200 : 503, lines(trainers));
    }

    private static Answer ready(List<KindTrainer> trainers) {
        return Answer.text(trainers.stream().allMatch(t -> t.readiness().ready()) ? 200 : 503, lines(trainers));
    }

    private static String lines(List<KindTrainer> trainers) {
        return trainers.stream()
                .map(t -> t.kind().id() + ": " + t.readiness().words())
                .collect(Collectors.joining("\n"));
    }

    /** How one kind's learning stands; empty until its first second has passed. */
    public Optional<KindStatus> status(Kind kind) {
        return trainers.stream()
                .filter(trainer -> trainer.kind() == kind)
                .findFirst()
                .flatMap(KindTrainer::status);
    }

    /** The trainers, one per kind that has targets. */
    public List<KindTrainer> trainers() {
        return List.copyOf(trainers);
    }

    /** The port of the HTTP endpoint. */
    public int httpPort() {
        return endpoint.port();
    }

    /** Completes when every kind has stopped; with the reason as soon as one could not go on. */
    public CompletableFuture<Void> finished() {
        return finished;
    }

    /** Whether every kind's thread is gone: only then nobody runs a session of ONNX Runtime any longer. */
    public boolean isEnded() {
        return trainers.stream().allMatch(KindTrainer::isEnded);
    }

    /** Stops every kind after its batch in hand, with a last checkpoint. */
    @Override
    public void close() {
        trainers.parallelStream().forEach(KindTrainer::close);
        endpoint.close();
        api.ifPresent(ServedApi::close);
        meters.close();
        registry.close();
    }
}
