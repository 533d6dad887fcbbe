package io.livepredict.streams.activity;

import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.ingest.Event;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints how long one event takes up to each step of the activity update, the best of many rounds of all steps in turns: what
 * remains comparable on a machine that does other things, where JMH's mean does not. Command in RATIONALE.md.
 */
public final class ActivityTimes {
    private static final List<String> STEPS = List.of("decode", "and add", "and fill", "and encode");
    private static final int CYCLE = 1_000;
    private static final int BLOCK = 10_000;

    private final EntityActivity activity;
    private final FeatureVector vector;
    private final List<Event> events;
    /** The stored value that each event finds; empty for none. */
    private final byte[][] found;

    private long bytes;

    private ActivityTimes(KindDefinition definition) {
        activity = new EntityActivity(definition);
        vector = new FeatureVector(FeatureDefinitions.schema(definition));
        events = ActivityBenchmark.viewers(definition, 2_000, 120_000);
        found = new byte[events.size()][];
        Map<String, byte[]> states = new HashMap<>();
        for (int i = 0; i < found.length; i++) {
            String entity = events.get(i).entityId();
            found[i] = states.getOrDefault(entity, new byte[0]);
            read(found[i]);
            activity.add(events.get(i));
            states.put(entity, activity.write());
        }
    }

    /** Argument: how many rounds. */
    public static void main(String[] arguments) {
        ActivityTimes times = new ActivityTimes(KindDefinition.defaults(Kind.VIEWER));
        long[] best = new long[STEPS.size()];
        Arrays.fill(best, Long.MAX_VALUE);
        for (int round = Integer.parseInt(arguments[0]); round > 0; round--) {
            for (int step = 0; step < best.length; step++) {
                long begun = System.nanoTime();
                times.block(step);
                best[step] = Math.min(best[step], (System.nanoTime() - begun) / BLOCK);
            }
        }
        for (int step = 0; step < best.length; step++) {
            System.out.printf("%-10s %5d ns%n", STEPS.get(step), best[step]);
        }
        System.out.printf("(%d bytes written)%n", times.bytes);
    }

    private void block(int lastStep) {
        for (int i = 0; i < BLOCK; i++) {
            int at = events.size() / 2 + i % CYCLE;
            read(found[at]);
            if (lastStep > 0 && !activity.hasSeen(events.get(at))) {
                activity.add(events.get(at));
            }
            if (lastStep > 1) {
                activity.fill(vector);
            }
            if (lastStep > 2) {
                bytes += activity.write().length;
            }
        }
    }

    private void read(byte[] value) {
        if (value.length == 0) {
            activity.clear();
        } else {
            activity.read(value);
        }
    }
}
