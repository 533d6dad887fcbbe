package io.livepredict.streams.ingest;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.mapping.RefusedRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Validates canonical events and resolves their names against a kind's definition. Safe for use from many threads. */
final class EventResolver {
    /** The end of the year 9999: later times can't be written in the forms that readers use. */
    static final long LAST_TIME_MILLIS = 253_402_300_799_999L;

    private static final int MAX_TOKENS = 64;

    private final Map<String, Integer> typeIndex = new HashMap<>();
    private final List<String> numbers;
    private final List<String> attributes;
    private final int[] attributeBuckets;
    private final int textBuckets;
    private final TimeBounds bounds;

    EventResolver(KindDefinition definition, TimeBounds bounds) {
        for (int i = 0; i < definition.eventTypes().size(); i++) {
            typeIndex.put(definition.eventTypes().get(i), i);
        }
        this.numbers = new ArrayList<>(definition.numbers().keySet());
        this.attributes = new ArrayList<>(definition.attributes().keySet());
        this.attributeBuckets = definition.attributes().values().stream()
                .mapToInt(Integer::intValue)
                .toArray();
        this.textBuckets = definition.textBuckets();
        this.bounds = bounds;
    }

    /**
     * The event, or null if its type is not declared.
     *
     * @param fallbackEventId the id of an event that has none of its own
     * @param transportMillis the record's transport time
     * @throws RefusedRecordException if it is invalid
     */
    @Nullable
    Event resolve(CanonicalEvent event, String fallbackEventId, long transportMillis) throws RefusedRecordException {
        Integer type = typeIndex.get(event.type());
        if (type == null) {
            if (event.type().isEmpty()) {
                throw new RefusedRecordException(DeadLetterReason.MISSING_FIELD, "the event type is empty");
            }
            return null;
        }
        if (event.entityId().isEmpty()) {
            throw new RefusedRecordException(DeadLetterReason.MISSING_FIELD, "the entity id is empty");
        }
        String eventId = event.eventId() == null ? fallbackEventId : event.eventId();
        if (eventId.isEmpty()) {
            throw new RefusedRecordException(DeadLetterReason.MISSING_FIELD, "the event id is empty");
        }
        Ids.checkLength("entity id", event.entityId());
        Ids.checkLength("context id", event.contextId());
        Ids.checkLength("event id", eventId);
        Ids.checkWhole("entity id", event.entityId());
        Ids.checkWhole("context id", event.contextId());
        checkTime(event.timeMillis(), transportMillis);
        for (Map.Entry<String, Double> number : event.numbers().entrySet()) {
            if (!Double.isFinite(number.getValue())) {
                throw new RefusedRecordException(
                        DeadLetterReason.NOT_FINITE,
                        "a number is " + number.getValue() + " and must be finite",
                        number.getKey());
            }
        }
        return Event.of(event.entityId())
                .context(event.contextId())
                .id(eventId)
                .at(event.timeMillis())
                .type(type)
                .numbers(numbers(event.numbers()))
                .attributes(attributes(event.attributes()))
                .tokens(tokens(event.text()))
                .build();
    }

    private double[] numbers(Map<String, Double> values) {
        if (numbers.isEmpty()) {
            return Event.NO_NUMBERS;
        }
        double[] resolved = new double[numbers.size()];
        for (int i = 0; i < resolved.length; i++) {
            Double value = values.get(numbers.get(i));
            resolved[i] = value == null ? Double.NaN : value;
        }
        return resolved;
    }

    private int[] attributes(Map<String, String> values) {
        if (attributes.isEmpty()) {
            return Event.NONE;
        }
        int[] resolved = new int[attributes.size()];
        for (int i = 0; i < resolved.length; i++) {
            String value = values.get(attributes.get(i));
            resolved[i] = value == null || value.isEmpty() ? 0 : Hashes.bucket(value, attributeBuckets[i]);
        }
        return resolved;
    }

    /** Lower-cased runs of letters and digits, hashed into [0, text buckets); at most the first 64. */
    private int[] tokens(@Nullable String text) {
        if (text == null || textBuckets == 0) {
            return Event.NONE;
        }
        int[] tokens = new int[MAX_TOKENS];
        int count = 0;
        int start = -1;
        StringBuilder lower = new StringBuilder(Math.min(text.length(), 4096));
        for (int i = 0; i < Math.min(text.length(), 4096); i++) {
            lower.append(Character.toLowerCase(text.charAt(i)));
        }
        for (int i = 0; i <= lower.length() && count < MAX_TOKENS; i++) {
            boolean inToken = i < lower.length() && Character.isLetterOrDigit(lower.charAt(i));
            if (inToken && start < 0) {
                start = i;
            } else if (!inToken && start >= 0) {
                tokens[count++] = Hashes.token(lower, start, i, textBuckets);
                start = -1;
            }
        }
        return Arrays.copyOf(tokens, count);
    }

    private void checkTime(long timeMillis, long transportMillis) throws RefusedRecordException {
        Duration ahead = bounds.maxAhead();
        // Both times are within 0 and the year 9999 where they are subtracted: nothing overflows.
        if (timeMillis > LAST_TIME_MILLIS
                || ahead != null && timeMillis >= 0 && timeMillis - transportMillis > ahead.toMillis()) {
            throw new RefusedRecordException(
                    DeadLetterReason.TIME_AHEAD,
                    "event time " + time(timeMillis) + " is too far ahead of the transport time "
                            + time(transportMillis) + ": check the time's unit, or raise time.max-ahead");
        }
        Duration behind = bounds.maxBehind();
        boolean history = timeMillis < bounds.liveFromMillis();
        if (timeMillis < 0 || behind != null && !history && transportMillis - timeMillis > behind.toMillis()) {
            throw new RefusedRecordException(
                    DeadLetterReason.TIME_BEHIND,
                    "event time " + time(timeMillis) + " is too far behind the transport time " + time(transportMillis)
                            + ": check the time's unit, raise time.max-behind, or for history say time.live-from");
        }
    }

    private static String time(long millis) {
        return millis < 0 || millis > LAST_TIME_MILLIS
                ? millis + " ms"
                : Instant.ofEpochMilli(millis).toString();
    }
}
