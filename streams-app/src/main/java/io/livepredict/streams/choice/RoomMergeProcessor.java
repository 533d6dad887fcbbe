package io.livepredict.streams.choice;

import io.livepredict.streams.commit.PreCommitStore;
import io.livepredict.streams.commit.PublishedTable;
import io.livepredict.streams.state.StateWriter;
import io.livepredict.streams.state.StoreWalk;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.LoggedStore;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import java.time.Duration;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
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
    private final PublishedTable rooms;
    private final StoreWalk<String> walk;
    private final StateWriter writer = new StateWriter();

    private long newestMillis = Long.MIN_VALUE;

    private RoomMergeProcessor(
            Wiring wiring, KeyValueStore<String, byte[]> store, ProcessorContext<String, byte[]> task) {
        this.wiring = wiring;
        rooms = new PublishedTable(
                task, store, task.getStateStore(wiring.setup().names().roomMergeCommit()));
        walk = StoreWalk.ofTexts(store);
        task.schedule(EXPIRY_INTERVAL, PunctuationType.WALL_CLOCK_TIME, this::expire);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        RoomPart part = record.value() == null ? null : RoomPart.read(record.value());
        if (part == null) {
            wiring.unreadable().run(); // that room misses one arrival or move and nothing else
            return;
        }
        RoomStats room = read(rooms.get(record.key()));
        part.addTo(room);
        rooms.put(record.key(), room.write(writer));
        newestMillis = Math.max(newestMillis, part.timeMillis());
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

    private void expire(long now) {
        if (newestMillis == Long.MIN_VALUE) {
            return;
        }
        long oldest = newestMillis - 2 * wiring.settings().endedAfter().toMillis();
        walk.round(value -> read(value).lastArrivalMillis() < oldest, keys -> rooms.remove(keys, now));
    }
}
