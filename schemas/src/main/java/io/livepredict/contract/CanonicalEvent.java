package io.livepredict.contract;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An event in the canonical form, as a canonical record holds it or a mapping makes it; not yet validated.
 *
 * @param eventId unique id; null where the source has none
 * @param entityId the viewer or player
 * @param contextId the room or match, empty for none
 * @param timeMillis event time, epoch milliseconds
 * @param type event type by name
 * @param numbers named amounts
 * @param attributes named categories
 * @param text chat text
 */
@RecordBuilder
public record CanonicalEvent(
        @Nullable String eventId,
        String entityId,
        String contextId,
        long timeMillis,
        String type,
        Map<String, Double> numbers,
        Map<String, String> attributes,
        @Nullable String text) {}
