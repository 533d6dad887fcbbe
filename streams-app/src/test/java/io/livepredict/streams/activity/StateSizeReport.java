package io.livepredict.streams.activity;

import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.ingest.Event;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints how many bytes the activity of simulated viewers takes, and how much processor time one event. Processor time
 * of this thread, so that other work on the machine disturbs less than it does JMH's clock. Command in RATIONALE.md.
 */
public final class StateSizeReport {
    private StateSizeReport() {}

    /** Arguments: how many viewers, how many events. */
    public static void main(String[] arguments) {
        int viewers = Integer.parseInt(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        KindDefinition definition = KindDefinition.defaults(Kind.VIEWER);
        EntityActivity activity = new EntityActivity(definition);
        FeatureVector vector = new FeatureVector(FeatureDefinitions.schema(definition));
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        List<Event> events = ActivityBenchmark.viewers(definition, viewers, count);
        Map<String, byte[]> states = new HashMap<>();
        long best = Long.MAX_VALUE;
        int block = Math.max(1, count / 20);
        long before = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < count; i++) {
            Event event = events.get(i);
            byte[] state = states.get(event.entityId());
            if (state == null) {
                activity.clear();
            } else {
                activity.read(state);
            }
            if (!activity.hasSeen(event)) {
                activity.add(event);
                states.put(event.entityId(), activity.write());
                activity.fill(vector);
            }
            if ((i + 1) % block == 0) {
                long now = threads.getCurrentThreadCpuTime();
                best = Math.min(best, (now - before) / block);
                before = now;
            }
        }
        int[] sizes = states.values().stream().mapToInt(b -> b.length).sorted().toArray();
        System.out.printf(
                "%d viewers, %d events, %d dense features: bytes p50 %d, p90 %d, p99 %d, mean %.0f; %d ns of processor"
                        + " time per event in the best twentieth%n",
                sizes.length,
                count,
                vector.dense.length,
                sizes[sizes.length / 2],
                sizes[sizes.length * 9 / 10],
                sizes[sizes.length * 99 / 100],
                Arrays.stream(sizes).average().orElse(0),
                best);
    }
}
