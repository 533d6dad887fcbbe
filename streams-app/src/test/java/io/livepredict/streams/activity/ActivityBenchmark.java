package io.livepredict.streams.activity;

import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.ingest.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One event through the activity update: decode the state, add, encode, fill the features. Viewers come and go in 50
 * rooms, send a heartbeat every 15 s, like and chat in between, and rarely send gifts; the cycle of events is entered
 * after all of them have a history. Run with the command in RATIONALE.md.
 *
 * <p>With a cycle of 1,000 events, they and their values are in the processor's caches, as just after they were decoded and
 * fetched from RocksDB; with 60,000 they take 80 MB and neither is.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class ActivityBenchmark {
    private final KindDefinition definition = KindDefinition.defaults(Kind.VIEWER);
    private final EntityActivity activity = new EntityActivity(definition);
    private final FeatureVector vector = new FeatureVector(FeatureDefinitions.schema(definition));
    private List<Event> events = new ArrayList<>();
    /** The stored value that each event finds. */
    private final List<byte[]> found = new ArrayList<>();

    @Param({"1000", "60000"})
    private int cycle;

    private int next;

    /** Makes the events and the states they find. */
    @Setup
    public void prepare() {
        events = viewers(definition, 2_000, 120_000);
        Map<String, byte[]> states = new HashMap<>();
        for (Event event : events) {
            byte[] state = states.get(event.entityId());
            if (state == null) {
                activity.clear();
            } else {
                activity.read(state);
            }
            found.add(state == null ? new byte[0] : state);
            activity.add(event);
            states.put(event.entityId(), activity.write());
        }
        next = events.size() / 2;
    }

    /** All of it. */
    @Benchmark
    public byte[] event() {
        int at = next();
        byte[] state = found.get(at);
        if (state.length == 0) {
            activity.clear();
        } else {
            activity.read(state);
        }
        Event event = events.get(at);
        if (!activity.hasSeen(event)) {
            activity.add(event);
        }
        activity.fill(vector);
        return activity.write();
    }

    /** Decoding alone. */
    @Benchmark
    public boolean read() {
        return activity.read(found.get(next()));
    }

    /** Encoding alone. */
    @Benchmark
    public byte[] write() {
        return activity.write();
    }

    /** Features alone. */
    @Benchmark
    public FeatureVector fill() {
        activity.fill(vector);
        return vector;
    }

    private int next() {
        next = next + 1 < events.size() / 2 + cycle ? next + 1 : events.size() / 2;
        return next;
    }

    /** A stream of events of viewers in rooms, in time order. */
    public static List<Event> viewers(KindDefinition definition, int viewers, int count) {
        Random random = new Random(7);
        record Turn(long at, int viewer) {}
        PriorityQueue<Turn> turns = new PriorityQueue<>(java.util.Comparator.comparingLong(Turn::at));
        int[] room = new int[viewers];
        for (int viewer = 0; viewer < viewers; viewer++) {
            turns.add(new Turn(1_700_000_000_000L + random.nextInt(600_000), viewer));
        }
        List<Event> events = new ArrayList<>();
        while (events.size() < count) {
            Turn turn = turns.remove();
            int viewer = turn.viewer();
            String type;
            long pause;
            if (room[viewer] == 0) {
                room[viewer] = 1 + random.nextInt(3) * (viewer % 17);
                type = "JOIN";
                pause = 1_000 + random.nextInt(15_000);
            } else if (random.nextInt(25) == 0) {
                type = "LEAVE";
                pause = random.nextInt(300_000);
            } else {
                int draw = random.nextInt(100);
                type = draw < 60
                        ? "HEARTBEAT"
                        : draw < 80
                                ? "CHAT"
                                : draw < 95 ? "LIKE" : draw < 98 ? "GIFT" : draw < 99 ? "FOLLOW" : "PURCHASE";
                pause = 500 + random.nextInt(15_000);
            }
            events.add(new Event(
                    "viewer-" + viewer,
                    "room-" + room[viewer],
                    "event-" + events.size() + "-" + viewer,
                    turn.at(),
                    definition.eventTypes().indexOf(type),
                    new double[] {type.equals("GIFT") ? 1 + random.nextInt(500) : Double.NaN},
                    new int[] {type.equals("JOIN") ? 1 + viewer % 60 : 0},
                    Event.NONE));
            if (type.equals("LEAVE")) {
                room[viewer] = 0;
            }
            turns.add(new Turn(turn.at() + pause, viewer));
        }
        return events;
    }
}
