package io.livepredict.streams.activity;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinition.Aggregate;
import io.livepredict.contract.KindDefinitionBuilder;
import io.livepredict.streams.ingest.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Random event sequences with pauses of all lengths, disorder and repeats. */
public final class RandomEvents {
    private RandomEvents() {}

    /** A definition that uses everything there is. */
    public static KindDefinition everything() {
        Map<String, Set<Aggregate>> numbers = new LinkedHashMap<>();
        numbers.put("gift_value", Set.of(Aggregate.SUM));
        numbers.put("score", Set.of(Aggregate.MEAN, Aggregate.LAST));
        numbers.put("length", Set.of(Aggregate.SUM, Aggregate.MEAN, Aggregate.LAST));
        numbers.put("level", Set.of(Aggregate.LAST));
        Map<String, Integer> attributes = new LinkedHashMap<>();
        attributes.put("device", 64);
        attributes.put("region", 16);
        return KindDefinitionBuilder.builder()
                .kind(Kind.VIEWER)
                .eventTypes(List.of("JOIN", "CHAT", "GIFT", "LEAVE", "RARE"))
                .sessionStart(Set.of("JOIN"))
                .sessionEnd(Set.of("LEAVE"))
                .windows(List.of(
                        Duration.ofSeconds(7),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(30),
                        Duration.ofHours(2)))
                .sessionGap(Duration.ofMinutes(10))
                .halfLife(Duration.ofDays(3))
                .numbers(numbers)
                .attributes(attributes)
                .contextBuckets(128)
                .textBuckets(8)
                .sequenceLength(6)
                .build();
    }

    /**
     * Events of one entity as they arrive: each up to {@code disorderMillis} later than its time, some again a little
     * later.
     *
     * @param definition whose types, numbers and attributes
     * @param contexts from how many contexts
     */
    public static List<Event> of(
            KindDefinition definition, String entity, long seed, int count, int contexts, long disorderMillis) {
        Random random = new Random(seed);
        long time = 1_600_000_000_000L + random.nextInt(1_000_000_000);
        long granularity = new long[] {1, 1_000, 10_000}[random.nextInt(3)]; // so that there are ties and edges
        double typicalLogPause = random.nextDouble() * 10;
        record Arrival(long at, Event event) {}
        List<Arrival> arrivals = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            time += (long) Math.exp(Math.min(19, Math.max(0, typicalLogPause + 3 * random.nextGaussian())));
            long stamp = time - time % granularity;
            Event event = event(definition, entity, random, stamp, i, contexts);
            long arrival = time + (random.nextInt(4) == 0 ? (long) (random.nextDouble() * disorderMillis) : 0);
            arrivals.add(new Arrival(arrival, event));
        }
        arrivals.sort(java.util.Comparator.comparingLong(Arrival::at));
        List<Event> events =
                new ArrayList<>(arrivals.stream().map(Arrival::event).toList());
        for (int repeats = count / 15; repeats > 0; repeats--) {
            int first = random.nextInt(events.size());
            events.add(Math.min(events.size(), first + 1 + random.nextInt(25)), events.get(first));
        }
        return List.copyOf(events);
    }

    /** Events of several entities as they arrive in one partition. */
    public static List<Event> mixed(
            KindDefinition definition, long seed, int count, int entities, long disorderMillis) {
        Random random = new Random(seed);
        List<Event> events = of(definition, "e", seed, count, 3, disorderMillis);
        List<Event> mixed = new ArrayList<>();
        Map<String, String> owners = new LinkedHashMap<>();
        for (Event event : events) {
            String owner = owners.computeIfAbsent(event.eventId(), id -> "e" + random.nextInt(entities));
            mixed.add(event.change().entity(owner).build());
        }
        return mixed;
    }

    private static Event event(
            KindDefinition definition, String entity, Random random, long time, int number, int contexts) {
        double[] numbers = new double[definition.numbers().size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = random.nextInt(3) == 0 ? random.nextInt(2000) / 8.0 - 20 : Double.NaN;
        }
        int[] attributes = new int[definition.attributes().size()];
        int place = 0;
        for (int buckets : definition.attributes().values()) {
            attributes[place++] = random.nextInt(3) == 0 ? 1 + random.nextInt(buckets - 1) : 0;
        }
        int[] tokens = Event.NONE;
        if (definition.textBuckets() > 0 && random.nextInt(4) == 0) {
            tokens = random.ints(1 + random.nextInt(5), 0, definition.textBuckets())
                    .toArray();
        }
        int context = random.nextInt(contexts + 1);
        return Event.of(entity)
                .context(context == 0 ? "" : "room-" + context)
                .id(entity + "-" + number)
                .at(time)
                .type(random.nextInt(definition.eventTypes().size()))
                .numbers(numbers)
                .attributes(attributes)
                .tokens(tokens)
                .build();
    }
}
