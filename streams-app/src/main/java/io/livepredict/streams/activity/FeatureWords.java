package io.livepredict.streams.activity;

import java.util.Locale;
import java.util.regex.Pattern;

/** What features are called so that an operator who reads them as reasons understands them. */
public final class FeatureWords {
    private static final Pattern HISSING = Pattern.compile(".*(ss|x|z|ch|sh)");
    private static final Pattern CONSONANT_AND_Y = Pattern.compile(".*[^aeiou]y");
    private static final Pattern VOWEL = Pattern.compile("[aeiou].*");

    private FeatureWords() {}

    /** The name of an event type or number: {@code MATCH_START} gives "match start". */
    static String words(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** An event of that type: {@code ASSIST} gives "an assist". */
    static String one(String type) {
        String words = words(type);
        return (VOWEL.matcher(words).matches() ? "an " : "a ") + words;
    }

    /** Events of that type: {@code MATCH_START} gives "match starts". */
    public static String plural(String type) {
        String words = words(type);
        if (HISSING.matcher(words).matches()) {
            return words + "es";
        }
        if (CONSONANT_AND_Y.matcher(words).matches()) {
            return words.substring(0, words.length() - 1) + "ies";
        }
        return words.endsWith("s") ? words : words + "s";
    }

    /** Such as " in the last 5 min". */
    public static String inTheLast(long windowMillis) {
        return " in the last " + span(windowMillis);
    }

    /** A span of time: {@code 10 s}, {@code 5 min}, {@code 1.5 h}, {@code 7 d}. */
    static String span(long millis) {
        long[] units = {86_400_000L, 3_600_000L, 60_000L, 1_000L};
        String[] names = {" d", " h", " min", " s"};
        for (int i = 0; i < units.length; i++) {
            if (millis >= units[i]) {
                long tenths = Math.round(10.0 * millis / units[i]);
                return (tenths % 10 == 0 ? Long.toString(tenths / 10) : tenths / 10 + "." + tenths % 10) + names[i];
            }
        }
        return millis + " ms";
    }
}
