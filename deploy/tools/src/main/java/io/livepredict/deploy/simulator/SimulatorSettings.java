package io.livepredict.deploy.simulator;

import io.livepredict.contract.Target;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a simulated platform is made from; equal settings give equal events.
 *
 * @param seed of everything that is drawn
 * @param startMillis event time of the first tick, epoch milliseconds; part of every event id, so that a later run on
 *     the same topics has ids of its own
 * @param eventsPerSecond long-run average over both kinds; sets how many viewers and players there are
 * @param playerShare of those events that are players'
 * @param rooms live rooms
 * @param arenas in which matches are played one after another
 * @param driftAt when, after the start, the rates change; null for never
 * @param silences whether entities are also silent for a while, or go without a word: what a silence means must then be
 *     inferred from how long it lasts
 * @param looks so long after an entity's last event, while it is silent, the oracle is asked too: whole seconds, ascending
 * @param targets whose oracle is wanted
 */
@RecordBuilder
public record SimulatorSettings(
        long seed,
        long startMillis,
        double eventsPerSecond,
        double playerShare,
        int rooms,
        int arenas,
        @Nullable Duration driftAt,
        boolean silences,
        List<Duration> looks,
        List<Target> targets) {

    public SimulatorSettings {
        if (!(eventsPerSecond >= 1 && eventsPerSecond <= 1_000_000)) {
            throw new IllegalArgumentException(
                    "the simulator's rate must be between 1 and 1,000,000 events per second, got " + eventsPerSecond);
        }
        if (!(playerShare > 0 && playerShare < 1)) {
            throw new IllegalArgumentException("player-share must be between 0 and 1, got " + playerShare);
        }
        if (rooms < 1 || arenas < 1) {
            throw new IllegalArgumentException(
                    "there must be at least one room and one arena, got " + rooms + " and " + arenas);
        }
        if (driftAt != null && driftAt.isNegative()) {
            throw new IllegalArgumentException("drift-at must not be negative, got " + driftAt);
        }
        for (Duration look : looks) {
            if (look.toSeconds() < 1 || look.toMillis() % 1_000 != 0) {
                throw new IllegalArgumentException("looks are whole seconds, got " + look);
            }
        }
        looks = List.copyOf(looks);
        targets = List.copyOf(targets);
    }

    /** The same with silences whose meaning must be inferred, and the oracle at looks. */
    public SimulatorSettings withSilences(List<Duration> steps) {
        return SimulatorSettingsBuilder.builder(this)
                .silences(true)
                .looks(steps)
                .build();
    }

    /** The usual platform: dozens of rooms and arenas, three events in ten are players'. */
    public static SimulatorSettings of(
            long seed, long startMillis, double eventsPerSecond, @Nullable Duration driftAt, List<Target> targets) {
        return SimulatorSettingsBuilder.builder()
                .seed(seed)
                .startMillis(startMillis)
                .eventsPerSecond(eventsPerSecond)
                .playerShare(0.35)
                .rooms(40)
                .arenas(48)
                .driftAt(driftAt)
                .silences(false)
                .looks(List.of())
                .targets(targets)
                .build();
    }
}
