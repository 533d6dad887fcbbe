package io.livepredict.streams.choice;

import io.livepredict.streams.activity.ActivityOutput;
import io.livepredict.streams.activity.ActivityOutput.FeatureRow;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.state.EntityKey;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.state.StateWriter;
import io.livepredict.streams.state.StoreWalk;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.LoggedStore;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import java.time.Duration;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * At an event that is a choice: gathers the candidates as of just before it, logs the choice example, then remembers the
 * choice and tells the rooms' own tasks of it. Other events cost a look at their type; those that leave a room, a read and a
 * write. An entity's rooms are remembered from its last choice or leave for as long as activity from its last event.
 */
public final class ChoiceProcessor implements Step<String, ActivityOutput> {
    private static final Duration FORGET_INTERVAL = Duration.ofSeconds(10);

    /**
     * What every task's processor of one kind is made from. Its children are {@link NodeNames#choiceExamples} and {@link
     * NodeNames#roomPartsOut}.
     *
     * @param board what is known of rooms now
     * @param retention an entity that is silent for longer is forgotten
     */
    public record Wiring(
            KindSetup setup, ChoiceSettings settings, RoomBoard board, Duration retention, ChoiceCounters counters) {
        /** The supplier to add to a topology, behind activity; it brings the store. */
        public ProcessorSupplier<String, ActivityOutput, String, Object> supplier() {
            LoggedStore<Bytes> own = setup.stores().store(setup.names().choice());
            return new StepSupplier<>(task -> new ChoiceProcessor(this, own.of(task), task), own.builder());
        }
    }

    private final Wiring wiring;
    private final ProcessorContext<String, Object> task;
    private final boolean[] choosing;
    private final boolean[] leaving;
    private final Candidates candidates;
    private final RecentValues known;
    private final StoreWalk<Bytes> walk;
    private final StateWriter writer = new StateWriter();
    private long labelTimeMillis = Long.MIN_VALUE;

    private ChoiceProcessor(Wiring wiring, KeyValueStore<Bytes, byte[]> store, ProcessorContext<String, Object> task) {
        this.wiring = wiring;
        this.task = task;
        choosing = wiring.settings().choosing(wiring.setup().definition());
        leaving = ChoiceSettings.leaving(wiring.setup().definition());
        candidates = new Candidates(wiring.settings());
        known = new RecentValues(store, wiring.setup().stores().recent());
        walk = StoreWalk.ofEntities(store);
        task.schedule(FORGET_INTERVAL, PunctuationType.WALL_CLOCK_TIME, ignored -> forget());
    }

    @Override
    public void process(Record<String, ActivityOutput> record) {
        labelTimeMillis = Math.max(labelTimeMillis, record.value().labelTimeMillis());
        switch (record.value()) {
            case FeatureRow row -> take(row.event());
            case ActivityOutput.LabelTimeAdvance ignored -> {}
            case ActivityOutput.Erased erased ->
                known.delete(EntityKey.of(erased.erasure().entityId()));
        }
    }

    private void take(Event event) {
        boolean chooses = choosing[event.type()];
        if (event.contextId().isEmpty() || !(chooses || leaving[event.type()])) {
            return;
        }
        Bytes key = EntityKey.of(event.entityId());
        OwnRooms own = read(known.get(key));
        if (chooses) {
            choose(event, own);
            own.came(event.contextId(), event.timeMillis());
        } else if (!own.left(event.contextId(), event.timeMillis())) {
            return;
        }
        known.put(key, own.write(writer));
    }

    private OwnRooms read(byte @Nullable [] stored) {
        OwnRooms own = stored == null ? null : OwnRooms.read(stored);
        if (own != null) {
            return own;
        }
        if (stored != null) {
            wiring.counters().unreadable();
        }
        return new OwnRooms();
    }

    /** All that comes of it carries the time of scoring: topics count what they keep from there, and events may be old. */
    private void choose(Event event, OwnRooms own) {
        candidates.gather(own, wiring.board(), event.timeMillis());
        wiring.counters().chosen(candidates.indexOf(event.contextId()) >= 0);
        NodeNames names = wiring.setup().names();
        long now = wiring.setup().wallClockMillis().getAsLong();
        task.forward(
                new Record<>(event.entityId(), ChoiceExamples.of(event, candidates, now), now), names.choiceExamples());
        tell(event.contextId(), new RoomPart("", event.timeMillis()), now);
        if (!own.last().isEmpty() && own.movesOn(event.timeMillis())) {
            tell(own.last(), new RoomPart(event.contextId(), event.timeMillis()), now);
        }
    }

    private void tell(String room, RoomPart part, long now) {
        task.forward(
                new Record<>(room, part.write(writer), now),
                wiring.setup().names().roomPartsOut());
    }

    /** Forgets the entities among the next few that no event may remember any more. */
    private void forget() {
        if (labelTimeMillis != Long.MIN_VALUE) {
            long oldest = labelTimeMillis - wiring.retention().toMillis();
            walk.next(value -> OwnRooms.isOlder(value, oldest)).forEach(known::delete);
        }
    }

    @Override
    public void close() {
        known.close();
    }
}
