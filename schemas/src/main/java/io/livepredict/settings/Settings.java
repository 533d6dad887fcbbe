package io.livepredict.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Checks and words that the settings share. */
public final class Settings {
    private Settings() {}

    /**
     * Refuses a key that was left out; for the compact constructors of settings records.
     *
     * @throws IllegalArgumentException naming the key
     */
    public static void required(String key, @Nullable Object value) {
        if (value == null) {
            throw new IllegalArgumentException(key + " is missing");
        }
    }

    /** "; did you mean X?" with the nearest of the known words, or nothing when none is near. */
    public static String didYouMean(String word, Collection<String> known) {
        int bound = Math.max(1, word.length() / 3 + 1);
        return known.stream()
                .min(Comparator.comparingInt((String k) -> distance(word, k)).thenComparing(k -> k))
                .filter(k -> distance(word, k) <= bound)
                .map(k -> "; did you mean " + k + "?")
                .orElse("");
    }

    /** Levenshtein distance, blind to case and to which of - _ . separates words. */
    private static int distance(String a, String b) {
        String s = folded(a);
        String t = folded(b);
        int[] row = new int[t.length() + 1];
        for (int j = 0; j <= t.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= s.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= t.length(); j++) {
                int above = row[j];
                int substituted = diagonal + (s.charAt(i - 1) == t.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substituted, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[t.length()];
    }

    private static String folded(String word) {
        return word.toLowerCase(Locale.ROOT).replace('_', '-').replace('.', '-');
    }
}
