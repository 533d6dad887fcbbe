package io.livepredict.trainer.learner;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.Kind;
import io.livepredict.contract.TargetDifferences;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.topics.TopicException;
import io.livepredict.topics.TopicFollower;
import io.livepredict.trainer.publish.ModelsView;
import io.livepredict.trainer.publish.Publication;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.RetentionPolicy;
import io.livepredict.trainer.publish.VersionLedger;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains one kind from its labelled-examples topic, on one thread: reads all partitions, drives a {@link KindLearner},
 * publishes versions and writes checkpoints, each in one transaction. Positions come from the checkpoint, not from a
 * consumer group. The transactional id fences a second trainer of the same kind: the older one stops with one line. When
 * Kafka fails in a way that may pass, the trainer goes back to the last checkpoint, which is always safe.
 */
public final class KindTrainer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KindTrainer.class);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final long COMPARE_TARGETS_EVERY_MILLIS = 300_000;
    private static final long STATUS_EVERY_MILLIS = 1_000;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;

    /**
     * How the loop runs.
     *
     * @param kind what is learned
     * @param closeAfterMillis by the wall clock, how long the first example of an open batch waits at most; 0 for never
     * @param reproducible whether the data alone decides: versions are dated and their cadence is measured by record
     *     timestamps
     * @param checkpoint when
     * @param retention of versions
     * @param fresh whether a saved state is passed over
     */
    public record Settings(
            Kind kind,
            long closeAfterMillis,
            boolean reproducible,
            CheckpointSettings checkpoint,
            RetentionPolicy retention,
            boolean fresh) {
        public Settings {
            if (closeAfterMillis < 0) {
                throw new IllegalArgumentException("close-after must not be negative, got " + closeAfterMillis);
            }
            if (reproducible && closeAfterMillis > 0) {
                throw new IllegalArgumentException(
                        "close-after must be 0 when reproducible: a batch closed by the clock depends on the clock");
            }
        }
    }

    /** Where the loop stands. */
    public enum Phase {
        STARTING,
        RUNNING,
        RESTARTING,
        STOPPED,
        FAILED
    }

    private final Settings settings;
    private final KafkaSettings kafka;
    private final Topics topics;
    private final ModelSigner signer;
    private final ModelVerifier verifier;
    private final BiFunction<SchemaSource, VersionLedger, KindLearner> maker;
    private final Clock clock;
    private final Consumer<Published> onPublished;
    private final Thread thread;
    private final CompletableFuture<Void> finished = new CompletableFuture<>();

    private volatile boolean stopping;
    private volatile Phase phase = Phase.STARTING;
    private volatile String phaseDescription = "starting";
    private volatile @Nullable KindStatus status;
    private volatile TransportStatus transport = TransportStatus.NONE;
    private volatile Map<Integer, Long> positions = Map.of();
    private volatile boolean startFresh;
    private volatile boolean hasRun;
    private volatile TargetDifferences targetDifferences = TargetDifferences.NONE;
    private volatile long recordsIgnored;

    /**
     * @param signer signs versions, pointers and checkpoints
     * @param verifier whose versions, pointers and checkpoints count
     * @param maker makes the learner for each life of the loop
     * @param onPublished called with each version once its transaction is committed, on the trainer's thread
     */
    public KindTrainer(
            Settings settings,
            KafkaSettings kafka,
            Topics topics,
            ModelSigner signer,
            ModelVerifier verifier,
            BiFunction<SchemaSource, VersionLedger, KindLearner> maker,
            Clock clock,
            Consumer<Published> onPublished) {
        this.settings = settings;
        this.kafka = kafka;
        this.topics = topics;
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
        return phase;
    }

    /** What {@link #phase()} means, in one line for a person. */
    public String phaseDescription() {
        return phaseDescription;
    }

    /** Completes when the loop has ended; with a {@link TrainerException} if it could not go on. */
    public CompletableFuture<Void> finished() {
        return finished;
    }

    /** Stops after the batch in hand, with a last checkpoint. */
    @Override
    public void close() {
        stopping = true;
        try {
            thread.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn("{}: the trainer did not stop within {} s", settings.kind().id(), PATIENCE.toSeconds());
            thread.interrupt();
        }
    }

    private void run() {
        long pause = 500;
        while (true) {
            try (Run run = new Run()) {
                run.loop();
                enter(Phase.STOPPED, "stopped");
                finished.complete(null);
                return;
            } catch (RuntimeException e) {
                if (stopping) {
                    enter(Phase.STOPPED, "stopped");
                    finished.complete(null);
                    return;
                }
                if (!TrainerFailures.mayPass(e, hasRun)) {
                    TrainerException failure = TrainerFailures.explain(
                            e, settings.kind().id(), topics.namespace().value());
                    enter(Phase.FAILED, String.valueOf(failure.getMessage()));
                    LOG.error("{}", failure.getMessage());
                    finished.completeExceptionally(failure);
                    return;
                }
                if (phase == Phase.RUNNING) {
                    pause = 500;
                }
                enter(Phase.RESTARTING, "trouble with Kafka: " + TrainerFailures.oneLine(e));
                LOG.warn(
                        "{}: {}; goes back to the last checkpoint in {} ms",
                        settings.kind().id(),
                        TrainerFailures.oneLine(e),
                        pause);
                transport = transport.withRestart();
                rest(pause);
                pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            } catch (Error e) {
                enter(Phase.FAILED, e.toString());
                finished.completeExceptionally(e);
                throw e;
            }
        }
    }

    private void enter(Phase next, String description) {
        hasRun |= next == Phase.RUNNING;
        phase = next;
        phaseDescription = description;
    }

    private void rest(long millis) {
        long until = System.nanoTime() + millis * 1_000_000;
        while (!stopping && System.nanoTime() < until) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** One life of the loop, from reading the last checkpoint to trouble or the end. Owned by the trainer's thread. */
    private final class Run implements AutoCloseable {
        private final Topic<String, LabelledExample> examples = topics.labelledExamples(settings.kind());
        private final Topic<String, ModelRecord> models = topics.models();
        private final String id =
                topics.namespace().name("trainer-" + settings.kind().id());
        private final VersionLedger ledger = new VersionLedger();
        private final ModelsView view = new ModelsView(settings.kind().id(), verifier, ledger, clock);
        private final TopicSchemas schemas =
                new TopicSchemas(consumerConfig("schemas"), topics.featureSchemas(), clock, Duration.ofMillis(500));
        private final TransactionalWriter writer;
        private final Checkpoints checkpoints;
        private final KafkaConsumer<byte[], byte[]> consumer;
        private final TopicFollower follower;
        private final FaultLog faults = new FaultLog(settings.kind(), clock);
        private final KindLearner learner;

        private List<TopicPartition> partitions = List.of();
        private long batchOpenedAt = -1;
        private long statusAt;
        private long targetsComparedAt;
        private final long ignoredBefore = recordsIgnored;

        Run() {
            writer = new TransactionalWriter(kafka, id);
            checkpoints = new Checkpoints(settings.kind(), settings.checkpoint(), topics, writer, signer, verifier);
            consumer = new KafkaConsumer<>(
                    consumerConfig("examples"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
            follower = new TopicFollower(consumerConfig("models"), models.name());
            learner = maker.apply(schemas, ledger);
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
            enter(Phase.RUNNING, "running");
            while (!stopping) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    take(record);
                    publishIfDue(settings.reproducible() ? record.timestamp() : clock.millis());
                    if (stopping) {
                        break;
                    }
                }
                positions =
                        partitions.stream().collect(Collectors.toMap(TopicPartition::partition, consumer::position));
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

        /** Fences an older trainer first: after that, nothing it does can change what is read here. */
        private void begin() {
            writer.fence();
            followModels();
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
            schemas.refresh();
            compareTargets();
            assign();
            checkpoints.begin(learner, clock.millis());
            updateStatus(true);
        }

        /** Whatever somebody wrote there: one that can't be read counts for nothing, and ends nothing. */
        private void takeModel(ConsumerRecord<byte[], byte[]> record) {
            ModelRecord value;
            try {
                value = record.value() == null
                        ? null
                        : models.value().deserializer().deserialize(models.name(), record.value());
            } catch (RegistryUnavailableException e) {
                throw e; // this record comes again: a pin must not be passed over
            } catch (SerializationException e) {
                view.unreadable("offset " + record.offset() + " is not a model record: " + TrainerFailures.oneLine(e));
                return;
            }
            view.accept(
                    record.key() == null ? null : models.key().deserializer().deserialize(models.name(), record.key()),
                    value);
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

        private void followModels() {
            if (!follower.toBeginning()) {
                throw new TopicException("topic " + models.name() + " does not exist; create it with "
                        + models.partitions() + " partitions and " + models.configuration());
            }
            follower.toEnd(this::takeModel);
            learner.importedModels(view.importedModels());
        }

        private void assign() {
            List<PartitionInfo> infos = consumer.partitionsFor(examples.name(), PATIENCE);
            if (infos == null || infos.isEmpty()) {
                throw new TrainerException("topic " + examples.name()
                        + " does not exist; create it (the streams app's 'topics --create' does)");
            }
            partitions = infos.stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions, PATIENCE);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
            Map<Integer, Long> offsets = learner.offsets();
            for (TopicPartition partition : partitions) {
                long from = first.getOrDefault(partition, 0L);
                long to = ends.getOrDefault(partition, 0L);
                long wanted = offsets.getOrDefault(partition.partition(), from);
                if (wanted > to) {
                    throw new TrainerException("the saved state goes on at offset " + wanted + " of " + partition
                            + ", which ends at " + to + ": the topic was made anew; start over with --fresh");
                }
                if (wanted < from) {
                    LOG.warn(
                            "{}: {} examples of {} were deleted before they were learned from",
                            settings.kind().id(),
                            from - wanted,
                            partition);
                }
                consumer.seek(partition, Math.max(wanted, from));
            }
        }

        private void take(ConsumerRecord<byte[], byte[]> record) {
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

        private @Nullable LabelledExample decode(ConsumerRecord<byte[], byte[]> record) {
            while (true) {
                try {
                    return examples.value().deserializer().deserialize(examples.name(), record.value());
                } catch (RegistryUnavailableException e) {
                    if (stopping) {
                        throw e;
                    }
                    LOG.warn("{}: {}; tries again in 1 s", settings.kind().id(), TrainerFailures.oneLine(e));
                    enter(Phase.RUNNING, "waits for the schema registry: " + TrainerFailures.oneLine(e));
                    rest(1_000);
                } catch (SerializationException e) {
                    return null;
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
            writer.transact(() -> Publication.of(published.get(), view, settings.retention(), signer, clock.instant())
                    .forEach(entry -> writer.send(models, entry.key(), entry.value())));
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
            follower.toEnd(this::takeModel); // a poll without waiting may return nothing though there is something
            learner.importedModels(view.importedModels());
        }

        private void checkpointIfDue(boolean last) {
            long now = clock.millis();
            if (checkpoints.isDue(learner, now, last)) {
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
            follower.next(Duration.ZERO, this::takeModel);
            view.tick();
            learner.importedModels(view.importedModels());
            status = learner.status();
            recordsIgnored = ignoredBefore + view.ignored();
            if (millis - targetsComparedAt >= COMPARE_TARGETS_EVERY_MILLIS) {
                schemas.refresh();
                compareTargets();
            }
            transport = transport.withExamplesBehind(partitions.stream()
                    .mapToLong(partition -> consumer.currentLag(partition).orElse(0))
                    .sum());
        }

        @Override
        public void close() {
            quietly(learner::close);
            quietly(() -> consumer.close(CloseOptions.timeout(Duration.ofSeconds(2))));
            quietly(follower::close);
            quietly(writer::close);
        }

        private void quietly(Runnable step) {
            try {
                step.run();
            } catch (WakeupException | InterruptException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.debug("{}: closing failed", settings.kind().id(), e);
            }
        }
    }
}
