package io.livepredict.trainer.learner;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.Kind;
import io.livepredict.contract.TargetDifferences;
import io.livepredict.contract.Topics;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.trainer.publish.ModelsView;
import io.livepredict.trainer.publish.Publication;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.VersionLedger;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains one kind from its labelled-examples topic, on one thread: reads all partitions, drives a {@link KindLearner},
 * publishes versions and writes checkpoints, each in one transaction. Positions come from the checkpoint, not from a
 * consumer group. The transactional id fences a second trainer of the same kind: the older one stops with one line
 * ({@link Ownership}). When Kafka or the schema registry fail, the trainer waits for them for as long as that lasts and goes
 * on from the last checkpoint, which is always safe; it ends only for what no restart would cure ({@link TrainerFailures}).
 */
public final class KindTrainer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KindTrainer.class);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final long COMPARE_TARGETS_EVERY_MILLIS = 300_000;
    private static final long STATUS_EVERY_MILLIS = 1_000;
    /** Brokers that say nothing for so long are gone. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(10);

    /** Where the loop stands. */
    public enum Phase {
        STARTING,
        RUNNING,
        /** Waiting for a dependency that fails or does not answer. */
        WAITING,
        STOPPED,
        FAILED
    }

    private final LoopSettings settings;
    private final KafkaSettings kafka;
    private final Waiting waiting;
    private final Ownership ownership;
    private final Topics topics;
    private final String id;
    private final ModelSigner signer;
    private final ModelVerifier verifier;
    private final BiFunction<SchemaSource, VersionLedger, KindLearner> maker;
    private final Clock clock;
    private final Consumer<Published> onPublished;
    private final Thread thread;
    private final CompletableFuture<Void> finished = new CompletableFuture<>();

    private volatile boolean stopping;
    private final Standing standing = new Standing(System::nanoTime);
    private volatile @Nullable KindStatus status;
    private volatile TransportStatus transport = TransportStatus.NONE;
    private volatile Map<Integer, Long> positions = Map.of();
    private volatile boolean startFresh;
    private volatile TargetDifferences targetDifferences = TargetDifferences.NONE;
    private volatile long recordsIgnored;

    /**
     * @param registry the schema registry's address, for messages
     * @param signer signs versions, pointers and checkpoints
     * @param verifier whose versions, pointers and checkpoints count
     * @param maker makes the learner for each life of the loop
     * @param onPublished called with each version once its transaction is committed, on the trainer's thread
     */
    public KindTrainer(
            LoopSettings settings,
            KafkaSettings kafka,
            String registry,
            Topics topics,
            ModelSigner signer,
            ModelVerifier verifier,
            BiFunction<SchemaSource, VersionLedger, KindLearner> maker,
            Clock clock,
            Consumer<Published> onPublished) {
        this.settings = settings;
        this.kafka = kafka;
        this.topics = topics;
        id = topics.namespace().name("trainer-" + settings.kind().id());
        waiting = new Waiting(
                settings.kind(),
                new Waiting.Addresses(kafka.bootstrapServers(), registry),
                clock,
                new SplittableRandom());
        ownership = new Ownership(
                kafka,
                id,
                topics.labelledExamples(settings.kind()).name(),
                UUID.randomUUID().toString());
        this.signer = signer;
        this.verifier = verifier;
        this.maker = maker;
        this.clock = clock;
        this.onPublished = onPublished;
        startFresh = settings.fresh();
        thread = new Thread(this::run, "trainer-" + settings.kind().id());
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    public Kind kind() {
        return settings.kind();
    }

    /** How learning stands; empty until the first second has passed. */
    public Optional<KindStatus> status() {
        return Optional.ofNullable(status);
    }

    public TransportStatus transport() {
        return transport;
    }

    /** Partition of the examples topic to the offset it is read up to; what lies before has been taken into a batch. */
    public Map<Integer, Long> positions() {
        return positions;
    }

    /** How the targets learned here differ from those that the streams app announced last. */
    public TargetDifferences targetDifferences() {
        return targetDifferences;
    }

    /** How many records of the models topic counted for nothing. */
    public long recordsIgnored() {
        return recordsIgnored;
    }

    public Phase phase() {
        return standing.phase();
    }

    /** What {@link #phase()} means, in one line for a person. */
    public String phaseDescription() {
        return standing.words();
    }

    /** How things stand at this moment. */
    public Readiness readiness() {
        return standing.readiness(thread.isAlive());
    }

    /** Completes when the loop has ended; with a {@link TrainerException} if it could not go on. */
    public CompletableFuture<Void> finished() {
        return finished;
    }

    /** Stops after the batch in hand, with a last checkpoint. */
    @Override
    public void close() {
        stopping = true;
        if (!awaitEnd(PATIENCE)) {
            LOG.warn("{}: the trainer did not stop within {} s", settings.kind().id(), PATIENCE.toSeconds());
            thread.interrupt();
            awaitEnd(PATIENCE);
        }
    }

    /** Whether its thread is gone: only then nobody runs its sessions any longer. */
    public boolean isEnded() {
        return !thread.isAlive();
    }

    private boolean awaitEnd(Duration patience) {
        try {
            return thread.join(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !thread.isAlive();
        } catch (IllegalThreadStateException e) {
            return true; // never started
        }
    }

    private void run() {
        try {
            while (live()) {
                transport = transport.withRestart();
                waiting.rest(() -> stopping);
            }
        } catch (Error e) {
            standing.enter(Phase.FAILED, "ended: " + e);
            LOG.error("trainer {}: ended", settings.kind().id(), e);
            finished.completeExceptionally(e);
            throw e;
        }
    }

    /** One life, until trouble or the end; returns whether another should follow. */
    private boolean live() {
        try (Run run = new Run()) {
            run.loop();
        } catch (RuntimeException e) {
            if (!stopping && TrainerFailures.mayPass(e)) {
                standing.enter(Phase.WAITING, waiting.failed(e));
                return true;
            }
            if (!stopping) {
                TrainerException failure = TrainerFailures.explain(
                        e, settings.kind().id(), topics.namespace().value());
                standing.enter(Phase.FAILED, String.valueOf(failure.getMessage()));
                LOG.error("{}", failure.getMessage());
                finished.completeExceptionally(failure);
                return false;
            }
            LOG.warn(
                    "{}: stopped without a last checkpoint: {}; nothing is lost, the next start goes on from the one before",
                    settings.kind().id(),
                    TrainerFailures.oneLine(e));
        }
        standing.enter(Phase.STOPPED, "stopped");
        finished.complete(null);
        return false;
    }

    /** One life of the loop, from reading the last checkpoint to trouble or the end. Owned by the trainer's thread. */
    private final class Run implements AutoCloseable {
        private final VersionLedger ledger = new VersionLedger();
        private final ModelsFeed models;
        private final TopicSchemas schemas;
        private final TransactionalWriter writer;
        private final Checkpoints checkpoints;
        private final ExampleFeed feed;
        private final FaultLog faults = new FaultLog(settings.kind(), clock);
        private final KindLearner learner;
        /** The first to be closed is at the end. */
        private final Deque<AutoCloseable> opened = new ArrayDeque<>();

        private final SpareTime spareTime = new SpareTime(settings.kind(), clock);
        private long batchOpenedAt = -1;
        private long statusAt;
        private long targetsComparedAt;
        private final long ignoredBefore = recordsIgnored;

        Run() {
            try {
                writer = opened(new TransactionalWriter(kafka, id));
                checkpoints = new Checkpoints(
                        settings.kind(), settings.checkpoint(), topics, writer, ownership.mark(), signer, verifier);
                schemas = opened(new TopicSchemas(consumerConfig("schemas"), topics.featureSchemas(), clock));
                models = opened(new ModelsFeed(
                        consumerConfig("models"),
                        topics.models(),
                        new ModelsView(settings.kind().id(), verifier, ledger, clock)));
                feed = opened(new ExampleFeed(consumerConfig("examples"), topics.labelledExamples(settings.kind())));
                learner = opened(maker.apply(schemas, ledger));
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        private <T extends AutoCloseable> T opened(T part) {
            opened.add(part);
            return part;
        }

        private Map<String, Object> consumerConfig(String use) {
            Map<String, Object> config = kafka.consumer(id + "-" + use);
            config.remove(ConsumerConfig.GROUP_ID_CONFIG);
            config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
            config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
            config.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
            return config;
        }

        void loop() {
            begin();
            runs();
            while (!stopping) {
                standing.turn("reads examples");
                ConsumerRecords<byte[], byte[]> records = feed.next(POLL);
                listen();
                schemas.examplesFetched();
                learner.busy(!settings.reproducible() && spareTime.isNone(feed.behind()));
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    take(record);
                    publishIfDue(settings.reproducible() ? record.timestamp() : clock.millis());
                    if (stopping) {
                        break;
                    }
                }
                positions = feed.positions();
                closeWaitingBatch();
                if (!settings.reproducible()) {
                    publishIfDue(clock.millis());
                }
                checkpointIfDue(false);
                updateStatus(false);
            }
            checkpointIfDue(true);
            updateStatus(true);
        }

        private void runs() {
            waiting.over();
            standing.enter(Phase.RUNNING, "running");
        }

        /** Unreachable brokers raise no error: poll returns nothing, just as when the topic is quiet. */
        private void listen() {
            Duration silence = feed.silence();
            if (silence.compareTo(LONGEST_SILENCE) > 0) {
                standing.enter(Phase.WAITING, waiting.silent(silence));
            } else if (standing.phase() == Phase.WAITING) {
                runs();
            }
        }

        /** Fences an older trainer first: after that, nothing it does can change what is read here. */
        private void begin() {
            ownership.take(writer);
            models.begin();
            learner.importedModels(models.view().importedModels());
            Optional<Checkpoint> saved = checkpoints.read(consumerConfig("state"), ledger.highest());
            if (saved.isPresent() && !startFresh) {
                learner.restore(saved.get().state());
                LOG.info(
                        "{}: resumes from checkpoint {}: {} examples, version {}, offsets {}",
                        settings.kind().id(),
                        checkpoints.sequence(),
                        learner.examples(),
                        learner.version(),
                        learner.offsets());
            } else {
                LOG.info("{}: starts without a saved state", settings.kind().id());
            }
            schemas.begin();
            compareTargets();
            feed.begin(settings.kind().id(), learner.offsets());
            refill();
            checkpoints.begin(learner, clock.millis());
            updateStatus(true);
        }

        private void refill() {
            new Refill(feed, () -> stopping, () -> {
                        standing.turn("reads examples again");
                        listen();
                        schemas.examplesFetched();
                    })
                    .read(learner.refillFrom(), record -> {
                        LabelledExample example = decode(record);
                        if (example != null) {
                            learner.refill(record.partition(), record.offset(), example);
                        }
                    });
        }

        /** Labels of a target that only the app has are passed over, and one that only the trainer has is never learned. */
        private void compareTargets() {
            targetsComparedAt = clock.millis();
            Map<String, String> apps = schemas.targets(settings.kind());
            TargetDifferences differences = apps.isEmpty()
                    ? TargetDifferences.NONE
                    : TargetDifferences.between(TargetDifferences.definitions(learner.targets()), apps);
            if (!differences.equals(targetDifferences) && differences.any()) {
                LOG.warn(
                        "{}: {}; give both programs the same targets",
                        settings.kind().id(),
                        differences.words("in the trainer", "in the app"));
            }
            targetDifferences = differences;
        }

        private void take(ConsumerRecord<byte[], byte[]> record) {
            standing.turn("learns from examples");
            ExampleFault fault;
            LabelledExample example = decode(record);
            if (example == null) {
                fault = learner.skip(record.partition(), record.offset(), ExampleFault.UNDECODABLE);
            } else {
                fault = learner.accept(record.partition(), record.offset(), record.timestamp(), example);
            }
            if (fault != null) {
                faults.add(fault, record);
            }
            if (learner.openRows() == 0) {
                batchOpenedAt = -1;
            } else if (batchOpenedAt < 0) {
                batchOpenedAt = clock.millis();
            }
        }

        /** While the registry is away its schema is waited for: what was learned until now is kept. */
        private @Nullable LabelledExample decode(ConsumerRecord<byte[], byte[]> record) {
            while (true) {
                try {
                    LabelledExample example = feed.decode(record);
                    if (standing.phase() == Phase.WAITING) {
                        runs();
                    }
                    return example;
                } catch (RegistryUnavailableException e) {
                    if (stopping) {
                        throw e;
                    }
                    standing.enter(Phase.WAITING, waiting.failed(e));
                    waiting.rest(() -> stopping);
                }
            }
        }

        private void closeWaitingBatch() {
            if (settings.closeAfterMillis() > 0
                    && batchOpenedAt >= 0
                    && clock.millis() - batchOpenedAt >= settings.closeAfterMillis()) {
                learner.closeBatch();
                batchOpenedAt = -1;
            }
        }

        private void publishIfDue(long nowMillis) {
            Optional<Published> published = learner.maybePublish(nowMillis, this::catchUpWithModels);
            if (published.isEmpty()) {
                return;
            }
            standing.turn("publishes a version to Kafka at " + kafka.bootstrapServers());
            writer.transact(
                    () -> Publication.of(published.get(), models.view(), settings.retention(), signer, clock.instant())
                            .forEach(entry -> writer.send(topics.models(), entry.key(), entry.value())));
            ledger.add(
                    published.get().manifest().version(),
                    published.get().manifest().sha256());
            long lag = Math.max(0, clock.millis() - published.get().manifest().lastExampleEmittedAt());
            transport = transport.withPublished(published.get().onnx().length, lag);
            updateStatus(true);
            onPublished.accept(published.get());
        }

        /** Takes in what an operator may have written since: a pin, an imported model. */
        private void catchUpWithModels() {
            models.catchUp();
            learner.importedModels(models.view().importedModels());
        }

        private void checkpointIfDue(boolean last) {
            long now = clock.millis();
            if (checkpoints.isDue(learner, now, last)) {
                standing.turn("writes a checkpoint to Kafka at " + kafka.bootstrapServers());
                transport = transport.withCheckpoint(checkpoints.write(learner, now));
                // A restart after this point must not pass over what was learned since.
                startFresh = false;
            }
        }

        private void updateStatus(boolean now) {
            long millis = clock.millis();
            if (!now && millis - statusAt < STATUS_EVERY_MILLIS) {
                return;
            }
            statusAt = millis;
            // Imported models are scored as soon as they are there, also while nothing is published.
            standing.turn("follows topics of Kafka at " + kafka.bootstrapServers());
            models.follow();
            schemas.follow();
            learner.importedModels(models.view().importedModels());
            status = learner.status();
            recordsIgnored = ignoredBefore + models.view().ignored();
            if (millis - targetsComparedAt >= COMPARE_TARGETS_EVERY_MILLIS) {
                compareTargets();
            }
            transport = transport.withExamplesBehind(feed.behind());
        }

        @Override
        public void close() {
            while (!opened.isEmpty()) {
                try {
                    opened.removeLast().close();
                } catch (WakeupException | InterruptException e) {
                    Thread.currentThread().interrupt();
                } catch (Exception e) {
                    LOG.debug("{}: closing failed", settings.kind().id(), e);
                }
            }
        }
    }
}
