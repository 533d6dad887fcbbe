package io.livepredict.deploy.report;

import io.livepredict.topics.TopicFollower;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/** Reads the committed records of a topic as they are, from given positions to the end as of the call. */
public final class TopicScan {
    private TopicScan() {}

    /**
     * Hands over every record, each partition in order. A topic that does not exist has none.
     *
     * @param client configuration of a Kafka client; deserializers and isolation are set here
     * @throws io.livepredict.topics.TopicException if Kafka does not answer, or a transaction is left open
     */
    public static void scan(Map<String, Object> client, String topic, TopicPositions from, TopicFollower.Taker taker) {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        try (TopicFollower follower = new TopicFollower(config, topic)) {
            if (follower.to(from::from)) {
                follower.toEnd(taker);
            }
        }
    }
}
