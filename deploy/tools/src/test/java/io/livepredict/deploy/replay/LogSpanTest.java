package io.livepredict.deploy.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class LogSpanTest {
    private static final long BEGIN = Instant.parse("2026-01-31T12:00:00Z").toEpochMilli();

    @Test
    void shouldSayFromWhenToWhenAndHowMany() {
        LogSpan span = LogSpan.NONE.with(BEGIN + 5_000).with(BEGIN).with(BEGIN + 100_000);
        assertThat(span.words())
                .isEqualTo(
                        "3 events from 2026-01-31T12:00:00Z to 2026-01-31T12:01:40Z (100 s), 0.0300 per second of event"
                                + " time");
        assertThat(span.hint()).isNull();
    }

    @Test
    void shouldSaySoWhenTheUnitOfTimeLooksWrong() {
        LogSpan secondsAsMillis = LogSpan.NONE.with(BEGIN / 1_000).with(BEGIN / 1_000 + 86_400);
        assertThat(secondsAsMillis.words()).contains("1970-01-");
        assertThat(secondsAsMillis.hint()).contains("January 1970").contains("time.unit");
        LogSpan millisAsSeconds = LogSpan.NONE.with(BEGIN * 1_000).with((BEGIN + 86_400_000) * 1_000);
        assertThat(millisAsSeconds.words()).contains("the year 58,0").contains("years");
        assertThat(millisAsSeconds.hint()).contains("after 2100").contains("time.unit");
        LogSpan spreadsheet = LogSpan.NONE.with(46_082L * 86_400_000);
        assertThat(spreadsheet.words()).contains("2096-03-02");
        assertThat(spreadsheet.hint()).contains("spreadsheet").contains("time.unit");
        assertThat(LogSpan.NONE.words()).isEqualTo("no events");
        assertThat(LogSpan.NONE.hint()).isNull();
    }
}
