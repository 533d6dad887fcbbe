package io.livepredict.trainer.learner;

import io.livepredict.topics.TopicException;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.ProducerFencedException;

/** What stops a trainer: whether it may pass by itself, and the line that says what to do about it. */
final class TrainerFailures {
    private TrainerFailures() {}

    /**
     * Whether going back to the last checkpoint may help.
     *
     * @param hasRun before the first success only what Kafka calls its own may pass
     */
    static boolean mayPass(RuntimeException e, boolean hasRun) {
        boolean kafkas = e instanceof KafkaException || hasRun && e instanceof TopicException;
        return kafkas
                && Stream.<Throwable>iterate(e, t -> t != null, t -> t.getCause())
                        .noneMatch(t -> t instanceof ProducerFencedException
                                || t instanceof AuthenticationException
                                || t instanceof AuthorizationException
                                || t instanceof InterruptException
                                || t instanceof OffsetOutOfRangeException);
    }

    /**
     * As the one line that ends the trainer.
     *
     * @param kind id of the kind that was trained
     * @param namespace of its topics
     */
    static TrainerException explain(RuntimeException e, String kind, String namespace) {
        String who = "trainer " + kind + ": ";
        return switch (e) {
            case TrainerException t -> t;
            case ProducerFencedException f ->
                new TrainerException(
                        who + "another trainer with namespace "
                                + namespace
                                + " took over; run one, or give the other its own namespace",
                        e);
            case AuthenticationException a -> new TrainerException(who + "Kafka refuses the login: " + oneLine(e), e);
            case AuthorizationException a ->
                new TrainerException(who + "Kafka does not allow it: " + oneLine(e) + "; grant it the missing ACL", e);
            default -> new TrainerException(who + oneLine(e), e);
        };
    }

    /** What it and its deepest cause say. */
    static String oneLine(Throwable e) {
        Throwable deepest = e;
        while (deepest.getCause() != null && deepest.getCause() != deepest) {
            deepest = deepest.getCause();
        }
        String own = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        String cause = deepest == e || deepest.getMessage() == null ? "" : " (" + deepest.getMessage() + ")";
        return (own + cause).replaceAll("\\s+", " ");
    }
}
