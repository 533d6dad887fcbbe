package io.livepredict.streams.model;

import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.TargetDifferences;
import io.livepredict.logging.RepeatLog;
import io.livepredict.model.ModelArtifact;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.ModelKeys;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.Refusal;
import io.livepredict.model.RefusedException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes in the records of the models topic and follows each kind's pointer. Any failure keeps the model that is active,
 * is counted, and is logged in one line, once; what goes on is summed up once a minute. Driven by {@link ModelReceiver}, or
 * directly by a backtest. One thread's.
 */
public final class ModelIntake {
    private static final Logger LOG = LoggerFactory.getLogger(ModelIntake.class);
    /** Of so many versions of a model it is remembered that they were refused. */
    private static final int REFUSALS_REMEMBERED = 1_000;

    private final Map<String, Activation> activations;
    private final ModelCounters counters;
    private final RepeatLog news;
    private final RepeatLog troubles;
    private ModelCollector collector;
    private final Set<String> changed = new HashSet<>();
    /** By model name and version: the reason and manifest with which it was refused, so that it is refused once. */
    private final Map<String, TreeMap<Long, String>> refused = new HashMap<>();
    /** By model name the pointer that was followed last. */
    private final Map<String, ModelPointer> followed = new HashMap<>();
    /** By model name: how its targets differed from those configured here when that was last said. */
    private final Map<String, List<String>> saidByPrior = new HashMap<>();

    /** By model name what the topic holds, for whoever asks from another thread. */
    private volatile Map<String, Known> known = Map.of();

    private final Map<String, TargetDifferences> saidDifferences = new HashMap<>();
    /** By model name: how its features differed from those here when that was last said. */
    private final Map<String, String> saidFeatures = new HashMap<>();

    /**
     * @param verifier whose models are served
     * @param activations by model name; records of other names are ignored
     * @param clock the present
     */
    public ModelIntake(
            ModelVerifier verifier, Map<String, Activation> activations, ModelCounters counters, InstantSource clock) {
        this.activations = Map.copyOf(activations);
        this.counters = counters;
        news = new RepeatLog(LOG::info, clock);
        troubles = new RepeatLog(LOG::warn, clock);
        collector = new ModelCollector(
                verifier,
                this.activations.keySet(),
                ModelCollector.Limits.defaults(),
                manifest -> true,
                clock,
                this::ignored);
    }

    /** Takes in a record of the topic; null for a tombstone. Builds nothing yet. */
    public void accept(@Nullable String key, @Nullable ModelRecord value) {
        collector.accept(key, value);
        ModelKeys.parse(key)
                .map(ModelKeys.ModelKey::name)
                .filter(activations::containsKey)
                .ifPresent(changed::add);
    }

    /** A record of the topic could not be read. */
    public void unreadable(String why) {
        ignored(Refusal.UNREADABLE, why, 1);
    }

    private void ignored(Refusal reason, String line, long records) {
        counters.ignored(reason, records);
        troubles.say("ignored " + reason, "a record of the models topic counts for nothing, " + reason + ": " + line);
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
        if (!changed.isEmpty()) {
            known = activations.keySet().stream().collect(Collectors.toMap(name -> name, this::lookUp));
        }
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

    /**
     * What the topic holds of one model.
     *
     * @param pointer which version is to be served; null if no trusted key ever said
     * @param versions those that a trusted key vouches for and this build can read, ascending
     */
    public record Known(@Nullable ModelPointer pointer, List<ModelManifest> versions) {
        public static final Known NOTHING = new Known(null, List.of());
    }

    /** What the topic held when it was last looked at. For any thread. */
    public Known known(String name) {
        return known.getOrDefault(name, Known.NOTHING);
    }

    private Known lookUp(String name) {
        List<ModelManifest> versions = new ArrayList<>();
        for (long version : collector.versions(name)) {
            try {
                versions.add(collector.manifest(name, version));
            } catch (RefusedException e) {
                continue; // this build can't use it
            }
        }
        return new Known(collector.serving(name).orElse(null), List.copyOf(versions));
    }

    /** Lets go of what has waited too long, and logs sums whose minute is over. To be called every second or so. */
    public void tick() {
        collector.expire();
        news.sumUp();
        troubles.sumUp();
    }

    /** Forgets all that was taken in; what is taken in next must be the topic from its beginning. */
    public void restart(Missing missing) {
        collector = collector.keeping(missing.name(), missing.version());
        changed.addAll(activations.keySet());
    }

    private Optional<Missing> follow(String name, Activation activation) {
        Optional<ModelPointer> pointer = collector.serving(name);
        if (pointer.isEmpty()) {
            if (activation.activeVersion() == 0 && collector.isPointerOverwritten(name)) {
                fallBack(name, Long.MAX_VALUE, activation); // a valid version existed before its record was overwritten
            }
            return Optional.empty();
        }
        if (activation.activeVersion() == pointer.get().version()) {
            return Optional.empty();
        }
        long pointedTo = pointer.get().version();
        if (!pointer.get().equals(followed.put(name, pointer.get()))) {
            refusals(name).remove(pointedTo); // a new pointer to it gets a new refusal
        }
        if (collector.isReleased(name, pointedTo)) {
            return Optional.of(new Missing(name, pointedTo));
        }
        if (!activate(name, pointedTo, activation) && activation.activeVersion() == 0) {
            fallBack(name, pointedTo, activation);
        }
        return Optional.empty();
    }

    /** After a restart: the version before the refused one had gone on serving, so it does again. */
    private void fallBack(String name, long below, Activation activation) {
        for (long version : collector.versions(name).headSet(below).reversed()) {
            if (activate(name, version, activation)) {
                return;
            }
        }
    }

    private boolean activate(String name, long version, Activation activation) {
        try {
            ModelArtifact artifact = collector.artifact(name, version);
            if (wasRefused(name, artifact.manifest())) {
                return false;
            }
            activation.activate(artifact);
            activated(name, artifact.manifest(), activation);
            Set<String> onCpu = activation.besideTheGpu(artifact.onnx());
            if (!onCpu.isEmpty()) {
                news.say(
                        name + " on the CPU",
                        name + ": " + String.join(", ", onCpu) + " run on the CPU, for there are"
                                + " no kernels for a GPU; rows are copied there and back");
            }
            return true;
        } catch (RefusedException e) {
            refuse(name, version, activation, e);
            return false;
        }
    }

    private void activated(String name, ModelManifest manifest, Activation activation) {
        counters.activated(name, manifest.version());
        news.say(
                name,
                name + " version " + manifest.version() + " is active: " + manifest.family() + ", "
                        + manifest.examples() + " examples, made " + manifest.createdAt());
        List<String> byPrior = activation.servedByPrior();
        if (!byPrior.equals(saidByPrior.put(name, byPrior)) && !byPrior.isEmpty()) {
            LOG.info(
                    "{} version {} has no head that has learned for {}: served by the configured prior, as version 0",
                    name,
                    manifest.version(),
                    String.join(", ", byPrior));
        }
        String features = activation.featureDifferences();
        if (!features.equals(saidFeatures.put(name, features)) && !features.isEmpty()) {
            LOG.info("{} version {}: {}", name, manifest.version(), features);
        }
        TargetDifferences differences = activation.targetDifferences();
        if (!differences.equals(saidDifferences.put(name, differences)) && differences.any()) {
            LOG.warn("{} version {}: {}", name, manifest.version(), differences.words("here", "in the model"));
        }
    }

    private TreeMap<Long, String> refusals(String name) {
        return refused.computeIfAbsent(name, absent -> new TreeMap<>());
    }

    /** Whether a whole version was refused already: it is not built again and again to be refused again. */
    private boolean wasRefused(String name, ModelManifest manifest) {
        String before = refusals(name).get(manifest.version());
        return before != null && before.endsWith(' ' + manifest.sha256());
    }

    private void refuse(String name, long version, Activation activation, RefusedException e) {
        Refusal reason = e.reason();
        String sha256 = collector.isWhole(name, version)
                ? ' '
                        + collector
                                .signed(name, version)
                                .map(ModelManifest::sha256)
                                .orElse("")
                : "";
        TreeMap<Long, String> before = refusals(name);
        if ((reason + sha256).equals(before.put(version, reason + sha256))) {
            return;
        }
        while (before.size() > REFUSALS_REMEMBERED) {
            before.pollFirstEntry();
        }
        counters.refused(name, reason);
        troubles.say(
                name + ' ' + reason,
                name + " version " + version + " is refused, " + reason + ": " + e.getMessage() + "; "
                        + (activation.activeVersion() == 0 ? "the prior" : "version " + activation.activeVersion())
                        + " goes on serving");
    }
}
