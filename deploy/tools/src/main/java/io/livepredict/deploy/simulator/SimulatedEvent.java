package io.livepredict.deploy.simulator;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.Kind;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Map;

/**
 * An event as the simulated platform sends it.
 *
 * @param kind of entity
 * @param eventId unique, but for a repeat, which has the id of the event it repeats
 * @param entityId the viewer or player
 * @param contextId the room or match
 * @param timeMillis when it happened
 * @param sentMillis when it is sent, never before it happened; events come in this order
 * @param type event type
 * @param numbers named amounts
 * @param attributes named categories
 * @param oracle by target: the probability that its label will be 1, given the hidden state; empty for one who has
 *     gone and for a repeat. At a look it is given the hidden state at the entity's latest event and that nothing was seen
 *     of it since: why it is silent must be inferred
 */
@RecordBuilder
public record SimulatedEvent(
        Kind kind,
        String eventId,
        String entityId,
        String contextId,
        long timeMillis,
        long sentMillis,
        String type,
        Map<String, Double> numbers,
        Map<String, String> attributes,
        Map<String, Double> oracle) {

    /** The type of what is no event: the oracle's answer while an entity is silent. */
    public static final String LOOK = "LOOK";

    /** Whether this is only the oracle's answer at a look; it is not sent as an event. */
    public boolean isLook() {
        return type.equals(LOOK);
    }

    /** The event as it is written to its kind's topic. */
    public CanonicalEvent canonical() {
        return CanonicalEventBuilder.builder()
                .eventId(eventId)
                .entityId(entityId)
                .contextId(contextId)
                .timeMillis(timeMillis)
                .type(type)
                .numbers(numbers)
                .attributes(attributes)
                .build();
    }
}
