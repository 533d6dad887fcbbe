package io.livepredict.deploy.bench;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.deploy.simulator.SimulatedEvent;
import io.livepredict.deploy.simulator.SimulatedPlatform;
import io.livepredict.deploy.simulator.SimulatorSettings;
import io.livepredict.streams.ingest.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The simulated platform's events of one kind, resolved against its definition as the streams app resolves them. */
final class ResolvedEvents {
    private static final long START_MILLIS = 1_700_000_000_000L;
    private static final double PER_SECOND = 1_000;

    private ResolvedEvents() {}

    /** The first so many of that kind, in the order in which they are sent. Deterministic. */
    static List<Event> of(Kind kind, KindDefinition definition, int count) {
        SimulatedPlatform platform =
                new SimulatedPlatform(SimulatorSettings.of(1, START_MILLIS, PER_SECOND, null, List.of()));
        List<Event> events = new ArrayList<>();
        while (events.size() < count) {
            SimulatedEvent event = platform.next();
            if (event.kind() == kind) {
                events.add(resolved(event, definition));
            }
        }
        return events;
    }

    private static Event resolved(SimulatedEvent event, KindDefinition definition) {
        return Event.of(event.entityId())
                .context(event.contextId())
                .id(event.eventId())
                .at(event.timeMillis())
                .type(definition.eventTypes().indexOf(event.type()))
                .numbers(definition.numbers().keySet().stream()
                        .mapToDouble(name -> event.numbers().getOrDefault(name, Double.NaN))
                        .toArray())
                .attributes(definition.attributes().entrySet().stream()
                        .mapToInt(attribute -> bucket(attribute, event.attributes()))
                        .toArray())
                .build();
    }

    /** Another hash than the app's: only the range matters here. */
    private static int bucket(Map.Entry<String, Integer> attribute, Map<String, String> values) {
        String value = values.get(attribute.getKey());
        return value == null ? 0 : 1 + Math.floorMod(value.hashCode(), attribute.getValue() - 1);
    }
}
