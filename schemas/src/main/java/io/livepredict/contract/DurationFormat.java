package io.livepredict.contract;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Durations as configuration files and command lines write them: {@code 250ms}, {@code 30s}, {@code 5m}, {@code 2h},
 * {@code 10d}.
 */
public final class DurationFormat {
    private static final Pattern FORM = Pattern.compile("(\\d{1,15})(ms|s|m|h|d)");

    private DurationFormat() {}

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException with a message for a person if the text is not one
     */
    public static Duration parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text
                    + "' is not a duration: write a whole number and a unit, such as 250ms, 30s, 5m, 2h or 10d");
        }
        long number = Long.parseLong(matcher.group(1));
        try {
            return Duration.ofMillis(Math.multiplyExact(number, millis(matcher.group(2))));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is too long a duration", e);
        }
    }

    /** Writes a duration in the largest unit that leaves no remainder; {@link #parse} reads it back, to the millisecond. */
    public static String format(Duration duration) {
        long millis = duration.toMillis();
        for (String unit : new String[] {"d", "h", "m", "s"}) {
            if (millis != 0 && millis % millis(unit) == 0) {
                return millis / millis(unit) + unit;
            }
        }
        return millis == 0 ? "0s" : millis + "ms";
    }

    /** Writes several durations, as a list in a configuration: {@code [10s, 1m]}. */
    public static String format(List<Duration> durations) {
        return durations.stream().map(DurationFormat::format).collect(Collectors.joining(", ", "[", "]"));
    }

    private static long millis(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            default -> throw new IllegalStateException("no such unit: " + unit);
        };
    }
}
