package io.livepredict.streams.client;

import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Which records are read with a schema of the registry.
 *
 * @param topics whose values are Avro, repartition topics included
 */
public record RecordSchemas(Set<String> topics) {
    /** What {@link #idOf} gives for a record that needs none. */
    static final int NONE = -1;

    private static final int HEADER_BYTES = 5;

    public RecordSchemas {
        topics = Set.copyOf(topics);
    }

    /** Whether records of that topic may need a schema. */
    boolean concern(String topic) {
        return topics.contains(topic);
    }

    /** The schema id in a value in the Confluent wire format (a zero and four bytes), {@link #NONE} in any other. */
    static int idOf(ConsumerRecord<byte[], byte[]> record) {
        byte[] value = record.value();
        if (value == null || value.length < HEADER_BYTES || value[0] != 0) {
            return NONE;
        }
        int id = (value[1] & 0xFF) << 24 | (value[2] & 0xFF) << 16 | (value[3] & 0xFF) << 8 | value[4] & 0xFF;
        return id < 0 ? NONE : id;
    }
}
