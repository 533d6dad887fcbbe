package io.livepredict.deploy.replay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * From when to when the events of a log are: what shows a wrong unit of time at a glance.
 *
 * @param events how many
 * @param firstMillis the earliest event time, epoch milliseconds
 * @param lastMillis the latest one
 */
public record LogSpan(long events, long firstMillis, long lastMillis) {
    static final LogSpan NONE = new LogSpan(0, Long.MAX_VALUE, Long.MIN_VALUE);

    private static final long END_OF_JANUARY_1970 = millis(1970, 2);
    /** A log of events before this is rare, one of times in a unit that is too small is not. */
    private static final long EARLY = millis(1980, 1);

    private static final long LATE = millis(2100, 1);
    private static final long FUTURE = millis(2070, 1);
    private static final long LAST_PRINTABLE = millis(9999, 12);

    LogSpan with(long millis) {
        return new LogSpan(events + 1, Math.min(firstMillis, millis), Math.max(lastMillis, millis));
    }

    /** In words: how many events, from when to when, how long, how many per second of event time. */
    public String words() {
        if (events == 0) {
            return "no events";
        }
        double seconds = seconds();
        return String.format(
                Locale.ROOT,
                "%,d events from %s to %s (%s)%s",
                events,
                time(firstMillis),
                time(lastMillis),
                length(seconds),
                seconds > 0 ? String.format(Locale.ROOT, ", %s per second of event time", rate(events / seconds)) : "");
    }

    /** What is probably wrong with the unit of time; null if the times look like those of a log. */
    public @Nullable String hint() {
        if (events == 0) {
            return null;
        }
        if (lastMillis < END_OF_JANUARY_1970) {
            return "all times are in January 1970 or before: seconds that are read as milliseconds look like that;"
                    + " see time.unit in the mapping";
        }
        if (lastMillis < EARLY) {
            return "all times are before 1980: a unit that is too small looks like that; see time.unit in the mapping";
        }
        if (lastMillis > LATE) {
            return "times are after 2100: milliseconds that are read as seconds look like that; see time.unit in the"
                    + " mapping";
        }
        if (firstMillis > FUTURE) {
            return "times are after 2070: a spreadsheet's days, which count from 1899-12-30, look like that when they are read"
                    + " as days since 1970; export the column as text, and see time.unit in the mapping";
        }
        return null;
    }

    /** Lays it into a report. */
    public void put(ObjectNode json) {
        json.put("span", words());
        if (events > 0 && seconds() > 0) {
            json.put("seconds_of_event_time", seconds());
        }
        String hint = hint();
        if (hint != null) {
            json.put("hint", hint);
        }
    }

    private double seconds() {
        return (lastMillis - firstMillis) / 1e3;
    }

    private static String rate(double perSecond) {
        return String.format(Locale.ROOT, perSecond < 10 ? "%.3g" : "%,.0f", perSecond);
    }

    private static String time(long millis) {
        return millis > LAST_PRINTABLE || millis < -LAST_PRINTABLE
                ? String.format(Locale.ROOT, "the year %,d", 1970 + Math.round(millis / 31_556_952_000.0))
                : Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String length(double seconds) {
        if (seconds < 120) {
            return String.format(Locale.ROOT, "%.0f s", seconds);
        }
        Duration length = Duration.ofMillis((long) (seconds * 1e3));
        if (length.toHours() < 3) {
            return length.toMinutes() + " minutes";
        }
        if (length.toDays() < 3) {
            return length.toHours() + " hours";
        }
        return length.toDays() < 1_000
                ? length.toDays() + " days"
                : String.format(Locale.ROOT, "%,d years", Math.round(length.toDays() / 365.25));
    }

    private static long millis(int year, int month) {
        return LocalDate.of(year, month, 1)
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant()
                .toEpochMilli();
    }
}
