package io.livepredict.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepeatLogTest {
    private final List<String> lines = new ArrayList<>();
    private Instant now = Instant.EPOCH;
    private final RepeatLog log = new RepeatLog(lines::add, () -> now);

    private void pass(Duration duration) {
        now = now.plus(duration);
    }

    @Test
    void shouldSayTheFirstAtOnceAndSumUpTheOthersOnceAMinute() {
        for (int i = 1; i <= 100; i++) {
            log.say("refused", "version " + i + " is refused");
            log.sumUp();
            pass(Duration.ofMillis(500));
        }
        assertThat(lines).containsExactly("version 1 is refused");
        pass(Duration.ofSeconds(10));
        log.sumUp();
        assertThat(lines).containsExactly("version 1 is refused", "version 100 is refused (99 times more in 60 s)");
    }

    @Test
    void shouldTellThingsApart() {
        log.say("a", "first a");
        log.say("b", "first b");
        log.say("a", "second a");
        pass(Duration.ofSeconds(61));
        log.say("c", "first c");
        assertThat(lines).containsExactly("first a", "first b", "second a (1 time more in 61 s)", "first c");
    }

    @Test
    void shouldSayAtOnceAgainWhatHasNotHappenedForAMinute() {
        log.say("a", "first");
        pass(Duration.ofSeconds(60));
        log.sumUp();
        log.say("a", "again");
        assertThat(lines).containsExactly("first", "again");
    }

    @Test
    void shouldCountWhatIsBeyondAHundredThingsAsOne() {
        for (int i = 0; i < 10_000; i++) {
            log.say("thing " + i, "line " + i);
        }
        assertThat(lines).hasSize(101);
        pass(Duration.ofMinutes(1));
        log.sumUp();
        assertThat(lines).hasSize(102).last().isEqualTo("line 9999 (9899 times more in 60 s)");
    }
}
