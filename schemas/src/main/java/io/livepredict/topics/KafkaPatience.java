package io.livepredict.topics;

import java.time.Duration;

/** How long Kafka is waited for where somebody or something waits for the answer; each try again is the caller's. */
public final class KafkaPatience {
    /** For the answer to one question: partitions, offsets, what is committed, what was just written. */
    public static final Duration ANSWER = Duration.ofSeconds(15);

    /** For one request of such a question, so that there is time for another. */
    public static final Duration REQUEST = ANSWER.dividedBy(3);

    private KafkaPatience() {}
}
