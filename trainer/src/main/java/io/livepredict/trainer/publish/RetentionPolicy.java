package io.livepredict.trainer.publish;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which versions are kept: the newest few, for an hour the newest of each minute, for a day the newest of each hour, for a
 * month the newest of each day, and those that are pinned or served.
 *
 * @param newest how many of the newest are kept
 * @param minutely for how long one version per minute is kept
 * @param hourly for how long one an hour is kept
 * @param daily for how long one a day is kept
 */
public record RetentionPolicy(int newest, Duration minutely, Duration hourly, Duration daily) {
    public RetentionPolicy {
        if (newest < 1) {
            throw new IllegalArgumentException("keep at least the newest version, got " + newest);
        }
    }

    /** The last 20, one a minute for an hour, one an hour for a day, one a day for 30 days. */
    public static RetentionPolicy defaults() {
        return new RetentionPolicy(20, Duration.ofHours(1), Duration.ofDays(1), Duration.ofDays(30));
    }

    /** A version and when it was made. */
    public record Made(long version, Instant createdAt) {}

    /**
     * The versions to drop, ascending.
     *
     * @param all every version there is
     * @param kept versions that stay whatever their age: pinned, served
     * @param now the present
     */
    public List<Long> dropped(Collection<Made> all, Set<Long> kept, Instant now) {
        List<Made> newestFirst = all.stream()
                .sorted(Comparator.comparingLong(Made::version).reversed())
                .toList();
        Set<Long> keep = new HashSet<>(kept);
        newestFirst.stream().limit(newest).forEach(made -> keep.add(made.version()));
        keepOneEach(newestFirst, Duration.ofMinutes(1), now.minus(minutely), keep);
        keepOneEach(newestFirst, Duration.ofHours(1), now.minus(hourly), keep);
        keepOneEach(newestFirst, Duration.ofDays(1), now.minus(daily), keep);
        return newestFirst.stream()
                .map(Made::version)
                .filter(version -> !keep.contains(version))
                .sorted()
                .toList();
    }

    private static void keepOneEach(List<Made> newestFirst, Duration period, Instant since, Set<Long> keep) {
        Set<Long> periods = new HashSet<>();
        for (Made made : newestFirst) {
            if (!made.createdAt().isBefore(since)
                    && periods.add(Math.floorDiv(made.createdAt().toEpochMilli(), period.toMillis()))) {
                keep.add(made.version());
            }
        }
    }
}
