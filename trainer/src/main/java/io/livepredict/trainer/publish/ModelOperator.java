package io.livepredict.trainer.publish;

import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Topic;
import io.livepredict.model.ModelArtifact;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.ModelPacker;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.RefusedException;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.topics.KafkaPatience;
import io.livepredict.topics.TopicReader;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What an operator does with the models topic by hand: look, pin a version, let the trainer go on, take one out. */
public final class ModelOperator {
    /** A running trainer may write its own pointer at the same moment, so a pin is checked afterwards. */
    private static final int PIN_TRIES = 10;

    private static final int STEADY_LOOKS = 4;
    /** So many of the first and of the last versions are named where one is not there. */
    private static final int VERSIONS_SAID = 5;

    private static final ModelCollector.Limits NO_BYTES =
            ModelCollector.Limits.defaults().withModelBytes(0);
    /** Versions that a trainer may publish between the look at the topic and the write to it. */
    private static final int NUMBERS_LEFT_FREE = 100;

    private final KafkaSettings kafka;
    private final Topic<String, ModelRecord> models;
    private final ModelSigner signer;
    private final ModelVerifier verifier;
    private final Clock clock;
    private final Duration look;
    private final String transactionalId;

    /**
     * @param verifier whose versions and pointers count
     * @param look between two looks at whether a pointer stays as it was set; a little over half the publishing cadence
     * @param transactionalId of what is written in one transaction; not the trainer's own, which would be fenced
     */
    public ModelOperator(
            KafkaSettings kafka,
            Topic<String, ModelRecord> models,
            ModelSigner signer,
            ModelVerifier verifier,
            Clock clock,
            Duration look,
            String transactionalId) {
        this.kafka = kafka;
        this.models = models;
        this.signer = signer;
        this.verifier = verifier;
        this.clock = clock;
        this.look = look;
        this.transactionalId = transactionalId;
    }

    /** An operation can't be done; the message is one line that says why. */
    public static final class RefusedOperationException extends RuntimeException {
        public RefusedOperationException(String message) {
            super(message);
        }

        public RefusedOperationException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** A version in the topic, or why it is none that could be served. */
    public record Listed(
            long version, Optional<ModelManifest> manifest, String fault, boolean served, boolean pinned) {}

    /** The versions of a model, ascending, those included that count for nothing, as far as they are remembered. */
    public List<Listed> list(String name) {
        ModelCollector collector = collect(name);
        Optional<ModelPointer> pointer = collector.serving(name);
        TreeSet<Long> all = new TreeSet<>(collector.versions(name));
        all.addAll(collector.refused(name).keySet());
        return all.stream()
                .map(version -> {
                    boolean served = pointer.isPresent() && pointer.get().version() == version;
                    boolean pinned = served && pointer.get().pinned();
                    try {
                        return new Listed(version, Optional.of(collector.manifest(name, version)), "", served, pinned);
                    } catch (RefusedException e) {
                        return new Listed(
                                version, Optional.empty(), e.reason() + ": " + e.getMessage(), served, pinned);
                    }
                })
                .toList();
    }

    /** What is to be served. */
    public Optional<ModelPointer> serving(String name) {
        return collect(name).serving(name);
    }

    /** A version, whole and verified. */
    public ModelArtifact artifact(String name, long version) {
        return artifact(collect(name, version), name, version);
    }

    /** Serves that version and pins it: the trainer does not move it until {@link #promote}. */
    public ModelPointer pin(String name, long version) {
        return pinChosen(name, (collector, served) -> {
            if (collector.versions(name).contains(version)) {
                return version;
            }
            RefusedException refused = collector.refused(name).get(version);
            throw new RefusedOperationException("model " + name + " has no version " + version
                    + (refused == null ? "" : " that counts (" + refused.reason() + ": " + refused.getMessage() + ")")
                    + "; " + thereAre(collector, name));
        });
    }

    /** Serves and pins the version before the one that is served; an import is served only when it is named. */
    public ModelPointer rollback(String name) {
        return pinChosen(
                name,
                (collector, served) -> newest(collector, name, manifest -> manifest.version() < served)
                        .orElseThrow(() -> new RefusedOperationException("model " + name + " has no version before "
                                + served + " to roll back to; " + thereAre(collector, name))));
    }

    /** Serves and pins the newest version that the trainer had made before that moment. */
    public ModelPointer rollback(String name, Instant before) {
        return pinChosen(
                name,
                (collector, served) -> newest(
                                collector,
                                name,
                                manifest -> Instant.parse(manifest.createdAt()).isBefore(before))
                        .orElseThrow(() -> new RefusedOperationException("model " + name
                                + " has no version made before " + before + "; " + thereAre(collector, name))));
    }

    /** Serves the newest version that the trainer made and lets it move the pointer again. */
    public ModelPointer promote(String name) {
        ModelCollector collector = collect(name);
        long newest = newest(collector, name, manifest -> true)
                .orElseThrow(() -> new RefusedOperationException("model " + name
                        + " has no versions that the trainer made yet; an imported one is served by its number"));
        // Only what a scorer would take is pointed to.
        artifact(name, newest);
        return point(collector, name, newest, false);
    }

    /** The newest version of those that the trainer made and this build can use. */
    private static Optional<Long> newest(ModelCollector collector, String name, Predicate<ModelManifest> wanted) {
        return collector.versions(name).reversed().stream()
                .filter(version -> {
                    try {
                        ModelManifest manifest = collector.manifest(name, version);
                        return !manifest.family().equals(ModelManifest.IMPORTED) && wanted.test(manifest);
                    } catch (RefusedException e) {
                        return false;
                    }
                })
                .findFirst();
    }

    /** The versions there are, in words: the first and the last few, and when they were made. */
    private static String thereAre(ModelCollector collector, String name) {
        List<String> all = collector.versions(name).stream()
                .map(version -> version
                        + collector
                                .signed(name, version)
                                .map(manifest -> " of " + manifest.createdAt())
                                .orElse(""))
                .toList();
        if (all.isEmpty()) {
            return "there are none";
        }
        if (all.size() <= 2 * VERSIONS_SAID) {
            return "there are " + String.join(", ", all);
        }
        return "there are " + all.size() + ": " + String.join(", ", all.subList(0, VERSIONS_SAID)) + ", …, "
                + String.join(", ", all.subList(all.size() - VERSIONS_SAID, all.size()))
                + " ('models list " + name + "' has them all)";
    }

    /** Makes a version once its number is known. */
    @FunctionalInterface
    public interface Numbered {
        Published version(long number, Instant createdAt);
    }

    /**
     * Adds a version without moving the pointer, in one transaction. Its number is far enough beyond the highest that a
     * trainer that publishes at the same time does not come to it.
     */
    public ModelManifest add(String name, Numbered made) {
        VersionLedger ledger = new VersionLedger();
        ModelsView view = new ModelsView(name, verifier, ledger, clock);
        TopicReader.readToEnd(kafka.consumer("trainer-models"), models, view::accept);
        Published added = made.version(ledger.highest() + NUMBERS_LEFT_FREE, clock.instant());
        long version = added.manifest().version();
        writeTogether(ModelPacker.pack(added.manifest(), added.onnx(), signer));
        // Whoever else came to that number at the same moment is not served under this one's name.
        if (!visible(name, version).manifest().sha256().equals(added.manifest().sha256())) {
            throw new RefusedOperationException(
                    "version " + version + " of " + name + " was taken at the same moment; import it again");
        }
        return added.manifest();
    }

    /** A version that was committed: a reader may see it a moment later than the commit returns, when its marker is there. */
    private ModelArtifact visible(String name, long version) {
        long deadline = System.nanoTime() + KafkaPatience.ANSWER.toNanos();
        ModelCollector collector = collect(name, version);
        while (!collector.versions(name).contains(version) && System.nanoTime() < deadline) {
            pause();
            collector = collect(name, version);
        }
        return artifact(collector, name, version);
    }

    private void pause() {
        try {
            Thread.sleep(look.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedOperationException("interrupted while waiting for what was written", e);
        }
    }

    private void writeTogether(List<ModelPacker.Entry> entries) {
        Map<String, Object> config = kafka.producer("trainer-models");
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 2 << 20);
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            entries.forEach(entry -> producer.send(record(entry)));
            producer.commitTransaction();
        }
    }

    private ProducerRecord<String, byte[]> record(ModelPacker.Entry entry) {
        return new ProducerRecord<>(
                models.name(), entry.key(), models.value().serializer().serialize(models.name(), entry.value()));
    }

    /** Chooses a version, told which one was served when the choice began. */
    private interface Choice {
        long version(ModelCollector collector, long served);
    }

    /**
     * Pins first, then looks: what is served is pinned as it is, so that the trainer neither moves the pointer nor retires
     * what lies shortly before it; only then a version is chosen and pinned. Where that one was retired all the same, by a
     * publication that was under way, another is chosen. If it can't be done, what was served before is served again.
     */
    private ModelPointer pinChosen(String name, Choice choice) {
        ModelCollector collector = collect(name);
        Optional<ModelPointer> before = collector.serving(name);
        long served = before.map(ModelPointer::version).orElse(Long.MAX_VALUE);
        long lost = 0;
        boolean moved = false;
        try {
            for (int i = 0; i < PIN_TRIES; i++) {
                Optional<ModelPointer> now = collector.serving(name);
                if (now.isPresent() && !now.get().pinned()) {
                    hold(now.get());
                    moved = true;
                    collector = collect(name);
                }
                long chosen = choose(collector, name, choice, served, lost);
                collector = collect(name, chosen);
                if (collector.versions(name).contains(chosen)) {
                    // Only what a scorer would take is pointed to.
                    artifact(collector, name, chosen);
                    moved = true;
                    ModelPointer pointer = point(collector, name, chosen, true);
                    boolean stays = stays(pointer);
                    collector = collect(name);
                    if (stays && collector.versions(name).contains(chosen)) {
                        moved = false;
                        return pointer;
                    }
                }
                if (!collector.versions(name).contains(chosen)) {
                    lost = chosen;
                }
            }
        } finally {
            if (moved && before.isPresent()) {
                restore(name, before.get());
            }
        }
        throw new RefusedOperationException("the pointer of model " + name + " was moved again " + PIN_TRIES
                + " times; is a trainer running that does not trust key "
                + signer.key().keyId() + "?");
    }

    private static long choose(ModelCollector collector, String name, Choice choice, long served, long lost) {
        try {
            return choice.version(collector, served);
        } catch (RefusedOperationException e) {
            throw lost == 0
                    ? e
                    : new RefusedOperationException(
                            "version " + lost + " of model " + name
                                    + " was retired by the trainer while it was being pinned; "
                                    + thereAre(collector, name),
                            e);
        }
    }

    /** Pins what is served. */
    private void hold(ModelPointer served) {
        write(ModelPacker.pointer(
                new ModelPointer(
                        served.name(),
                        served.version(),
                        true,
                        served.manifestSha256(),
                        ModelPointer.issueAfter(Optional.of(served), clock.instant())
                                .toString()),
                signer));
    }

    private void restore(String name, ModelPointer before) {
        ModelCollector collector = collect(name);
        if (before.pinned()) {
            write(ModelPacker.pointer(
                    new ModelPointer(
                            name,
                            before.version(),
                            true,
                            before.manifestSha256(),
                            ModelPointer.issueAfter(collector.serving(name), clock.instant())
                                    .toString()),
                    signer));
        } else {
            newest(collector, name, manifest -> true).ifPresent(newest -> point(collector, name, newest, false));
        }
    }

    private ModelPointer point(ModelCollector collector, String name, long version, boolean pinned) {
        try {
            ModelPointer pointer = new ModelPointer(
                    name,
                    version,
                    pinned,
                    collector.manifestSha256(name, version),
                    ModelPointer.issueAfter(collector.serving(name), clock.instant())
                            .toString());
            write(ModelPacker.pointer(pointer, signer));
            return pointer;
        } catch (RefusedException e) {
            throw new RefusedOperationException(String.valueOf(e.getMessage()), e);
        }
    }

    private boolean stays(ModelPointer pointer) {
        for (int i = 0; i < STEADY_LOOKS; i++) {
            try {
                Thread.sleep(look.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return true;
            }
            if (!serving(pointer.name()).equals(Optional.of(pointer))) {
                return false;
            }
        }
        return true;
    }

    private void write(ModelPacker.Entry entry) {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                kafka.producer("trainer-models"), new StringSerializer(), new ByteArraySerializer())) {
            producer.send(record(entry)).get(); // a command that says it is done must not have lost it
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException failed ? failed : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private ModelCollector collect(String name) {
        return fill(new ModelCollector(verifier, Set.of(name), NO_BYTES));
    }

    private ModelCollector collect(String name, long version) {
        return fill(new ModelCollector(verifier, Set.of(name), NO_BYTES).keeping(name, version));
    }

    private ModelCollector fill(ModelCollector collector) {
        TopicReader.readToEnd(kafka.consumer("trainer-models"), models, collector::accept);
        return collector;
    }

    private static ModelArtifact artifact(ModelCollector collector, String name, long version) {
        try {
            return collector.artifact(name, version);
        } catch (RefusedException e) {
            throw new RefusedOperationException(e.reason() + ": " + e.getMessage(), e);
        }
    }
}
