package io.livepredict.streams.outcome;

import java.time.Instant;
import java.util.List;

/**
 * Bounds of what one entity may keep waiting. A snapshot beyond them is not taken, and counted.
 *
 * @param maxOpen snapshots with a label still undecided: every event of the entity looks at these
 * @param maxPending snapshots whose horizon has not passed, decided ones included: these lie in the store
 * @param renamings when entities get other ids, event time: what happens after one can't be told of who was known before it
 */
public record OutcomeSettings(int maxOpen, int maxPending, List<Instant> renamings) {
    public OutcomeSettings {
        renamings = List.copyOf(renamings);
        if (maxOpen < 1 || maxPending < maxOpen) {
            throw new IllegalArgumentException(
                    "wanted 1 <= max-open-snapshots <= max-pending-snapshots, got " + maxOpen + " and " + maxPending);
        }
    }

    /** Without renamings. */
    public OutcomeSettings(int maxOpen, int maxPending) {
        this(maxOpen, maxPending, List.of());
    }

    /** 64 open, 4,096 pending. */
    public static OutcomeSettings defaults() {
        return new OutcomeSettings(64, 4_096);
    }

    /** So many open, and the default pending, or as many where that is less. */
    public static OutcomeSettings open(int maxOpen) {
        return new OutcomeSettings(maxOpen, Math.max(maxOpen, defaults().maxPending));
    }

    /** The same, with such renamings. */
    public OutcomeSettings with(List<Instant> others) {
        return new OutcomeSettings(maxOpen, maxPending, others);
    }

    /** Whether entities get other ids after a moment and up to another one. */
    boolean isRenamed(long afterMillis, long untilMillis) {
        for (int i = 0; i < renamings.size(); i++) {
            long at = renamings.get(i).toEpochMilli();
            if (afterMillis < at && at <= untilMillis) {
                return true;
            }
        }
        return false;
    }
}
