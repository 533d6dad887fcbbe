package io.livepredict.deploy.bench;

import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.activity.EntityActivity;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.ingest.Event;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * One event through the activity update, for JMH: decode the state, add, fill the features, encode. The events are those of
 * the simulated platform's viewers; a cycle of them is entered again and again after all of them have a history.
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
@SuppressWarnings("NullAway.Init") // JMH calls prepare first
public class ActivityUpdate {
    /** How many events there are; the later half of them is measured. */
    static final int EVENTS = 120_000;

    /** Events per cycle. */
    @Param({"1000", "60000"})
    public int cycle = 1_000;

    private EntityActivity activity;
    private FeatureVector vector;
    private List<Event> events;
    /** The stored value that each event finds; empty for none. */
    private byte[][] found;

    private int next;

    /** Makes the events and the states they find. */
    @Setup
    public void prepare() {
        KindDefinition definition = SimulatedRun.Meaning.read().resolve().definition(Kind.VIEWER);
        activity = new EntityActivity(definition);
        vector = new FeatureVector(FeatureDefinitions.schema(definition));
        events = ResolvedEvents.of(Kind.VIEWER, definition, EVENTS);
        found = new byte[EVENTS][];
        Map<String, byte[]> states = new HashMap<>();
        for (int i = 0; i < EVENTS; i++) {
            Event event = events.get(i);
            found[i] = states.getOrDefault(event.entityId(), new byte[0]);
            decode(i);
            activity.add(event);
            states.put(event.entityId(), activity.write());
        }
        next = EVENTS / 2;
    }

    /** All of it. */
    @Benchmark
    public byte[] event() {
        int at = advance();
        decode(at);
        add(at);
        activity.fill(vector);
        return activity.write();
    }

    /** Decoding alone. */
    @Benchmark
    public EntityActivity read() {
        decode(advance());
        return activity;
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

    /** The next event of the cycle. */
    int advance() {
        next = next + 1 < EVENTS / 2 + cycle ? next + 1 : EVENTS / 2;
        return next;
    }

    void decode(int at) {
        if (found[at].length == 0) {
            activity.clear();
        } else {
            activity.read(found[at]);
        }
    }

    void add(int at) {
        Event event = events.get(at);
        if (!activity.hasSeen(event)) {
            activity.add(event);
        }
    }
}
