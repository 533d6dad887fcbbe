package io.livepredict.streams.output;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How many predictions of each target a task has withheld since it began, so that it can be shown that none is missing. It
 * is stored with each commit and so is exact through crashes. Written as text, a line each, {@code leave-30s 1234}: reports
 * read it from the changelog.
 */
public final class WithheldTally {
    private final Map<String, Long> counts = new TreeMap<>();
    private boolean changed;

    /** @param stored what {@link #write} gave; null for nothing so far */
    public WithheldTally(byte @Nullable [] stored) {
        if (stored != null) {
            new String(stored, StandardCharsets.UTF_8).lines().forEach(line -> {
                int space = line.lastIndexOf(' ');
                counts.put(line.substring(0, space), Long.parseLong(line.substring(space + 1)));
            });
        }
    }

    void add(String target) {
        counts.merge(target, 1L, Long::sum);
        changed = true;
    }

    /** Whether it differs from what was written last. */
    public boolean isChanged() {
        return changed;
    }

    /** All of it, to be stored. */
    public byte[] write() {
        changed = false;
        StringBuilder lines = new StringBuilder();
        counts.forEach((target, count) ->
                lines.append(target).append(' ').append(count).append('\n'));
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }
}
