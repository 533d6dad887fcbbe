package io.livepredict.topics;

import io.livepredict.contract.Topic;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.topics.TopicFollower.ValueTaker;
import java.util.Map;

/** Reads a topic from its first record to its last. */
public final class TopicReader {
    private TopicReader() {}

    /**
     * Hands over every committed record of all partitions up to the end as it was at the call, each partition in order.
     * A record that can't be read is logged and passed over.
     *
     * @param consumerConfig the consumer's configuration; group, isolation and start are set here
     * @return partition to the offset after the last one read: where to go on from
     * @throws TopicException if the topic is not there or Kafka does not answer
     * @throws RegistryUnavailableException if a record's schema can't be asked for
     */
    public static <K, V> Map<Integer, Long> readToEnd(
            Map<String, Object> consumerConfig, Topic<K, V> topic, ValueTaker<K, V> taker) {
        return readLast(consumerConfig, topic, Long.MAX_VALUE, taker);
    }

    /**
     * As {@link #readToEnd}, but only what lies in the last offsets of each partition.
     *
     * @param offsets of each partition; a transaction's marker takes one too
     */
    public static <K, V> Map<Integer, Long> readLast(
            Map<String, Object> consumerConfig, Topic<K, V> topic, long offsets, ValueTaker<K, V> taker) {
        try (TopicFollower follower = new TopicFollower(consumerConfig, topic.name())) {
            if (!follower.toLast(offsets)) {
                throw new TopicException("topic " + topic.name() + " does not exist; create it with "
                        + topic.partitions() + " partitions and " + topic.configuration());
            }
            follower.toEnd(TopicFollower.decoding(topic, taker));
            return follower.positions();
        }
    }
}
