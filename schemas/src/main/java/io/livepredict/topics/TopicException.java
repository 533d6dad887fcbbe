package io.livepredict.topics;

/** Kafka can't be reached, or a topic is missing or not as it must be. The message says which, how, and what to do. */
public class TopicException extends RuntimeException {
    public TopicException(String message) {
        super(message);
    }

    public TopicException(String message, Throwable cause) {
        super(message, cause);
    }
}
