package io.livepredict.deploy.backtest;

import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.SignedPointer;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Target;
import io.livepredict.deploy.backtest.SimulatedLoop.Good;
import io.livepredict.model.ModelJson;
import io.livepredict.model.ModelKeys;
import io.livepredict.model.RefusedException;
import io.livepredict.streams.score.onnx.Projection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which version an app must serve, as the records of the models topic are now. */
final class VersionToServe {
    private static final String SERVING = ModelKeys.serving(Kind.VIEWER.id());

    private final Map<String, ModelRecord> models;
    private final NavigableMap<Long, Good> good;
    private final String keyId;

    /**
     * @param models the topic
     * @param good by version, what was published and is good
     * @param keyId the key whose pointers count
     */
    VersionToServe(Map<String, ModelRecord> models, NavigableMap<Long, Good> good, String keyId) {
        this.models = models;
        this.good = good;
        this.keyId = keyId;
    }

    /**
     * The version that is pointed to, if it is good; otherwise the one before it goes on.
     *
     * @param before the version that was active
     * @param targets of the app
     */
    long of(long before, DrivenApp app, List<Target> targets) {
        ModelRecord pointer = models.get(SERVING);
        if (pointer == null) {
            return before;
        }
        for (Good model : good.values()) {
            long version = model.published().manifest().version();
            // An app that has known its signed manifest since before a stranger wrote over it may go on with it.
            boolean known = app.activeVersion() == version && isUsable(model, app, targets);
            if (model.entries().stream().anyMatch(entry -> pointsToTheSame(entry.value(), pointer))
                    && (known || isServable(model, app, targets))) {
                return version;
            }
        }
        if (before != 0) {
            return before;
        }
        for (Good model : good.descendingMap().values()) {
            if (isServable(model, app, targets)
                    && model.published().manifest().version() != read(pointer).version()) {
                return model.published().manifest().version();
            }
        }
        return 0;
    }

    /**
     * Whether it is that pointer, or another of ours to the very manifest: a version whose chunks are all there is not incomplete
     * because somebody wrote its manifest and pointer again without them.
     */
    private boolean pointsToTheSame(@Nullable ModelRecord its, ModelRecord pointer) {
        return its != null
                && its.getBody() instanceof SignedPointer
                && ((SignedPointer) pointer.getBody()).getKeyId().equals(keyId)
                && read(its).manifestSha256().equals(read(pointer).manifestSha256());
    }

    private static ModelPointer read(ModelRecord pointer) {
        try {
            return ModelJson.readPointer(((SignedPointer) pointer.getBody()).getJson());
        } catch (RefusedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether its records are still there as they were written, and it is usable. */
    boolean isServable(Good model, DrivenApp app, List<Target> targets) {
        return isUsable(model, app, targets)
                && model.entries().stream()
                        .filter(entry -> entry.value() != null
                                && !entry.key().equals(SERVING)
                                && !(entry.value().getBody() instanceof SignedPointer))
                        .allMatch(entry -> Objects.equals(models.get(entry.key()), entry.value()));
    }

    /** Whether little of it hangs on what the app does not have. */
    private static boolean isUsable(Good model, DrivenApp app, List<Target> targets) {
        ModelManifest manifest = model.published().manifest();
        Set<String> dense = app.schema().dense().stream()
                .map(f -> f.name() + ' ' + f.definition())
                .collect(Collectors.toSet());
        Set<String> ids = app.schema().ids().stream()
                .map(f -> f.name() + ' ' + f.definition())
                .collect(Collectors.toSet());
        return HeldInputs.share(manifest, dense) <= Projection.MOST_HELD
                && manifest.ids().stream().allMatch(f -> ids.contains(f.name() + ' ' + f.definition()))
                && manifest.targets().stream()
                        .anyMatch(head -> targets.stream()
                                .anyMatch(target -> target.name().equals(head.name())
                                        && target.definition().equals(head.definition())));
    }
}
