package io.livepredict.streams.deadletters;

import io.livepredict.topics.TopicException;
import io.livepredict.topics.TopicFollower;
import java.util.Map;
import java.util.function.Consumer;

/** Reads the dead-letters topic, from its first record to its last. */
public final class DeadLettersTopic {
    private final Map<String, Object> consumerConfig;
    private final String topic;

    /** @param consumerConfig how to reach Kafka */
    public DeadLettersTopic(Map<String, Object> consumerConfig, String topic) {
        this.consumerConfig = consumerConfig;
        this.topic = topic;
    }

    String name() {
        return topic;
    }

    /** Which of them have been replayed by now. */
    Receipts receipts() {
        Receipts receipts = new Receipts();
        read(receipts::take);
        return receipts;
    }

    /** Hands over every dead letter, each partition's in order. */
    public void each(DeadLetterFilter filter, Consumer<DeadLetter> taker) {
        read(record -> {
            DeadLetter letter = DeadLetter.of(record);
            if (letter != null && filter.test(letter)) {
                taker.accept(letter);
            }
        });
    }

    private void read(TopicFollower.Taker taker) {
        try (TopicFollower follower = new TopicFollower(consumerConfig, topic)) {
            if (!follower.toBeginning()) {
                throw new TopicException(
                        "topic " + topic + " does not exist; create it with: streams-app topics --create");
            }
            follower.toEnd(taker);
        }
    }
}
