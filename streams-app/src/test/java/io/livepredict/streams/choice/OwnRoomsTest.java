package io.livepredict.streams.choice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OwnRoomsTest {
    private record Step(String room, boolean comes, long timeMillis) {
        void take(OwnRooms own) {
            if (comes) {
                own.came(room, timeMillis);
            } else {
                own.left(room, timeMillis);
            }
        }
    }

    @Test
    void shouldEndUpInTheSameRoomsInWhateverOrderItHears() {
        Random random = new Random(3);
        int late = 0;
        for (int round = 0; round < 300; round++) {
            // Each room is known: a leave of a room that nothing was heard of is not kept.
            List<Step> first = List.of(new Step("a", true, 0), new Step("b", true, 1), new Step("c", true, 2));
            List<Step> steps = new ArrayList<>();
            for (int time = 3; time < 12; time++) {
                steps.add(new Step(List.of("a", "b", "c").get(random.nextInt(3)), random.nextBoolean(), time));
            }
            OwnRooms inOrder = after(first, steps);
            List<Step> shuffled = new ArrayList<>(steps);
            Collections.shuffle(shuffled, random);
            late += shuffled.equals(steps) ? 0 : 1;
            OwnRooms own = after(first, shuffled);

            assertThat(own.last()).as("%s", shuffled).isEqualTo(inOrder.last());
            for (Step each : first) {
                OwnRooms.Visits visits = Objects.requireNonNull(own.of(each.room()));
                OwnRooms.Visits expected = Objects.requireNonNull(inOrder.of(each.room()));
                assertThat(List.of(visits.count, visits.lastMillis, visits.leftMillis))
                        .as("%s: %s", each.room(), shuffled)
                        .isEqualTo(List.of(expected.count, expected.lastMillis, expected.leftMillis));
            }
        }
        assertThat(late).isGreaterThan(250);
    }

    @Test
    void shouldNotSayThatSomebodyWentOnToARoomItWasInBefore() {
        OwnRooms own = after(List.of(), List.of(new Step("a", true, 5), new Step("b", true, 3)));

        assertThat(own.last()).isEqualTo("a");
        assertThat(Objects.requireNonNull(own.of("a")).next).isEmpty();
        own.came("c", 6);
        assertThat(Objects.requireNonNull(own.of("a")).next).isEqualTo("c");
    }

    private static OwnRooms after(List<Step> first, List<Step> then) {
        OwnRooms own = new OwnRooms();
        first.forEach(step -> step.take(own));
        then.forEach(step -> step.take(own));
        return own;
    }
}
