package io.livepredict.streams.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PseudonymMarkTest {
    private static final Instant JUNE = Instant.parse("2026-06-01T00:00:00Z");
    private static final Instant JULY = Instant.parse("2026-07-01T00:00:00Z");
    private static final Duration KEPT = Duration.ofDays(10);

    /** The keys by name, the first from ever on. */
    private static PseudonymMark keys(String first, Object... laterKeysAndTheirTimes) {
        List<Pseudonyms.Epoch> epochs = new ArrayList<>(List.of(epoch(Instant.MIN, first)));
        for (int i = 0; i < laterKeysAndTheirTimes.length; i += 2) {
            epochs.add(epoch((Instant) laterKeysAndTheirTimes[i], (String) laterKeysAndTheirTimes[i + 1]));
        }
        return new Pseudonyms(epochs).mark();
    }

    private static Pseudonyms.Epoch epoch(Instant from, String key) {
        return Pseudonyms.Epoch.of(from, key.getBytes(StandardCharsets.UTF_8));
    }

    private static String refusal(PseudonymMark own, PseudonymMark before, Instant now) {
        return own.after(before, now, KEPT).refusal().orElse("");
    }

    @Test
    void shouldBeReadAsItWasWrittenWithoutTheKeys() {
        PseudonymMark mark = keys("secret-a", JUNE, "secret-b");

        assertThat(PseudonymMark.read(mark.text())).contains(mark);
        assertThat(mark.text())
                .matches("-=[0-9a-f]{8};2026-06-01T00:00:00Z=[0-9a-f]{8}")
                .doesNotContain("secret");
        for (String none : new String[] {"", "x", "-", "x=1", ";", "-=1;2026=2"}) {
            assertThat(PseudonymMark.read(none)).as(none).isEmpty();
        }
    }

    @Test
    void shouldRefuseAnotherKeyForThePresent() {
        assertThat(refusal(keys("a"), keys("a"), JUNE)).isEmpty();
        assertThat(refusal(keys("b"), keys("a"), JUNE))
                .contains("another one", "put the former key file back", "pseudonyms.epochs");
        assertThat(refusal(keys("a", JUNE, "x"), keys("a", JUNE, "b"), JULY)).contains("another one");
    }

    @Test
    void shouldTakeAnEpochThatLiesAheadAndRefuseOneThatHasBegunUnseen() {
        assertThat(refusal(keys("a", JULY, "b"), keys("a"), JUNE)).isEmpty();
        assertThat(refusal(keys("a", JULY, "c"), keys("a", JULY, "b"), JUNE))
                .as("not begun, may change")
                .isEmpty();
        assertThat(refusal(keys("a", JULY, "b"), keys("a", JULY, "b"), JULY)).isEmpty();
        assertThat(refusal(keys("a", JUNE, "b"), keys("a"), JULY)).contains("has begun already", "let from lie ahead");
    }

    @Test
    void shouldMissAFormerKeyUntilWhatItStandsForHasExpired() {
        PseudonymMark before = keys("a", JUNE, "b");
        PseudonymMark without = keys("b");

        assertThat(without.after(before, JUNE.plus(Duration.ofDays(9)), KEPT)).satisfies(difference -> {
            assertThat(difference.refusal()).isEmpty();
            assertThat(difference.hints())
                    .singleElement()
                    .asString()
                    .contains("until 2026-06-01T00:00:00Z", "leave the key in pseudonyms until 2026-06-11T00:00:00Z");
        });
        assertThat(without.after(before, JUNE.plus(Duration.ofDays(10)), KEPT).hints())
                .isEmpty();
        assertThat(before.after(before, JUNE.plus(Duration.ofDays(9)), KEPT).hints())
                .isEmpty();
        assertThat(refusal(without, before, JUNE.minusSeconds(1)))
                .as("the former key still counts")
                .contains("another one");
    }
}
