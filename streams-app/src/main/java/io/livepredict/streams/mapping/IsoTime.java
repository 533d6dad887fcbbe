package io.livepredict.streams.mapping;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.IsoFields;
import java.util.List;

/**
 * Reads ISO 8601 (calendar, ordinal and week dates, extended and basic, fractions after a dot or a comma), RFC 3339, and what
 * databases and JSON libraries write of it: a space for the T, an offset of hours alone or without a colon, a space before it,
 * {@code UTC} or the name of a zone, a date alone as its midnight, a list of numbers from the year on.
 */
final class IsoTime {
    private static final int NANOS_DIGITS = 9;

    private final String text;
    private int at;

    private IsoTime(String text) {
        this.text = text;
    }

    /**
     * Reads a text.
     *
     * @throws DateTimeException if it is none of these
     */
    static TimePattern.Written read(String text) {
        return new IsoTime(text).all();
    }

    /** Reads {@code [2024, 1, 31, 12, 0, 4, 123000000]}: as many as there are, the date at least. */
    static TimePattern.Written read(List<?> numbers) {
        int[] part = {0, 1, 1, 0, 0, 0, 0};
        if (numbers.size() < 3 || numbers.size() > part.length) {
            throw new DateTimeException("3 to 7 numbers are needed");
        }
        for (int i = 0; i < numbers.size(); i++) {
            if (!(numbers.get(i) instanceof Number number)) {
                throw new DateTimeException("a part is not a number");
            }
            part[i] = number.intValue();
        }
        return new TimePattern.Written(
                LocalDateTime.of(part[0], part[1], part[2], part[3], part[4], part[5], part[6]), null);
    }

    private TimePattern.Written all() {
        LocalDate date = date();
        if (at == text.length()) {
            return new TimePattern.Written(date.atStartOfDay(), null);
        }
        if (peek() != 'T' && peek() != 't' && peek() != ' ' && peek() != '_') {
            throw fault();
        }
        at++;
        while (peek() == ' ') {
            at++;
        }
        LocalDateTime local = time(date);
        return new TimePattern.Written(local, zone());
    }

    private LocalDate date() {
        int year = digits(4);
        boolean extended = skip('-');
        if (peek() == 'W' || peek() == 'w') {
            at++;
            int week = digits(2);
            boolean day = extended ? skip('-') : isDigit(at);
            int dayOfWeek = day ? digits(1) : 1;
            return LocalDate.of(year, 1, 4)
                    .with(IsoFields.WEEK_OF_WEEK_BASED_YEAR, week)
                    .with(java.time.temporal.ChronoField.DAY_OF_WEEK, dayOfWeek);
        }
        int digits = run();
        if (digits == 3) {
            return LocalDate.ofYearDay(year, digits(3));
        }
        int month = digits(2);
        if (extended && !skip('-')) {
            throw fault();
        }
        return LocalDate.of(year, month, digits(2));
    }

    private LocalDateTime time(LocalDate date) {
        int hour = digits(2);
        int minute = 0;
        int second = 0;
        if (skip(':')) {
            minute = digits(2);
            second = skip(':') ? digits(2) : 0;
        } else if (isDigit(at)) {
            minute = digits(2);
            second = isDigit(at) ? digits(2) : 0;
        }
        int nanos = 0;
        if ((peek() == '.' || peek() == ',') && isDigit(at + 1)) {
            at++;
            nanos = fraction();
        }
        boolean leap = second == 60;
        boolean midnight = hour == 24 && minute == 0 && second == 0 && nanos == 0;
        LocalDateTime local =
                LocalDateTime.of(date, LocalTime.of(midnight ? 0 : hour, minute, leap ? 59 : second, nanos));
        return midnight ? local.plusDays(1) : leap ? local.plusSeconds(1) : local;
    }

    private int fraction() {
        int nanos = 0;
        int count = 0;
        for (; isDigit(at); at++) {
            if (count < NANOS_DIGITS) {
                nanos = nanos * 10 + (text.charAt(at) - '0');
                count++;
            }
        }
        for (; count < NANOS_DIGITS; count++) {
            nanos *= 10;
        }
        return nanos;
    }

    @org.jspecify.annotations.Nullable
    private ZoneId zone() {
        while (peek() == ' ') {
            at++;
        }
        if (at == text.length()) {
            return null;
        }
        char c = peek();
        if (c == '+' || c == '-' || c == '\u2212') {
            at++;
            int sign = c == '+' ? 1 : -1;
            int hours = digits(2);
            int minutes = 0;
            int seconds = 0;
            if (skip(':') || isDigit(at)) {
                minutes = digits(2);
                if (skip(':') || isDigit(at)) {
                    seconds = digits(2);
                }
            }
            if (peek() == '[' && text.endsWith("]")) { // as java.time writes it: the offset decides
                at = text.length();
            }
            if (at != text.length()) {
                throw fault();
            }
            return ZoneOffset.ofHoursMinutesSeconds(sign * hours, sign * minutes, sign * seconds);
        }
        String name = text.substring(at);
        if (name.length() > 1 && (name.charAt(0) == 'Z' || name.charAt(0) == 'z') && name.charAt(1) == '[') {
            return ZoneOffset.UTC;
        }
        if (name.equalsIgnoreCase("Z") || name.equalsIgnoreCase("UTC") || name.equalsIgnoreCase("GMT")) {
            return ZoneOffset.UTC;
        }
        return ZoneId.of(name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name);
    }

    private int digits(int count) {
        int value = 0;
        for (int i = 0; i < count; i++, at++) {
            if (!isDigit(at)) {
                throw fault();
            }
            value = value * 10 + (text.charAt(at) - '0');
        }
        return value;
    }

    /** How many digits follow. */
    private int run() {
        int end = at;
        while (isDigit(end)) {
            end++;
        }
        return end - at;
    }

    private boolean isDigit(int index) {
        return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private boolean skip(char c) {
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    private DateTimeException fault() {
        return new DateTimeException("unexpected at " + at);
    }
}
