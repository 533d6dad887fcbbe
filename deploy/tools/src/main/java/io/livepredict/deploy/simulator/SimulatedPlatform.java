package io.livepredict.deploy.simulator;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Viewers in live rooms and players in arenas, whose behaviour is drawn from known Markov chains. Events come in the
 * order in which they are sent, which is nearly that of their times. Deterministic in its settings; no clock, no
 * Kafka. Not safe for use from several threads.
 */
public final class SimulatedPlatform {
    /** The longest horizon for which the oracle is exact: who has gone stays away longer than this. */
    public static final Duration LONGEST_HORIZON = Duration.ofSeconds(60);

    static final int LONGEST_TICKS = (int) LONGEST_HORIZON.toSeconds();
    /** Share of arrivals and departures that are never seen. */
    static final double LOST = 0.05;

    static final long TICK_MILLIS = 1_000;
    /** Ticks that pass before the first event is shown, so that a run begins in the middle of things. */
    private static final int BURN_IN_TICKS = 400;

    private final List<Crowd> crowds;
    private final long startMillis;
    private final PriorityQueue<Pending> pending = new PriorityQueue<>(
            Comparator.comparingLong((Pending p) -> p.event().sentMillis()).thenComparingLong(Pending::sequence));
    private long sequence;
    private int nextTick;

    private record Pending(SimulatedEvent event, long sequence) {}

    public SimulatedPlatform(SimulatorSettings settings) {
        startMillis = settings.startMillis();
        double playerRate = settings.eventsPerSecond() * settings.playerShare();
        crowds = List.of(
                crowd(settings, Kind.VIEWER, settings.eventsPerSecond() - playerRate),
                crowd(settings, Kind.PLAYER, playerRate));
        for (int tick = -BURN_IN_TICKS; tick < 0; tick++) {
            for (Crowd crowd : crowds) {
                crowd.tick(tick, (event, again) -> {});
            }
        }
    }

    /** The next event to be sent. There is always one. */
    public SimulatedEvent next() {
        while (true) {
            Pending first = pending.peek();
            // Nothing of a later tick can be sent before that tick begins.
            if (first != null && first.event().sentMillis() < startMillis + nextTick * TICK_MILLIS) {
                return pending.remove().event();
            }
            for (Crowd crowd : crowds) {
                crowd.tick(nextTick, this::send);
            }
            nextTick++;
        }
    }

    /**
     * Someone acts on an entity: until that event time it does not leave. What the oracle says of it then is what it would have
     * done by itself. May be called by another thread.
     */
    public void keep(Kind kind, String entityId, long untilMillis) {
        crowds.get(kind.ordinal()).keep(entityId, untilMillis);
    }

    /** Lets everything happen that is sent before that time, and forgets it. */
    public void passOver(long untilMillis) {
        while (startMillis + nextTick * TICK_MILLIS <= untilMillis) {
            for (Crowd crowd : crowds) {
                crowd.tick(nextTick, this::send);
            }
            nextTick++;
            while (!pending.isEmpty() && pending.peek().event().sentMillis() < untilMillis) {
                pending.remove();
            }
        }
    }

    private void send(SimulatedEvent event, @Nullable SimulatedEvent again) {
        pending.add(new Pending(event, sequence++));
        if (again != null) {
            pending.add(new Pending(again, sequence++));
        }
    }

    private static Crowd crowd(SimulatorSettings settings, Kind kind, double eventsPerSecond) {
        return switch (kind) {
            case VIEWER ->
                crowd(
                        settings,
                        kind,
                        eventsPerSecond,
                        settings.rooms(),
                        ViewerBehaviour.DEVICES.size(),
                        (drifted, device) -> ViewerBehaviour.of(
                                drifted ? ViewerBehaviour.Rates.drifted() : ViewerBehaviour.Rates.usual(),
                                device,
                                settings.silences()));
            case PLAYER ->
                crowd(
                        settings,
                        kind,
                        eventsPerSecond,
                        settings.arenas(),
                        PlayerBehaviour.DEVICES.size(),
                        (drifted, device) -> PlayerBehaviour.of(
                                drifted ? PlayerBehaviour.Rates.drifted() : PlayerBehaviour.Rates.usual(),
                                device,
                                settings.silences()));
        };
    }

    private static Crowd crowd(
            SimulatorSettings settings,
            Kind kind,
            double eventsPerSecond,
            int places,
            int devices,
            BiFunction<Boolean, Integer, Behaviour> behaviour) {
        Language language = Language.of(kind);
        List<Behaviour> usual = new ArrayList<>();
        List<Behaviour> drifted = new ArrayList<>();
        List<Map<String, Oracle>> oracles = new ArrayList<>();
        double eventsPerTick = 0;
        for (int device = 0; device < devices; device++) {
            Behaviour now = behaviour.apply(false, device);
            Behaviour later = behaviour.apply(settings.driftAt() != null, device);
            usual.add(now);
            drifted.add(later);
            oracles.add(oracles(settings, kind, language, now, later));
            eventsPerTick += now.longRun(Crowd.MEAN_AWAY_TICKS).eventsPerTick() / devices;
        }
        int size = (int) Math.max(1, Math.round(eventsPerSecond / eventsPerTick));
        long driftTick = settings.driftAt() == null
                ? Long.MAX_VALUE / 4
                : settings.driftAt().toMillis() / TICK_MILLIS;
        return new Crowd(
                kind,
                language,
                settings.seed(),
                settings.startMillis(),
                settings.looks().stream()
                        .mapToInt(look -> (int) look.toSeconds())
                        .toArray(),
                size,
                places,
                driftTick,
                usual,
                drifted,
                oracles);
    }

    private static Map<String, Oracle> oracles(
            SimulatorSettings settings, Kind kind, Language language, Behaviour now, Behaviour later) {
        Map<String, Oracle> oracles = new LinkedHashMap<>();
        for (Target target : Target.of(settings.targets(), kind)) {
            Oracle oracle = Oracle.of(target, now, later, language.types(), language.lost(), LONGEST_TICKS);
            if (oracle != null) {
                oracles.put(target.name(), oracle);
            }
        }
        return oracles;
    }
}
