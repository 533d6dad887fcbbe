package io.livepredict.deploy.loop;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * What an installation's topics say happened to each entity of a kind, in order: its events, and the looks that predictions
 * tell of; and what was predicted. For logs without late events, in which each partition is a task's only source.
 */
final class Rows {
    /**
     * An event or a look.
     *
     * @param asOf the latest time of the entity's events by then
     */
    record Row(String entity, String context, String id, String type, long time, long asOf) {
        boolean isLook() {
            return type.equals(KindDefinition.LOOK);
        }
    }

    /** A prediction that was sent. */
    record Predicted(double score, long version) {}

    private final Map<String, List<Row>> byEntity = new TreeMap<>();
    private final Map<String, Integer> partitions = new HashMap<>();
    private final Map<Integer, Long> labelTimes = new TreeMap<>();
    private final Map<String, Predicted> predicted = new HashMap<>();

    private Rows() {}

    /** Reads all of a kind's. */
    static Rows of(Installation installation, Kind kind) {
        Rows rows = new Rows();
        long grace = installation.streams().time().grace().toMillis();
        Set<String> seen = new HashSet<>();
        scan(installation, installation.topics().events(kind), (record, event) -> {
            if (seen.add(event.entityId() + ' ' + event.eventId())) {
                rows.add(record.partition(), event, grace);
            }
        });
        Set<String> looks = new HashSet<>();
        scan(installation, installation.topics().predictions(), (record, each) -> {
            if (each.getKind().equals(kind.id())) {
                rows.predicted.put(
                        key(each.getEntityId(), each.getEventId(), each.getTarget()),
                        new Predicted(each.getScore(), each.getModelVersion()));
                if (each.getEventType().equals(KindDefinition.LOOK)
                        && looks.add(each.getEntityId() + ' ' + each.getEventId())) {
                    long time = each.getEventTime().toEpochMilli();
                    rows.look(new Row(
                            each.getEntityId(),
                            each.getContextId(),
                            each.getEventId(),
                            each.getEventType(),
                            time,
                            time));
                }
            }
        });
        return rows;
    }

    /** Hands over everything in a topic, as read committed. */
    static <V> void scan(
            Installation installation, Topic<String, V> topic, BiConsumer<ConsumerRecord<byte[], byte[]>, V> taker) {
        TopicScan.scan(
                installation.client(),
                topic.name(),
                TopicPositions.beginning(),
                each -> taker.accept(each, topic.value().deserializer().deserialize(topic.name(), each.value())));
    }

    private void add(int partition, CanonicalEvent event, long grace) {
        List<Row> own = byEntity.computeIfAbsent(event.entityId(), first -> new ArrayList<>());
        long asOf = own.isEmpty() ? event.timeMillis() : Math.max(event.timeMillis(), own.getLast().asOf);
        own.add(new Row(
                event.entityId(),
                Objects.requireNonNullElse(event.contextId(), ""),
                String.valueOf(event.eventId()),
                event.type(),
                event.timeMillis(),
                asOf));
        partitions.put(event.entityId(), partition);
        labelTimes.merge(partition, event.timeMillis() - grace, Math::max);
    }

    /** A look is taken before the first event that is later, and never moves an entity's time. */
    private void look(Row look) {
        List<Row> own = byEntity.getOrDefault(look.entity, new ArrayList<>());
        int place = 0;
        while (place < own.size() && own.get(place).time <= look.time) {
            place++;
        }
        own.add(place, look);
    }

    private static String key(String entity, String event, String target) {
        return entity + ' ' + event + ' ' + target;
    }

    /** By entity. */
    Map<String, List<Row>> byEntity() {
        return byEntity;
    }

    /** What was predicted of a target at a row; null where nothing was sent. */
    @Nullable
    Predicted predicted(Row row, String target) {
        return predicted.get(key(row.entity, row.id, target));
    }

    /** How many predictions were sent, each counted once. */
    int predictions() {
        return predicted.size();
    }

    /** Up to then it is known that nothing more comes of an entity. */
    long labelTime(String entity) {
        return labelTimes.getOrDefault(partitions.getOrDefault(entity, -1), Long.MIN_VALUE);
    }

    /** The same of all entities. */
    long labelTime() {
        return labelTimes.values().stream().mapToLong(Long::longValue).min().orElse(Long.MIN_VALUE);
    }
}
