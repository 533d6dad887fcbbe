package io.livepredict.streams.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What goes on for long is said once and then once a minute. */
class SaidTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final List<String> said = new ArrayList<>();

    @Test
    void shouldSumUpDeadLettersByReasonOnceAMinute() {
        Map<String, Long> counts = new HashMap<>();
        DeadLetterLog log = new DeadLetterLog(() -> Map.copyOf(counts), "dead-letters", () -> now, said::add);
        log.look();
        assertThat(said).isEmpty();
        counts.put("LATE", 1L);
        log.look();
        for (int i = 0; i < 130; i++) {
            counts.merge("LATE", 2L, Long::sum);
            counts.merge("NULL_KEY", 1L, Long::sum);
            now = now.plusSeconds(1);
            log.look();
        }
        assertThat(said)
                .containsExactly(
                        "dead letters: LATE 1; they are in dead-letters",
                        "dead letters in the last 60 s: LATE 120, NULL_KEY 60; they are in dead-letters",
                        "dead letters in the last 60 s: LATE 120, NULL_KEY 60; they are in dead-letters");
    }

    @Test
    void shouldPauseLongerEachTimeAndForgetAfterAWhile() {
        long[] nanos = {0};
        Backoff backoff = new Backoff(() -> nanos[0], new Random(1));
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            pauses.add(backoff.next());
        }
        assertThat(pauses.getFirst()).isBetween(100L, 200L);
        for (int i = 0; i < 7; i++) {
            assertThat(pauses.get(i)).isBetween(100L << i, Math.min(15_000, 200L << i));
        }
        assertThat(pauses.getLast()).isBetween(7_500L, 15_000L);
        nanos[0] += 3_600_000_000_000L;
        assertThat(backoff.next()).isBetween(100L, 200L);
    }
}
