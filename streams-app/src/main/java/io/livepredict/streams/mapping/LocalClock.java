package io.livepredict.streams.mapping;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import java.util.List;
import java.util.OptionalLong;

/**
 * Turns local times of one zone into instants, also in the hour that is there twice when clocks go back. Which of the two is
 * meant: in a topic the later one, unless that would be after the record's own timestamp; in a log, whose rows are in order,
 * the first one until its times go back. A time that clocks skip counts on from the time before. Not safe for use from several
 * threads.
 */
final class LocalClock {
    private static final long STAMP_AHEAD_MILLIS = Duration.ofMinutes(1).toMillis();

    private final ZoneRules rules;
    private final long disorderMillis;
    private long latestMillis = Long.MIN_VALUE;

    /** @param disorder by how much rows of a log may be out of order */
    LocalClock(ZoneId zone, Duration disorder) {
        rules = zone.getRules();
        disorderMillis = disorder.toMillis();
    }

    /**
     * The instant of a local time, epoch milliseconds.
     *
     * @param stampMillis the record's timestamp; empty for a row of a log
     */
    long millis(LocalDateTime local, OptionalLong stampMillis) {
        List<ZoneOffset> offsets = rules.getValidOffsets(local);
        ZoneOffset first = offsets.isEmpty() ? rules.getTransition(local).getOffsetBefore() : offsets.get(0);
        long millis = millis(local, first);
        if (offsets.size() > 1) {
            long later = millis(local, offsets.get(1));
            boolean isLater = stampMillis.isPresent()
                    ? later <= stampMillis.getAsLong() + STAMP_AHEAD_MILLIS
                    : latestMillis != Long.MIN_VALUE && millis < latestMillis - disorderMillis;
            millis = isLater ? later : millis;
        }
        latestMillis = Math.max(latestMillis, millis);
        return millis;
    }

    private static long millis(LocalDateTime local, ZoneOffset offset) {
        return local.toInstant(offset).toEpochMilli();
    }
}
