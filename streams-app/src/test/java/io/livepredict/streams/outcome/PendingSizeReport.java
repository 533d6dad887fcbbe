package io.livepredict.streams.outcome;

import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.activity.ActivityBenchmark;
import io.livepredict.streams.activity.EntityActivity;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.outcome.PendingSnapshot.ServedTarget;
import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.state.StateWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Prints how many bytes a pending snapshot of simulated viewers takes. Command in RATIONALE.md. */
public final class PendingSizeReport {
    private PendingSizeReport() {}

    /** Arguments: how many viewers, how many events. */
    public static void main(String[] arguments) {
        KindDefinition definition = KindDefinition.defaults(Kind.VIEWER);
        EntityActivity activity = new EntityActivity(definition);
        FeatureVector vector = new FeatureVector(FeatureDefinitions.schema(definition));
        StateWriter writer = new StateWriter();
        Map<String, byte[]> states = new HashMap<>();
        List<Integer> sizes = new ArrayList<>();
        long nonZero = 0;
        List<Event> events =
                ActivityBenchmark.viewers(definition, Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
        for (Event event : events) {
            byte[] state = states.get(event.entityId());
            if (state == null) {
                activity.clear();
            } else {
                activity.read(state);
            }
            activity.add(event);
            states.put(event.entityId(), activity.write());
            activity.fill(vector);
            for (float value : vector.dense) {
                nonZero += value == 0 ? 0 : 1;
            }
            writer.reset();
            new PendingSnapshot(
                            0,
                            "0123456789abcdef",
                            event.contextId(),
                            event.eventId(),
                            event.timeMillis(),
                            event.timeMillis(),
                            30_000,
                            new ModelIdentity("viewer", 100, "0f".repeat(32)),
                            List.of(new ServedTarget("leave-30s", 1, 0.5f), new ServedTarget("chat-30s", 2, 0.5f)),
                            vector)
                    .write(writer);
            sizes.add(writer.size());
        }
        sizes.sort(null);
        System.out.printf(
                "%d snapshots of two targets: bytes p50 %d, p99 %d; %.2f of dense features are not zero%n",
                sizes.size(),
                sizes.get(sizes.size() / 2),
                sizes.get(sizes.size() * 99 / 100),
                (double) nonZero / sizes.size() / vector.dense.length);
    }
}
