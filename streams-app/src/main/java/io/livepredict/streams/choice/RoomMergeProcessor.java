package io.livepredict.streams.choice;

import io.livepredict.streams.commit.PreCommitStore;
import io.livepredict.streams.state.StateWriter;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.LoggedStore;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what choices mean for rooms, and publishes a room's statistics before each commit since the last of which they have
 * changed. A room is forgotten, with a tombstone, when by this task's newest choice nobody came to it for twice the time after
 * which it has ended: twice, so that tasks which read at different speeds forget none that another still needs. Rooms are
 * looked at a slice at a time, as many slices in a round as its time allows, so that short-lived ones do not pile up.
 */
public final class RoomMergeProcessor implements Step<String, byte[]> {
    private static final Duration EXPIRY_INTERVAL = Duration.ofSeconds(30);
    private static final int EXPIRY_SLICE = 500;
    private static final long EXPIRY_BUDGET_NANOS = Duration.ofMillis(50).toNanos();

    /**
     * What every task's processor of one kind is made from.
     *
     * @param unreadable called when a part or a stored value was dropped because another build had written it
     */
    public record Wiring(KindSetup setup, ChoiceSettings settings, Runnable unreadable) {
        /** The supplier to add to a topology, behind the source of parts; it brings the stores. */
        public ProcessorSupplier<String, byte[], String, byte[]> supplier() {
            NodeNames names = setup.names();
            LoggedStore<String> rooms = setup.stores().storeByText(names.roomMerge());
            return new StepSupplier<>(
                    task -> new RoomMergeProcessor(this, rooms.of(task), task),
                    rooms.builder(),
                    PreCommitStore.builder(names.roomMergeCommit()));
        }
    }

    private final Wiring wiring;
    private final ProcessorContext<String, byte[]> task;
    private final KeyValueStore<String, byte[]> store;
    private final PreCommitStore.Forwarder<String, byte[]> forwarder;
    private final PreCommitStore.Position position = new PreCommitStore.Position();
    private final StateWriter writer = new StateWriter();
    /** By room its statistics, where they were not published yet. */
    private final Map<String, byte[]> changed = new LinkedHashMap<>();

    private long newestMillis = Long.MIN_VALUE;
    private String expiryCursor = "";

    private RoomMergeProcessor(
            Wiring wiring, KeyValueStore<String, byte[]> store, ProcessorContext<String, byte[]> task) {
        this.wiring = wiring;
        this.store = store;
        this.task = task;
        forwarder = new PreCommitStore.Forwarder<>(task);
        PreCommitStore preCommit = task.getStateStore(wiring.setup().names().roomMergeCommit());
        preCommit.onPreCommit(this::publish);
        preCommit.onDiscard(changed::clear);
        task.schedule(EXPIRY_INTERVAL, PunctuationType.WALL_CLOCK_TIME, this::expire);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        RoomPart part = record.value() == null ? null : RoomPart.read(record.value());
        if (part == null) {
            wiring.unreadable().run(); // that room misses one arrival or move and nothing else
            return;
        }
        RoomStats room = read(store.get(record.key()));
        part.addTo(room);
        byte[] value = room.write(writer);
        store.put(record.key(), value);
        changed.put(record.key(), value);
        newestMillis = Math.max(newestMillis, part.timeMillis());
        forwarder.remember(position);
    }

    private RoomStats read(byte @Nullable [] stored) {
        RoomStats room = stored == null ? null : RoomStats.read(stored);
        if (room != null) {
            return room;
        }
        if (stored != null) {
            wiring.unreadable().run();
        }
        return new RoomStats();
    }

    private void publish() {
        if (changed.isEmpty()) {
            return;
        }
        long now = task.currentSystemTimeMs();
        forwarder.begin();
        try {
            changed.forEach((room, value) -> forwarder.forward(position, new Record<>(room, value, now), null));
        } finally {
            forwarder.end();
        }
        changed.clear();
    }

    private void expire(long now) {
        if (newestMillis == Long.MIN_VALUE) {
            return;
        }
        long oldest = newestMillis - 2 * wiring.settings().endedAfter().toMillis();
        long began = System.nanoTime();
        do {
            expireSlice(oldest, now);
        } while (!expiryCursor.isEmpty() && System.nanoTime() - began < EXPIRY_BUDGET_NANOS);
    }

    private void expireSlice(long oldest, long now) {
        List<String> ended = new ArrayList<>();
        String next = "";
        try (KeyValueIterator<String, byte[]> iterator = range(store, expiryCursor)) {
            for (int i = 0; iterator.hasNext(); i++) {
                if (i == EXPIRY_SLICE) {
                    next = iterator.peekNextKey();
                    break;
                }
                KeyValue<String, byte[]> entry = iterator.next();
                if (read(entry.value).lastArrivalMillis() < oldest) {
                    ended.add(entry.key);
                }
            }
        }
        for (String room : ended) {
            store.delete(room);
            changed.remove(room);
            task.forward(tombstone(room, now));
        }
        expiryCursor = next;
    }

    @SuppressWarnings("NullAway") // Kafka's jar carries no annotations: null is "to the end", and a tombstone
    private static KeyValueIterator<String, byte[]> range(KeyValueStore<String, byte[]> rooms, String from) {
        return rooms.range(from, null);
    }

    @SuppressWarnings("NullAway")
    private static Record<String, byte[]> tombstone(String room, long now) {
        return new Record<>(room, null, now);
    }
}
