package io.livepredict.streams.outcome;

/**
 * Bounds of what one entity may keep waiting. A snapshot beyond them is not taken, and counted.
 *
 * @param maxOpen snapshots with a label still undecided: every event of the entity looks at these
 * @param maxPending snapshots whose horizon has not passed, decided ones included: these lie in the store
 */
public record OutcomeSettings(int maxOpen, int maxPending) {
    public OutcomeSettings {
        if (maxOpen < 1 || maxPending < maxOpen) {
            throw new IllegalArgumentException(
                    "wanted 1 <= max-open-snapshots <= max-pending-snapshots, got " + maxOpen + " and " + maxPending);
        }
    }

    /** 64 open, 4,096 pending. */
    public static OutcomeSettings defaults() {
        return new OutcomeSettings(64, 4_096);
    }

    /** So many open, and the default pending, or as many where that is less. */
    public static OutcomeSettings open(int maxOpen) {
        return new OutcomeSettings(maxOpen, Math.max(maxOpen, defaults().maxPending));
    }
}
