package io.livepredict.streams.activity;

import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.ingest.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/** Viewers who come and go in 50 rooms, send a heartbeat every 15 s, like and chat in between, and rarely send gifts. */
public final class SimulatedViewers {
    private SimulatedViewers() {}

    /** A stream of events of viewers in rooms, in time order. */
    public static List<Event> events(KindDefinition definition, int viewers, int count) {
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
            events.add(Event.of("viewer-" + viewer)
                    .context("room-" + room[viewer])
                    .id("event-" + events.size() + "-" + viewer)
                    .at(turn.at())
                    .type(definition.eventTypes().indexOf(type))
                    .numbers(new double[] {type.equals("GIFT") ? 1 + random.nextInt(500) : Double.NaN})
                    .attributes(new int[] {type.equals("JOIN") ? 1 + viewer % 60 : 0})
                    .build());
            if (type.equals("LEAVE")) {
                room[viewer] = 0;
            }
            turns.add(new Turn(turn.at() + pause, viewer));
        }
        return events;
    }
}
