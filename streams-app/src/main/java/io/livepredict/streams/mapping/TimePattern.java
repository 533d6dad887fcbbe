package io.livepredict.streams.mapping;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pattern of {@link DateTimeFormatter}, read as people mean it: in any case, names of months and days long or short, AM and
 * PM, a date alone as its midnight, a quoted {@code 'Z'}, {@code 'UTC'} or {@code 'GMT'} as that zone, and weeks by ISO 8601
 * where the locale names no country. Immutable.
 */
final class TimePattern {
    private static final String TIME_LETTERS = "hHkKmsSAnNaB";
    private static final String ZONE_LETTERS = "VvzOXxZ";
    /** Shows what a pattern can tell: a Monday with another day, month, hour, minute, second and thousandth each. */
    private static final ZonedDateTime SAMPLE =
            ZonedDateTime.of(2024, 3, 4, 13, 10, 11, 123_000_000, ZoneId.of("Europe/Berlin"));

    private final DateTimeFormatter formatter;
    private final boolean spacesMatter;
    private final boolean saysUtc;
    private final List<String> hints = new ArrayList<>();

    private TimePattern(String pattern, Locale locale) {
        Letters letters = Letters.of(pattern);
        spacesMatter = letters.count('p') > 0;
        saysUtc = letters.anyOf(ZONE_LETTERS) == 0 && letters.quoted().stream().anyMatch(TimePattern::isUtc);
        formatter = formatter(spacesMatter ? pattern : withSingleSpaces(pattern), locale);
        check(pattern, letters, locale);
        String unquoted = pattern.replaceAll("'[^']*'", "");
        if (unquoted.chars().filter(sign -> sign == '[').count()
                > unquoted.chars().filter(sign -> sign == ']').count()) {
            hints.add(
                    "time.pattern '" + pattern + "' has a [ that no ] closes: it begins a part that may be missing; the"
                            + " sign itself is written '['");
        }
        if (letters.count('a') > 0 && letters.count('H') > 0) {
            hints.add("time.pattern '" + pattern
                    + "' has HH, the hour of the day from 0 to 23, beside AM or PM: from 1 to 12 it is hh");
        }
    }

    /**
     * Makes one.
     *
     * @param locale of names, such as {@code de} or {@code pt-BR}; English if null
     * @throws IllegalArgumentException in one line, if the pattern is none, if no text can give a time by it, or the locale is
     *     not known
     */
    static TimePattern of(String pattern, @Nullable String locale) {
        Locale names = locale(locale);
        try {
            return new TimePattern(pattern, names);
        } catch (IllegalArgumentException e) {
            String reason = String.valueOf(e.getMessage());
            throw new IllegalArgumentException(
                    "pattern '" + pattern + "': " + reason
                            + (reason.startsWith("Unknown pattern letter")
                                    ? "; what stands for itself is put in quotes, such as 'T'"
                                    : ""),
                    e);
        }
    }

    private static Locale locale(@Nullable String tag) {
        Locale locale = tag == null ? Locale.ENGLISH : Locale.forLanguageTag(tag.replace('_', '-'));
        boolean known = List.of(Locale.getAvailableLocales()).contains(locale);
        if (!known || locale.getLanguage().isEmpty()) {
            throw new IllegalArgumentException(
                    "locale '" + tag + "' is not known: write a language such as de, or pt-BR with the country");
        }
        return locale.getCountry().isEmpty()
                ? new Locale.Builder()
                        .setLocale(locale)
                        .setUnicodeLocaleKeyword("rg", "gbzzzz")
                        .build()
                : locale;
    }

    /** What may be meant otherwise. */
    List<String> hints() {
        return List.copyOf(hints);
    }

    /** A time as a text tells it: with the zone that the text names, or null. */
    record Written(LocalDateTime local, @Nullable ZoneId zone) {}

    /**
     * Reads a text.
     *
     * @throws DateTimeException if it does not fit
     */
    Written read(String text) {
        TemporalAccessor parsed = formatter.parse(spacesMatter ? text : withSingleSpaces(text));
        LocalDate date = parsed.query(TemporalQueries.localDate());
        LocalTime time = parsed.query(TemporalQueries.localTime());
        if (date == null || time == null && hasTime(parsed)) {
            throw new DateTimeException("no whole time");
        }
        return new Written(
                date.atTime(time == null ? LocalTime.MIDNIGHT : time),
                saysUtc ? ZoneOffset.UTC : parsed.query(TemporalQueries.zone()));
    }

    private static boolean hasTime(TemporalAccessor parsed) {
        return parsed.isSupported(ChronoField.HOUR_OF_AMPM)
                || parsed.isSupported(ChronoField.HOUR_OF_DAY)
                || parsed.isSupported(ChronoField.MINUTE_OF_HOUR)
                || parsed.isSupported(ChronoField.SECOND_OF_MINUTE)
                || parsed.isSupported(ChronoField.AMPM_OF_DAY);
    }

    private void check(String pattern, Letters letters, Locale locale) {
        if (letters.count('M') + letters.count('L') > 1) {
            throw new IllegalArgumentException("MM, the month, is there twice: minutes are mm");
        }
        if (letters.count('D') > 0 && letters.count('M') + letters.count('L') > 0) {
            throw new IllegalArgumentException("DD is the day of the year: the day of the month is dd");
        }
        String sample = DateTimeFormatter.ofPattern(pattern, locale).format(SAMPLE);
        TemporalAccessor parsed;
        try {
            parsed = formatter.parse(spacesMatter ? sample : withSingleSpaces(sample));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("what it writes, " + sample + ", can't be read by it", e);
        }
        if (parsed.query(TemporalQueries.localDate()) == null) {
            throw new IllegalArgumentException("gives no date"
                    + (letters.count('Y') > 0 && letters.count('y') + letters.count('u') == 0
                            ? ": YYYY is the year of a week, the year is yyyy"
                            : letters.count('m') > 0 && letters.count('M') + letters.count('L') == 0
                                    ? ": mm is minutes, months are MM"
                                    : ": year, month and day are needed, such as yyyy-MM-dd"));
        }
        if (letters.anyOf(TIME_LETTERS) > 0 && parsed.query(TemporalQueries.localTime()) == null) {
            throw new IllegalArgumentException("gives no time of day"
                    + (letters.count('h') + letters.count('K') > 0
                            ? ": hh goes up to 12 and needs AM or PM, such as hh:mm a; HH goes up to 23"
                            : letters.count('S') > 0 && letters.count('s') == 0
                                    ? ": SS is a fraction of a second, seconds are ss"
                                    : ": hour, then minute, then second are needed, such as HH:mm:ss"));
        }
    }

    private static DateTimeFormatter formatter(String pattern, Locale locale) {
        DateTimeFormatterBuilder builder = new DateTimeFormatterBuilder().parseCaseInsensitive();
        StringBuilder plain = new StringBuilder();
        int at = 0;
        while (at < pattern.length()) {
            char c = pattern.charAt(at);
            int end = c == '\'' ? Letters.quoteEnd(pattern, at) : Letters.runEnd(pattern, at);
            String run = pattern.substring(at, end);
            boolean name = run.length() >= 3 && "MLEc".indexOf(c) >= 0 || c == 'E';
            if (name || c == 'a') {
                builder.appendPattern(plain.toString());
                plain.setLength(0);
                if (c == 'a') {
                    appendHalves(builder, locale);
                } else {
                    boolean dotFollows = end < pattern.length() && pattern.charAt(end) == '.';
                    appendNames(builder, c == 'M' || c == 'L' ? monthNames(locale) : dayNames(locale), !dotFollows);
                }
            } else {
                plain.append(run);
            }
            at = end;
        }
        return builder.appendPattern(plain.toString()).toFormatter(locale);
    }

    private static void appendHalves(DateTimeFormatterBuilder builder, Locale locale) {
        Set<List<String>> halves = new LinkedHashSet<>();
        DateTimeFormatter own = DateTimeFormatter.ofPattern("a", locale);
        halves.add(List.of(own.format(LocalTime.of(1, 0)), own.format(LocalTime.of(13, 0))));
        halves.add(List.of("AM", "PM"));
        halves.add(List.of("a.m.", "p.m."));
        for (List<String> pair : halves) {
            builder.optionalStart()
                    .appendText(ChronoField.AMPM_OF_DAY, Map.of(0L, pair.get(0), 1L, pair.get(1)))
                    .optionalEnd();
        }
    }

    private record Names(ChronoField field, Set<Map<Long, String>> styles) {}

    private static Names monthNames(Locale locale) {
        Set<Map<Long, String>> styles = new LinkedHashSet<>();
        for (TextStyle style :
                List.of(TextStyle.FULL, TextStyle.FULL_STANDALONE, TextStyle.SHORT, TextStyle.SHORT_STANDALONE)) {
            Map<Long, String> names = new LinkedHashMap<>();
            for (Month month : Month.values()) {
                names.put((long) month.getValue(), month.getDisplayName(style, locale));
            }
            addWithShorter(styles, names);
        }
        Set<Map<Long, String>> all = new LinkedHashSet<>();
        styles.stream().limit(2).forEach(all::add);
        if (locale.getLanguage().equals("en")) {
            all.add(Map.of(9L, "Sept"));
        }
        all.addAll(styles);
        return new Names(ChronoField.MONTH_OF_YEAR, all);
    }

    private static Names dayNames(Locale locale) {
        Set<Map<Long, String>> styles = new LinkedHashSet<>();
        for (TextStyle style :
                List.of(TextStyle.FULL, TextStyle.FULL_STANDALONE, TextStyle.SHORT, TextStyle.SHORT_STANDALONE)) {
            Map<Long, String> names = new LinkedHashMap<>();
            for (DayOfWeek day : DayOfWeek.values()) {
                names.put((long) day.getValue(), day.getDisplayName(style, locale));
            }
            addWithShorter(styles, names);
        }
        return new Names(ChronoField.DAY_OF_WEEK, styles);
    }

    /** Adds names, and the same without the dot that some languages put after short ones, and their first three letters. */
    private static void addWithShorter(Set<Map<Long, String>> styles, Map<Long, String> names) {
        Map<Long, String> bare = new LinkedHashMap<>();
        Map<Long, String> three = new LinkedHashMap<>();
        names.forEach((value, name) -> {
            String without = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
            bare.put(value, without);
            three.put(value, without.substring(0, Math.min(3, without.length())));
        });
        for (Map<Long, String> style : List.of(bare, three)) {
            if (Set.copyOf(style.values()).size() == style.size()) {
                styles.add(style);
            }
        }
    }

    /** The longest forms first, since one that has matched is not taken back; a dot may follow. */
    private static void appendNames(DateTimeFormatterBuilder builder, Names names, boolean dotMayFollow) {
        names.styles().stream()
                .sorted((a, b) -> Integer.compare(length(b), length(a)))
                .forEach(style ->
                        builder.optionalStart().appendText(names.field(), style).optionalEnd());
        if (dotMayFollow) {
            builder.optionalStart().appendLiteral('.').optionalEnd();
        }
    }

    private static int length(Map<Long, String> style) {
        return style.values().stream().mapToInt(String::length).sum() / style.size();
    }

    private static boolean isUtc(String literal) {
        return switch (literal.strip()) {
            case "Z", "UTC", "GMT" -> true;
            default -> false;
        };
    }

    /** Programs pad days with a second space and put narrow or unbreakable ones before AM and PM; all mean one space. */
    private static String withSingleSpaces(String text) {
        boolean plain = true;
        for (int i = 0; i < text.length() && plain; i++) {
            char c = text.charAt(i);
            plain = c != '\t' && c < '\u00A0' && !(c == ' ' && i > 0 && text.charAt(i - 1) == ' ');
        }
        return plain ? text : text.replaceAll("[\\s\\h]+", " ");
    }

    /** The letters of a pattern outside of quotes, in runs, and what is quoted. */
    private record Letters(List<String> runs, List<String> quoted) {
        static Letters of(String pattern) {
            List<String> runs = new ArrayList<>();
            List<String> quoted = new ArrayList<>();
            int at = 0;
            while (at < pattern.length()) {
                boolean quote = pattern.charAt(at) == '\'';
                int end = quote ? quoteEnd(pattern, at) : runEnd(pattern, at);
                if (quote) {
                    quoted.add(pattern.substring(at + 1, Math.max(at + 1, end - 1)));
                } else {
                    runs.add(pattern.substring(at, end));
                }
                at = end;
            }
            return new Letters(runs, quoted);
        }

        static int quoteEnd(String pattern, int at) {
            int close = pattern.indexOf('\'', at + 1);
            return close < 0 ? pattern.length() : close + 1;
        }

        static int runEnd(String pattern, int at) {
            int end = at + 1;
            while (end < pattern.length() && pattern.charAt(end) == pattern.charAt(at)) {
                end++;
            }
            return end;
        }

        /** In how many places that letter stands. */
        int count(char letter) {
            return (int) runs.stream().filter(run -> run.charAt(0) == letter).count();
        }

        int anyOf(String letters) {
            return (int) runs.stream()
                    .filter(run -> letters.indexOf(run.charAt(0)) >= 0)
                    .count();
        }
    }
}
