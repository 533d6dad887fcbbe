package io.livepredict.trainer.publish;

import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Topic;
import io.livepredict.model.ModelArtifact;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.ModelPacker;
import io.livepredict.model.RefusedException;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.topics.TopicReader;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What an operator does with the models topic by hand: look, pin a version, let the trainer go on, take one out. */
public final class ModelOperator {
    /** A running trainer may write its own pointer at the very moment; so a pin is looked at again. */
    private static final int PIN_TRIES = 10;
    /** How long a commit may take to become visible. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final int STEADY_LOOKS = 4;
    /** Versions that a trainer may publish between the look at the topic and the write to it. */
    private static final int NUMBERS_LEFT_FREE = 100;

    private final KafkaSettings kafka;
    private final Topic<String, ModelRecord> models;
    private final SigningKey key;
    private final TrustedKeys trusted;
    private final Clock clock;
    private final Duration look;
    private final String transactionalId;

    /**
     * @param trusted whose versions and pointers count
     * @param look between two looks at whether a pointer stays as it was set; a little over half the publishing cadence
     * @param transactionalId of what is written in one transaction; not the trainer's own, which would be fenced
     */
    public ModelOperator(
            KafkaSettings kafka,
            Topic<String, ModelRecord> models,
            SigningKey key,
            TrustedKeys trusted,
            Clock clock,
            Duration look,
            String transactionalId) {
        this.kafka = kafka;
        this.models = models;
        this.key = key;
        this.trusted = trusted;
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

    /** The versions of a model, ascending. */
    public List<Listed> list(String name) {
        ModelCollector collector = collect();
        Optional<ModelPointer> pointer = pointer(collector, name);
        return collector.versions(name).stream()
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
        return pointer(collect(), name);
    }

    /** A version, whole and verified. */
    public ModelArtifact artifact(String name, long version) {
        return artifact(collect(name, version), name, version);
    }

    /** Serves that version and pins it: the trainer does not move it until {@link #promote}. */
    public ModelPointer pin(String name, long version) {
        return point(name, version, true);
    }

    /** Serves and pins the version before the one that is served; an import is served only when it is named. */
    public ModelPointer rollback(String name) {
        ModelCollector collector = collect();
        ModelPointer now = pointer(collector, name)
                .orElseThrow(() -> new RefusedOperationException("model " + name + " has no pointer to roll back"));
        Long before = collector.versions(name).headSet(now.version()).reversed().stream()
                .filter(version -> !isImported(collector, name, version))
                .findFirst()
                .orElseThrow(() -> new RefusedOperationException(
                        "model " + name + " has no version before " + now.version() + " to roll back to"));
        return point(name, before, true);
    }

    /** Serves the newest version that the trainer made and lets it move the pointer again. */
    public ModelPointer promote(String name) {
        ModelCollector collector = collect();
        Long newest = collector.versions(name).reversed().stream()
                .filter(version -> !isImported(collector, name, version))
                .findFirst()
                .orElseThrow(() -> new RefusedOperationException("model " + name
                        + " has no versions that the trainer made yet; an imported one is served by its number"));
        return point(name, newest, false);
    }

    private static boolean isImported(ModelCollector collector, String name, long version) {
        try {
            return collector.manifest(name, version).family().equals(ModelManifest.IMPORTED);
        } catch (RefusedException e) {
            return false;
        }
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
        ModelsView view = new ModelsView(name, trusted, ledger);
        TopicReader.readToEnd(kafka.consumer("trainer-models"), models, view::accept);
        Published added = made.version(ledger.highest() + NUMBERS_LEFT_FREE, clock.instant());
        long version = added.manifest().version();
        writeTogether(ModelPacker.pack(added.manifest(), added.onnx(), key));
        // Whoever else came to that number at the same moment is not served under this one's name.
        if (!visible(name, version).manifest().sha256().equals(added.manifest().sha256())) {
            throw new RefusedOperationException(
                    "version " + version + " of " + name + " was taken at the same moment; import it again");
        }
        return added.manifest();
    }

    /** A version that was committed: a reader may see it a moment later than the commit returns, when its marker is there. */
    private ModelArtifact visible(String name, long version) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
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

    private ModelPointer point(String name, long version, boolean pinned) {
        ModelCollector collector = collect(name, version);
        Optional<ModelPointer> before = pointer(collector, name);
        // Only what a scorer would take is pointed to.
        artifact(collector, name, version);
        ModelPointer pointer;
        try {
            pointer = new ModelPointer(
                    name,
                    version,
                    pinned,
                    collector.manifestSha256(name, version),
                    clock.instant().toString());
        } catch (RefusedException e) {
            throw new RefusedOperationException(String.valueOf(e.getMessage()), e);
        }
        for (int i = 0; i < PIN_TRIES; i++) {
            write(ModelPacker.pointer(pointer, key));
            if (!pinned) {
                return pointer;
            }
            if (stays(pointer)) {
                checkNotRetired(pointer, before);
                return pointer;
            }
        }
        throw new RefusedOperationException("the pointer of model " + name + " was moved again " + PIN_TRIES
                + " times; is a trainer running that does not trust key " + key.keyId() + "?");
    }

    /**
     * A trainer that had not read the pin yet may have retired the version in its last publication: then what was there before
     * is there again.
     */
    private void checkNotRetired(ModelPointer pinned, Optional<ModelPointer> before) {
        String name = pinned.name();
        if (collect().versions(name).contains(pinned.version())) {
            return;
        }
        if (before.isPresent() && before.get().pinned()) {
            write(ModelPacker.pointer(before.get(), key));
        } else {
            promote(name);
        }
        throw new RefusedOperationException("version " + pinned.version() + " of model " + name
                + " was retired by the trainer while it was being pinned; pin a newer one");
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
            producer.send(record(entry));
            producer.flush();
        }
    }

    private ModelCollector collect() {
        return fill(new ModelCollector(trusted, 0));
    }

    private ModelCollector collect(String name, long version) {
        return fill(new ModelCollector(trusted, 0).keeping(name, version));
    }

    private ModelCollector fill(ModelCollector collector) {
        TopicReader.readToEnd(kafka.consumer("trainer-models"), models, collector::accept);
        return collector;
    }

    private static Optional<ModelPointer> pointer(ModelCollector collector, String name) {
        try {
            return collector.serving(name);
        } catch (RefusedException e) {
            throw new RefusedOperationException(String.valueOf(e.getMessage()), e);
        }
    }

    private static ModelArtifact artifact(ModelCollector collector, String name, long version) {
        try {
            return collector.artifact(name, version);
        } catch (RefusedException e) {
            throw new RefusedOperationException(e.reason() + ": " + e.getMessage(), e);
        }
    }
}
