package io.livepredict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final StringWriter out = new StringWriter();
    private long nanos;
    private final ProgressLine line = new ProgressLine(new PrintWriter(out), "backtest", () -> nanos);

    @Test
    void shouldSayHowFarItIsAndHowLongItWillStillTake() {
        nanos = Duration.ofSeconds(30).toNanos();
        line.at(0.25, () -> "100 events");
        assertThat(out).hasToString("backtest: 25 %, 1:30 min left, 100 events" + System.lineSeparator());
        assertThat(line.seconds()).isEqualTo(30);
    }

    @Test
    void shouldSayNothingBetweenTwoLines() {
        nanos = Duration.ofSeconds(4).toNanos();
        line.at(0.5, () -> "100 events");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void shouldNotGuessFromTheFirstPercent() {
        nanos = Duration.ofSeconds(5).toNanos();
        line.at(0.009, () -> "1 event");
        assertThat(out).hasToString("backtest: 1 %, 1 event" + System.lineSeparator());
    }
}
