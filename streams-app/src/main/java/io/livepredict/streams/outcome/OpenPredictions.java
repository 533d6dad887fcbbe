package io.livepredict.streams.outcome;

import io.livepredict.streams.outcome.OpenSnapshots.OpenSnapshot;
import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.state.EntityKey;
import io.livepredict.streams.targets.TargetPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * A logged prediction that waits for what happens next, read from outside of the task that has it. Times are epoch
 * milliseconds.
 *
 * @param eventId the event that it was logged at
 * @param contextId its room or match, empty for none
 * @param asOfMillis the later of the event's time and the entity's latest
 * @param deadlineMillis when its labels are decided, in event time
 * @param targets what was served then, and what of it is undecided
 */
public record OpenPredictions(
        String eventId, String contextId, long asOfMillis, long deadlineMillis, List<Waiting> targets) {
    public OpenPredictions {
        targets = List.copyOf(targets);
    }

    /**
     * One target.
     *
     * @param decided whether its label is known already
     */
    public record Waiting(String target, float score, boolean decided, ModelIdentity model) {}

    /** Those of an entity with an undecided label, the next due first. */
    public static List<OpenPredictions> of(
            ReadOnlyKeyValueStore<Bytes, byte[]> open,
            ReadOnlyKeyValueStore<Bytes, byte[]> pending,
            String entityId,
            int most) {
        byte[] stored = open.get(EntityKey.of(entityId));
        OpenSnapshots undecided = new OpenSnapshots();
        if (stored == null || !undecided.read(stored)) {
            return List.of();
        }
        List<OpenPredictions> found = new ArrayList<>();
        undecided.snapshots.stream()
                .sorted(Comparator.comparingLong(snapshot -> snapshot.deadlineMillis))
                .limit(most)
                .forEach(snapshot -> {
                    byte[] value =
                            pending.get(new PendingKey(snapshot.deadlineMillis, entityId, snapshot.sequence).bytes());
                    PendingSnapshot of = value == null ? null : PendingSnapshot.read(value);
                    if (of != null) { // else it came due in between
                        found.add(of(snapshot, of));
                    }
                });
        return found;
    }

    private static OpenPredictions of(OpenSnapshot snapshot, PendingSnapshot of) {
        ModelIdentity model = of.served().model();
        return new OpenPredictions(
                of.moment().eventId(),
                of.moment().contextId(),
                of.moment().asOfMillis(),
                snapshot.deadlineMillis,
                of.served().targets().stream()
                        .map(target -> new Waiting(
                                target.name(),
                                target.score(),
                                !isUndecided(snapshot, TargetPlan.reference(target.name(), target.definition())),
                                target.byPrior() ? ModelIdentity.prior(model.name()) : model))
                        .toList());
    }

    private static boolean isUndecided(OpenSnapshot snapshot, int reference) {
        return IntStream.range(0, snapshot.undecided).anyMatch(i -> snapshot.references[i] == reference);
    }
}
