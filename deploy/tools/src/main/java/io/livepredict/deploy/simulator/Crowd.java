package io.livepredict.deploy.simulator;

import io.livepredict.contract.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All entities of one kind and the places they are in. Not safe for use from several threads.
 *
 * <p>What reaches the topic is less tidy than what happened: some arrivals and departures are lost; every event is sent
 * a moment after it happened, so that entities overtake each other; one type is at times sent again much later, after
 * newer events of the same entity; a few events are sent twice. None of it depends on what an entity does next: events
 * at which a snapshot is taken keep their order within an entity, so knowing that one was sent says nothing of its
 * future, and the oracle stays exact.
 */
final class Crowd {
    private static final double MEAN_EXTRA_AWAY_TICKS = 50;
    static final double MEAN_AWAY_TICKS = SimulatedPlatform.LONGEST_TICKS + 1 + MEAN_EXTRA_AWAY_TICKS;
    /** Share of returning entities that are really new ones. */
    private static final double NEWCOMERS = 0.2;

    private static final int NEVER = Integer.MIN_VALUE / 2;

    private static final double SENT_LATE = 0.06;
    private static final double SENT_TWICE = 0.001;
    private static final int USUAL_DELAY_MILLIS = 120;
    private static final int LATEST_MILLIS = 1_500;

    private final Kind kind;
    private final Language language;
    private final long startMillis;
    private final String run;
    private final long driftTick;
    private final List<Behaviour> usual;
    private final List<Behaviour> drifted;
    private final List<Map<String, Oracle>> oracles;
    private final double[] lost;
    private final int[] lookTicks;
    private final double[] placeWeights;
    private final int[] environment;
    private final int[] environmentBefore;
    private final int[] match;
    private final List<Entity> entities = new ArrayList<>();
    private final SplittableRandom random;
    private final Map<String, Long> kept = new ConcurrentHashMap<>();
    private int named;
    private long events;

    private static final class Entity {
        String id = "";
        int device;
        int phaseMillis;
        int place;
        int state = Behaviour.GONE;
        int backAtTick;
        long lastSentMillis;
        /** Of its last event that is seen, if it may be looked at since. */
        int lastSeenTick = NEVER;

        int seenState;
        int seenEnvironment;
        String seenContext = "";
        Map<String, String> attributes = Map.of();
    }

    /** Takes an event and, if it is sent twice, the repeat. */
    @FunctionalInterface
    interface Sender {
        void send(SimulatedEvent event, @Nullable SimulatedEvent again);
    }

    Crowd(
            Kind kind,
            Language language,
            long seed,
            long startMillis,
            int[] lookTicks,
            int size,
            int places,
            long driftTick,
            List<Behaviour> usual,
            List<Behaviour> drifted,
            List<Map<String, Oracle>> oracles) {
        this.kind = kind;
        this.language = language;
        this.startMillis = startMillis;
        this.lookTicks = lookTicks;
        this.run = Long.toString(startMillis, Character.MAX_RADIX)
                + '-'
                + kind.id().charAt(0);
        this.driftTick = driftTick;
        this.usual = usual;
        this.drifted = drifted;
        this.oracles = oracles;
        lost = language.lost();
        random = new SplittableRandom(seed * 31 + kind.ordinal());
        environment = new int[places];
        environmentBefore = new int[places];
        match = new int[places];
        placeWeights = new double[places];
        double sum = 0;
        for (int place = 0; place < places; place++) {
            sum += 1.0 / (place + 4);
            placeWeights[place] = sum;
        }
        for (int i = 0; i < size; i++) {
            Entity entity = new Entity();
            rename(entity);
            // The burn-in begins with everyone away.
            entity.backAtTick = -random.nextInt(400);
            entities.add(entity);
        }
    }

    /** One second of everyone's life. */
    void tick(int tick, Sender sender) {
        List<Behaviour> behaviours = behaviours(tick);
        for (int place = 0; place < environment.length; place++) {
            Behaviour behaviour = behaviours.getFirst(); // the environment is the same for every device
            environmentBefore[place] = environment[place];
            environment[place] = behaviour.drawEnvironment(environment[place], random);
            if (behaviour.beginsContext(environmentBefore[place], environment[place])) {
                match[place]++;
            }
        }
        for (Entity entity : entities) {
            if (entity.state == Behaviour.GONE) {
                if (tick >= entity.backAtTick) {
                    arrive(entity, tick, behaviours, sender);
                }
            } else {
                step(entity, tick, behaviours.get(entity.device), sender);
            }
            for (int after : lookTicks) {
                if (tick - entity.lastSeenTick == after) {
                    look(entity, tick, after, sender);
                }
            }
        }
    }

    /** By device. */
    private List<Behaviour> behaviours(int tick) {
        return tick > driftTick ? drifted : usual;
    }

    /** Asks the oracle of one who has been silent for so long. */
    private void look(Entity entity, int tick, int after, Sender sender) {
        SilentBelief belief = new SilentBelief(
                behaviours(entity.lastSeenTick).get(entity.device), entity.seenState, entity.seenEnvironment);
        for (int silent = entity.lastSeenTick + 1; silent <= tick; silent++) {
            belief.tick(behaviours(silent).get(entity.device), lost);
        }
        Map<String, Double> probabilities = new LinkedHashMap<>();
        oracles.get(entity.device).forEach((target, oracle) -> {
            // Who has gone since the last event comes back later than the longest horizon after it.
            if (after + oracle.horizonTicks() <= SimulatedPlatform.LONGEST_TICKS) {
                probabilities.put(target, belief.probability(oracle, driftTick - tick));
            }
        });
        long time = startMillis + tick * SimulatedPlatform.TICK_MILLIS + entity.phaseMillis;
        sender.send(
                SimulatedEventBuilder.builder()
                        .kind(kind)
                        .eventId(run + "look-" + entity.id + '-' + tick)
                        .entityId(entity.id)
                        .contextId(entity.seenContext)
                        .timeMillis(time)
                        .sentMillis(time)
                        .type(SimulatedEvent.LOOK)
                        .numbers(Map.of())
                        .attributes(entity.attributes)
                        .oracle(probabilities)
                        .build(),
                null);
    }

    private void arrive(Entity entity, int tick, List<Behaviour> behaviours, Sender sender) {
        if (random.nextDouble() < NEWCOMERS) {
            rename(entity);
        }
        entity.place = drawPlace();
        entity.state = behaviours.get(entity.device).drawArrival(random);
        show(entity, tick, language.arrivalType(), entity.state, sender);
    }

    /** From now until that time the entity does not leave, whatever it would have done. May be called by another thread. */
    void keep(String entityId, long untilMillis) {
        kept.put(entityId, untilMillis);
    }

    private boolean isKept(String entityId, int tick) {
        Long until = kept.get(entityId);
        if (until == null) {
            return false;
        }
        boolean still = startMillis + tick * SimulatedPlatform.TICK_MILLIS <= until;
        if (!still) {
            kept.remove(entityId, until);
        }
        return still;
    }

    private void step(Entity entity, int tick, Behaviour behaviour, Sender sender) {
        int before = entity.state;
        int from = environmentBefore[entity.place];
        int to = environment[entity.place];
        int step = behaviour.drawStep(before, from, to, random);
        int type = behaviour.event(before, from, to, step);
        entity.state = behaviour.next(before, from, to, step);
        if (entity.state == Behaviour.GONE && isKept(entity.id, tick)) {
            entity.state = before;
            return;
        }
        if (entity.state == Behaviour.GONE) {
            double extra = -MEAN_EXTRA_AWAY_TICKS * Math.log(1 - random.nextDouble());
            entity.backAtTick = tick + SimulatedPlatform.LONGEST_TICKS + 1 + (int) extra;
        }
        if (type != Behaviour.NOTHING) {
            show(entity, tick, type, before, sender);
        }
    }

    private void show(Entity entity, int tick, int type, int stateBefore, Sender sender) {
        // Every random number is drawn even if unused, so that one event's outcome does not change another's numbers.
        Map<String, Double> numbers = language.numbers(type, stateBefore, random);
        boolean isLost = random.nextDouble() < lost[type];
        boolean isLate = random.nextDouble() < SENT_LATE && type == language.lateType();
        boolean isTwice = random.nextDouble() < SENT_TWICE;
        int delay = random.nextInt(USUAL_DELAY_MILLIS);
        int longDelay = random.nextInt(LATEST_MILLIS / 3, LATEST_MILLIS);
        if (isLost || tick < 0) {
            return;
        }
        long time = startMillis + tick * SimulatedPlatform.TICK_MILLIS + entity.phaseMillis;
        long sent = isLate ? time + longDelay : Math.max(time + delay, entity.lastSentMillis);
        if (!isLate) {
            entity.lastSentMillis = sent;
        }
        entity.lastSeenTick = type == language.departureType() ? NEVER : tick;
        entity.seenState = entity.state;
        entity.seenEnvironment = environment[entity.place];
        entity.seenContext = language.context(entity.place, match[entity.place]);
        SimulatedEvent event = SimulatedEventBuilder.builder()
                .kind(kind)
                .eventId(run + events++)
                .entityId(entity.id)
                .contextId(language.context(entity.place, match[entity.place]))
                .timeMillis(time)
                .sentMillis(sent)
                .type(language.types().get(type))
                .numbers(numbers)
                .attributes(entity.attributes)
                .oracle(oracle(entity, tick))
                .build();
        sender.send(event, isTwice ? repeat(event, sent + longDelay) : null);
    }

    private Map<String, Double> oracle(Entity entity, int tick) {
        if (entity.state == Behaviour.GONE) {
            return Map.of();
        }
        Map<String, Double> probabilities = new LinkedHashMap<>();
        oracles.get(entity.device)
                .forEach((target, oracle) -> probabilities.put(
                        target, oracle.probability(entity.state, environment[entity.place], driftTick - tick)));
        return probabilities;
    }

    private static SimulatedEvent repeat(SimulatedEvent event, long sentMillis) {
        return SimulatedEventBuilder.builder(event)
                .sentMillis(sentMillis)
                .oracle(Map.of())
                .build();
    }

    private void rename(Entity entity) {
        entity.id = language.entityPrefix() + ++named;
        entity.device = random.nextInt(language.devices().size());
        entity.phaseMillis = random.nextInt((int) SimulatedPlatform.TICK_MILLIS);
        entity.lastSentMillis = 0;
        entity.lastSeenTick = NEVER;
        entity.attributes = Map.of("device", language.devices().get(entity.device));
    }

    private int drawPlace() {
        double u = random.nextDouble() * placeWeights[placeWeights.length - 1];
        int place = 0;
        while (placeWeights[place] <= u) {
            place++;
        }
        return place;
    }
}
