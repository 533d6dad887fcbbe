package io.livepredict.streams.client;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A consumer that hands a record on only when its schema is settled ({@link SchemaLookups}). A partition whose next record
 * needs one that is not stands still at that record, and is read on when the schema is settled; all others go on, and the
 * thread that reads never waits for the registry.
 */
final class WaitingConsumer extends KafkaConsumer<byte[], byte[]> {
    private final SchemaLookups lookups;
    private final RecordSchemas schemas;
    private final Map<TopicPartition, Waiting> waiting = new HashMap<>();
    /** The last id that was settled: nearly always that of the next record. */
    private int settled = RecordSchemas.NONE;

    /** A partition that stands still. */
    private static final class Waiting {
        final int schemaId;
        /** Whether whoever uses this consumer wants it to stand still as well. */
        boolean pausedByCaller;

        Waiting(int schemaId) {
            this.schemaId = schemaId;
        }
    }

    WaitingConsumer(Map<String, Object> config, SchemaLookups lookups, RecordSchemas schemas) {
        super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.lookups = lookups;
        this.schemas = schemas;
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        goOn();
        ConsumerRecords<byte[], byte[]> records = super.poll(timeout);
        Map<TopicPartition, Integer> upTo = null;
        for (TopicPartition partition : records.partitions()) {
            if (schemas.concern(partition.topic())) {
                int ready = settledOf(records.records(partition));
                if (ready >= 0) {
                    upTo = upTo == null ? new HashMap<>() : upTo;
                    upTo.put(partition, ready);
                }
            }
        }
        return upTo == null ? records : handedOn(records, upTo);
    }

    /** Reads on where the schemas have been settled. */
    private void goOn() {
        if (waiting.isEmpty()) {
            return;
        }
        Set<TopicPartition> assigned = assignment();
        for (Iterator<Map.Entry<TopicPartition, Waiting>> each =
                        waiting.entrySet().iterator();
                each.hasNext(); ) {
            Map.Entry<TopicPartition, Waiting> entry = each.next();
            if (!assigned.contains(entry.getKey())) {
                each.remove();
            } else if (lookups.isSettled(entry.getValue().schemaId)) {
                each.remove();
                if (!entry.getValue().pausedByCaller) {
                    super.resume(Set.of(entry.getKey()));
                }
            }
        }
    }

    /** The place of the first record whose schema is not settled, -1 if all are. Asks for all that follow as well. */
    private int settledOf(List<ConsumerRecord<byte[], byte[]>> records) {
        int first = -1;
        for (int i = 0; i < records.size(); i++) {
            int id = RecordSchemas.idOf(records.get(i));
            if (id == RecordSchemas.NONE || id == settled) {
                continue;
            }
            if (lookups.isSettled(id)) {
                settled = first < 0 ? id : settled;
            } else if (first < 0) {
                first = i;
            }
        }
        return first;
    }

    /** The records up to those that wait. */
    private ConsumerRecords<byte[], byte[]> handedOn(
            ConsumerRecords<byte[], byte[]> records, Map<TopicPartition, Integer> upTo) {
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> ready = new HashMap<>();
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>(records.nextOffsets());
        for (TopicPartition partition : records.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> all = records.records(partition);
            Integer end = upTo.get(partition);
            if (end == null) {
                ready.put(partition, all);
                continue;
            }
            ConsumerRecord<byte[], byte[]> first = all.get(end);
            OffsetAndMetadata here = new OffsetAndMetadata(first.offset(), first.leaderEpoch(), "");
            super.seek(partition, here);
            super.pause(Set.of(partition));
            waiting.put(partition, new Waiting(RecordSchemas.idOf(first)));
            next.put(partition, here);
            if (end > 0) {
                ready.put(partition, List.copyOf(all.subList(0, end)));
            }
        }
        return new ConsumerRecords<>(ready, next);
    }

    @Override
    public void pause(Collection<TopicPartition> partitions) {
        mark(partitions, true);
        super.pause(partitions);
    }

    @Override
    public void resume(Collection<TopicPartition> partitions) {
        mark(partitions, false);
        super.resume(
                waiting.isEmpty()
                        ? partitions
                        : partitions.stream()
                                .filter(partition -> !waiting.containsKey(partition))
                                .collect(Collectors.toSet()));
    }

    private void mark(Collection<TopicPartition> partitions, boolean paused) {
        if (!waiting.isEmpty()) {
            for (TopicPartition partition : partitions) {
                Waiting one = waiting.get(partition);
                if (one != null) {
                    one.pausedByCaller = paused;
                }
            }
        }
    }

    /** What stands still has nothing for a task to wait for: its other inputs go on. */
    @Override
    public OptionalLong currentLag(TopicPartition partition) {
        return waiting.containsKey(partition) ? OptionalLong.of(0) : super.currentLag(partition);
    }

    @Override
    public void subscribe(Pattern pattern, ConsumerRebalanceListener listener) {
        super.subscribe(pattern, forgetting(listener));
    }

    @Override
    public void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
        super.subscribe(topics, forgetting(listener));
    }

    /** A partition that comes back after it was taken away is a new one. */
    private ConsumerRebalanceListener forgetting(ConsumerRebalanceListener listener) {
        return new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                waiting.keySet().removeAll(partitions);
                listener.onPartitionsRevoked(partitions);
            }

            @Override
            public void onPartitionsLost(Collection<TopicPartition> partitions) {
                waiting.keySet().removeAll(partitions);
                listener.onPartitionsLost(partitions);
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                listener.onPartitionsAssigned(partitions);
            }
        };
    }
}
