package io.livepredict.deploy.bench;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.deploy.replay.Recording;
import io.livepredict.streams.choice.Candidates;
import io.livepredict.streams.choice.ChoiceExamples;
import io.livepredict.streams.choice.ChoiceSettings;
import io.livepredict.streams.choice.OwnRooms;
import io.livepredict.streams.choice.RoomBoard;
import io.livepredict.streams.choice.RoomStats;
import io.livepredict.streams.ingest.Event;
import io.livepredict.trainer.ranking.Choice;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The choices of a recorded log in its order, through the classes that the streams app gathers and logs choices with. What the
 * app's tasks tell each other within a commit is known here at once.
 */
final class RoomChoices {
    private static final KindDefinition VIEWERS = KindDefinition.defaults(Kind.VIEWER);
    private static final ChoiceSettings SETTINGS = new ChoiceSettings(Set.of("JOIN"), 200, Duration.ofDays(3_650));

    /** Hears of a choice before it is counted. */
    @FunctionalInterface
    interface Listener {
        /**
         * A choice.
         *
         * @param candidates all that could be chosen; valid during the call
         * @param chosen which of them was; -1 for none
         * @param logged what is learned from
         */
        void chosen(Candidates candidates, int chosen, Choice logged);
    }

    private final Map<String, OwnRooms> people = new HashMap<>();
    private final Map<String, RoomStats> rooms = new HashMap<>();
    private final RoomBoard board = new RoomBoard();
    private final Candidates candidates = new Candidates(SETTINGS);
    private final Listener listener;
    private long choices;

    private RoomChoices(Listener listener) {
        this.listener = listener;
    }

    /** Goes through a log up to so many choices; returns how many there were. */
    static long of(Recording recording, long most, Listener listener) {
        RoomChoices all = new RoomChoices(listener);
        for (Recording.Recorded next = recording.next(); next != null && all.choices < most; next = recording.next()) {
            all.take(next.event());
        }
        return all.choices;
    }

    private void take(CanonicalEvent event) {
        String room = event.contextId();
        long time = event.timeMillis();
        if (event.type().equals("LEAVE")) {
            OwnRooms own = people.get(event.entityId());
            if (own != null) {
                own.left(room, time);
            }
        } else if (event.type().equals("JOIN")) {
            OwnRooms own = people.computeIfAbsent(event.entityId(), id -> new OwnRooms());
            candidates.gather(own, board, time);
            Event resolved = Event.of(event.entityId())
                    .context(room)
                    .id(Objects.requireNonNull(event.eventId()))
                    .at(time)
                    .type(VIEWERS.eventTypes().indexOf(event.type()))
                    .build();
            Choice logged = Objects.requireNonNull(Choice.of(ChoiceExamples.of(resolved, candidates, time)));
            listener.chosen(candidates, candidates.indexOf(room), logged);
            stats(room).arrived(time);
            if (!own.last().isEmpty()) {
                stats(own.last()).moved(room, time);
                board.put(own.last(), stats(own.last()));
            }
            board.put(room, stats(room));
            own.came(room, time);
            choices++;
        }
    }

    private RoomStats stats(String room) {
        return rooms.computeIfAbsent(room, name -> new RoomStats());
    }
}
