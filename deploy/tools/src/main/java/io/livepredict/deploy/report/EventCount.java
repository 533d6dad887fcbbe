package io.livepredict.deploy.report;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.serde.RegistryUnavailableException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * What became of each record of the event topics: dead-lettered for a reason, of a type that is not declared, a repeat,
 * or valid; and how many predictions the valid ones must have.
 */
final class EventCount {
    private static final int UNACCOUNTED_EXAMPLES = 3;

    private final ReportRequest request;
    private final BiConsumer<Kind, CanonicalEvent> each;
    private final Map<String, DeadLetterReason> deadByPlace = new HashMap<>();
    private final Map<String, Long> deadLettered = new TreeMap<>();
    private final Map<Kind, Map<String, Integer>> targetsByType = new HashMap<>();
    private final Map<Kind, LongLongMap> timestampById = new HashMap<>();
    private final List<String> unaccountedFor = new ArrayList<>();
    private long read;
    private long valid;
    private long skippedTypes;
    private long repeats;
    private long scoringFailed;
    private final LookCount looks;
    private long expectedPredictions;
    private long withheldHistory;
    private long unaccounted;
    private long unknownReasons;

    /** @param each is told of every valid event */
    EventCount(ReportRequest request, BiConsumer<Kind, CanonicalEvent> each) {
        this.request = request;
        this.each = each;
        looks = new LookCount(
                request.installation().kinds(), request.installation().targets());
        for (Kind kind : Kind.values()) {
            Map<String, Integer> counts = new HashMap<>();
            for (Target target : Target.of(request.installation().targets(), kind)) {
                target.predictOn().forEach(type -> counts.merge(type, 1, Integer::sum));
            }
            targetsByType.put(kind, counts);
            timestampById.put(kind, new LongLongMap());
        }
    }

    void run() {
        TopicScan.scan(
                request.source().client(),
                request.source().topics().deadLetters().name(),
                request.source().from(),
                this::takeDeadLetter);
        for (Kind kind : Kind.values()) {
            if (!Target.of(request.installation().targets(), kind).isEmpty()) {
                take(request.source().topics().events(kind), kind);
            }
        }
    }

    private void takeDeadLetter(ConsumerRecord<byte[], byte[]> dead) {
        if (dead.headers().lastHeader(DeadLetters.RECEIPT) != null) {
            return; // says which others were sent again
        }
        String reason = header(dead, DeadLetters.REASON);
        String place = place(
                header(dead, DeadLetters.TOPIC), header(dead, DeadLetters.PARTITION), header(dead, DeadLetters.OFFSET));
        deadLettered.merge(reason, 1L, Long::sum);
        try {
            deadByPlace.put(place, DeadLetterReason.valueOf(reason));
        } catch (IllegalArgumentException e) {
            unknownReasons++;
        }
    }

    private void take(Topic<String, CanonicalEvent> topic, Kind kind) {
        TopicScan.scan(request.source().client(), topic.name(), request.source().from(), each -> {
            read++;
            String place = place(each.topic(), Integer.toString(each.partition()), Long.toString(each.offset()));
            DeadLetterReason dead = deadByPlace.get(place);
            if (dead != null && dead != DeadLetterReason.SCORING_FAILED) {
                return;
            }
            CanonicalEvent event;
            try {
                event = topic.value().deserializer().deserialize(topic.name(), each.value());
            } catch (RegistryUnavailableException e) {
                throw e; // not this event's fault, and the next would wait as long
            } catch (SerializationException e) {
                event = null;
            }
            if (event == null) {
                unaccounted++;
                if (unaccountedFor.size() < UNACCOUNTED_EXAMPLES) {
                    unaccountedFor.add(place);
                }
                return;
            }
            count(kind, event, each.timestamp(), dead == DeadLetterReason.SCORING_FAILED);
        });
    }

    private void count(Kind kind, CanonicalEvent event, long timestamp, boolean failed) {
        String type = event.type();
        long id = idOf(event.entityId(), String.valueOf(event.eventId()));
        var definition = request.installation().kinds().get(kind);
        if (definition == null || !definition.eventTypes().contains(type)) {
            skippedTypes++;
            return;
        }
        LongLongMap seen = timestampById.get(kind);
        if (seen == null || !seen.putIfAbsent(id, timestamp)) {
            repeats++;
            return;
        }
        valid++;
        each.accept(kind, event);
        looks.event(kind, event.entityId(), event.timeMillis());
        int targets = targetsByType.getOrDefault(kind, Map.of()).getOrDefault(type, 0);
        if (failed) {
            scoringFailed++;
        } else {
            expectedPredictions += targets;
            if (event.timeMillis() < request.installation().outputs().gate().liveFromMillis()) {
                withheldHistory += targets;
            }
        }
    }

    long read() {
        return read;
    }

    long valid() {
        return valid;
    }

    long skippedTypes() {
        return skippedTypes;
    }

    long repeats() {
        return repeats;
    }

    long scoringFailed() {
        return scoringFailed;
    }

    /** The looks at silent entities. */
    LookCount looks() {
        return looks;
    }

    /** Those that valid events and looks have, whether they are sent or withheld. */
    long expectedPredictions() {
        return expectedPredictions + looks.expectedPredictions();
    }

    /** Those of them that are of events from before the platform went live, which are not sent. */
    long withheldHistory() {
        return withheldHistory;
    }

    /** Records that can't be read and were not dead-lettered: there should be none. */
    long unaccounted() {
        return unaccounted + unknownReasons;
    }

    List<String> unaccountedFor() {
        return unaccountedFor;
    }

    Map<String, Long> deadLettered() {
        return deadLettered;
    }

    /** Whether that event was counted as valid. */
    boolean isValid(Kind kind, String entityId, String eventId) {
        LongLongMap seen = timestampById.get(kind);
        return seen != null && seen.getOrDefault(idOf(entityId, eventId), Long.MIN_VALUE) != Long.MIN_VALUE;
    }

    private static long idOf(String entityId, String eventId) {
        return Hashes.parts(entityId, eventId);
    }

    private static String place(@Nullable String topic, @Nullable String partition, @Nullable String offset) {
        return topic + '/' + partition + '/' + offset;
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? "NONE" : new String(header.value(), StandardCharsets.UTF_8);
    }
}
