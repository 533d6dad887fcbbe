package io.livepredict.trainer.publish;

import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.logging.RepeatLog;
import io.livepredict.model.ModelArtifact;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.ModelKeys;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.Refusal;
import io.livepredict.model.RefusedException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One model as it stands in the models topic: which version numbers were used and for what, what is to be served, and what
 * users brought. Only what a trusted key signed is there at all. Holds the ONNX bytes of imported models only. Not safe for use from
 * several threads.
 */
public final class ModelsView {
    private static final Logger LOG = LoggerFactory.getLogger(ModelsView.class);
    /** So many of the newest imported models stay, however many versions come after them. */
    static final int IMPORTED_KEPT = 3;

    private final String name;
    private final VersionLedger ledger;
    private final RepeatLog troubles;
    private final ModelCollector collector;
    private final Set<Long> notWhole = new TreeSet<>();
    private long ignored;

    /**
     * @param name the model's name
     * @param verifier whose versions and pointers count
     * @param ledger receives every version number that was used
     * @param clock the present
     */
    public ModelsView(String name, ModelVerifier verifier, VersionLedger ledger, InstantSource clock) {
        this.name = name;
        this.ledger = ledger;
        troubles = new RepeatLog(LOG::warn, clock);
        collector = new ModelCollector(
                verifier, Set.of(name), ModelCollector.Limits.defaults(), ModelsView::isImported, clock, this::ignored);
    }

    private static boolean isImported(ModelManifest manifest) {
        return manifest.family().equals(ModelManifest.IMPORTED);
    }

    private void ignored(Refusal reason, String line, long records) {
        ignored += records;
        troubles.say(
                reason.name(), name + ": a record of the models topic counts for nothing, " + reason + ": " + line);
    }

    /** A record of the topic could not be read. */
    public void unreadable(String why) {
        ignored(Refusal.UNREADABLE, why, 1);
    }

    /** Takes in a record of the topic, in order; a null value is a tombstone. */
    public void accept(@Nullable String key, @Nullable ModelRecord value) {
        collector.accept(key, value);
        ledger.used(collector.maxVersion(name));
        ModelKeys.parse(key).filter(parsed -> parsed.name().equals(name)).ifPresent(parsed -> {
            if (parsed instanceof ModelKeys.ModelKey.Manifest manifest) {
                collector
                        .signed(name, manifest.version())
                        .ifPresentOrElse(
                                signed -> ledger.add(signed.version(), signed.sha256()),
                                () -> ledger.overwritten(manifest.version()));
            }
        });
    }

    /** Lets go of what has waited too long, and logs sums whose minute is over. To be called every second or so. */
    public void tick() {
        collector.expire();
        troubles.sumUp();
    }

    /** How many records of the topic counted for nothing. */
    public long ignored() {
        return ignored;
    }

    /** What is to be served; nothing when there is no pointer that a trusted key signed. */
    public Optional<ModelPointer> serving() {
        return collector.serving(name);
    }

    /**
     * The pointer that counts, where the topic's last pointer is another: it was written over by somebody who may not sign,
     * and whoever may writes it again.
     */
    public Optional<ModelPointer> overwrittenPointer() {
        return collector.isPointerOverwritten(name) ? serving() : Optional.empty();
    }

    /** The version numbers that have a signed manifest, ascending. */
    public List<Long> versions() {
        return List.copyOf(collector.versions(name));
    }

    /** The imported models that stay: the newest few and the one that is pointed to, ascending; only those that are whole. */
    public List<ModelArtifact> importedModels() {
        Set<Long> kept = keptImportedModels();
        serving().map(ModelPointer::version).filter(this::isImported).ifPresent(kept::add);
        List<ModelArtifact> artifacts = new ArrayList<>();
        for (long version : kept) {
            try {
                artifacts.add(collector.artifact(name, version));
                notWhole.remove(version);
            } catch (RefusedException e) {
                if (notWhole.add(version)) {
                    LOG.warn("{}: imported model {} is not scored: {}", name, version, e.getMessage());
                }
            }
        }
        return artifacts;
    }

    private boolean isImported(long version) {
        return collector.signed(name, version).filter(ModelsView::isImported).isPresent();
    }

    private Set<Long> keptImportedModels() {
        return collector.versions(name).reversed().stream()
                .filter(this::isImported)
                .limit(IMPORTED_KEPT)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The keys to tombstone, manifest before chunks, when {@code added} is published and the policy drops others. */
    public List<String> dropped(RetentionPolicy policy, ModelManifest added) {
        Instant now = Instant.parse(added.createdAt());
        List<RetentionPolicy.Made> all = new ArrayList<>();
        for (long version : collector.versions(name)) {
            collector
                    .signed(name, version)
                    .ifPresent(manifest ->
                            all.add(new RetentionPolicy.Made(version, Instant.parse(manifest.createdAt()))));
        }
        all.add(new RetentionPolicy.Made(added.version(), now));
        Set<Long> kept = keptImportedModels();
        kept.add(added.version());
        serving().ifPresent(pointer -> {
            kept.add(pointer.version());
            if (pointer.pinned()) {
                // What an operator may go back to next stays for as long as he looks.
                collector.versions(name).headSet(pointer.version()).reversed().stream()
                        .limit(policy.newest())
                        .forEach(kept::add);
            }
        });
        List<String> keys = new ArrayList<>();
        for (long version : policy.dropped(all, kept, now)) {
            keys.addAll(ModelKeys.ofVersion(
                    name,
                    version,
                    collector.signed(name, version).map(ModelManifest::chunks).orElse(1)));
        }
        return keys;
    }
}
