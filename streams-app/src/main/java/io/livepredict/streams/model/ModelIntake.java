package io.livepredict.streams.model;

import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.model.ModelArtifact;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.ModelKeys;
import io.livepredict.model.Refusal;
import io.livepredict.model.RefusedException;
import io.livepredict.model.TrustedKeys;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes in the records of the models topic and follows each kind's pointer. Any failure keeps the model that is active,
 * is counted, and is logged in one line. Driven by {@link ModelReceiver}, or directly by a backtest. One thread's.
 */
public final class ModelIntake {
    private static final Logger LOG = LoggerFactory.getLogger(ModelIntake.class);

    private final Map<String, Activation> activations;
    private final ModelCounters counters;
    private ModelCollector collector;
    private final Set<String> changed = new HashSet<>();
    /** By model name: what was last refused, so that it is counted and logged once. */
    private final Map<String, String> refused = new HashMap<>();

    /**
     * @param trusted whose models are served
     * @param activations by model name; records of other names are ignored
     */
    public ModelIntake(TrustedKeys trusted, Map<String, Activation> activations, ModelCounters counters) {
        this.collector = new ModelCollector(trusted);
        this.activations = Map.copyOf(activations);
        this.counters = counters;
    }

    /** Takes in a record of the topic; null for a tombstone. Verifies and builds nothing yet. */
    public void accept(String key, @Nullable ModelRecord value) {
        collector.accept(key, value);
        ModelKeys.parse(key)
                .map(parsed -> switch (parsed) {
                    case ModelKeys.ModelKey.Chunk chunk -> chunk.name();
                    case ModelKeys.ModelKey.Manifest manifest -> manifest.name();
                    case ModelKeys.ModelKey.Serving serving -> serving.name();
                })
                .filter(activations::containsKey)
                .ifPresent(changed::add);
    }

    /** A version that is pointed to and whose bytes were let go: the topic has to be read again. */
    public record Missing(String name, long version) {}

    /**
     * Activates what the pointers name, where that has changed. Call it when a whole batch of records was taken in, not
     * after each: of many versions that came together only the one that is pointed to is built.
     *
     * @return a version for which the topic has to be read again, into {@link #restart}
     */
    public Optional<Missing> settle() {
        for (String name : Set.copyOf(changed)) {
            Activation activation = activations.get(name);
            if (activation != null) {
                Optional<Missing> missing = follow(name, activation);
                if (missing.isPresent()) {
                    return missing;
                }
            }
            changed.remove(name);
        }
        return Optional.empty();
    }

    /** Forgets all that was taken in; what is taken in next must be the topic from its beginning. */
    public void restart(Missing missing) {
        collector = collector.keeping(missing.name(), missing.version());
        changed.addAll(activations.keySet());
    }

    private Optional<Missing> follow(String name, Activation activation) {
        long pointedTo = Long.MAX_VALUE;
        try {
            Optional<ModelPointer> pointer = collector.serving(name);
            if (pointer.isEmpty()) {
                return Optional.empty();
            }
            pointedTo = pointer.get().version();
            if (isActive(activation, pointer.get())) {
                return Optional.empty();
            }
            if (collector.isReleased(name, pointedTo)) {
                return Optional.of(new Missing(name, pointedTo));
            }
            activate(name, activation, collector.artifact(name, pointedTo));
        } catch (RefusedException e) {
            refuse(name, pointedTo, activation, e);
            if (activation.activeVersion() == 0) {
                fallBack(name, pointedTo, activation);
            }
        }
        return Optional.empty();
    }

    private static boolean isActive(Activation activation, ModelPointer pointer) {
        return activation.activeVersion() == pointer.version();
    }

    /** After a restart: the version before the refused one had gone on serving, so it does again. */
    private void fallBack(String name, long below, Activation activation) {
        for (long version : collector.versions(name).headSet(below).reversed()) {
            try {
                activate(name, activation, collector.artifact(name, version));
                return;
            } catch (RefusedException e) {
                refuse(name, version, activation, e);
            }
        }
    }

    private void activate(String name, Activation activation, ModelArtifact artifact) throws RefusedException {
        var unused = activation.activate(artifact);
        ModelManifest manifest = artifact.manifest();
        refused.remove(name);
        counters.activated(name, manifest.version());
        LOG.info(
                "{} version {} is active: {}, {} examples, made {}{}",
                name,
                manifest.version(),
                manifest.family(),
                manifest.examples(),
                manifest.createdAt(),
                unused.isEmpty() ? "" : "; heads without a configured target: " + String.join(", ", unused));
    }

    private void refuse(String name, long version, Activation activation, RefusedException e) {
        Refusal reason = e.reason();
        if (!(version + " " + reason).equals(refused.put(name, version + " " + reason))) {
            counters.refused(name, reason);
            LOG.warn(
                    "{} {} is refused, {}: {}; {} goes on serving",
                    name,
                    version == Long.MAX_VALUE ? "pointer" : "version " + version,
                    reason,
                    e.getMessage(),
                    activation.activeVersion() == 0 ? "the prior" : "version " + activation.activeVersion());
        }
    }
}
