package io.livepredict.trainer.learner;

import io.livepredict.topics.TopicException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/** What stops a trainer: whether it may pass by itself, and the line that says what to do about it. */
final class TrainerFailures {
    /** A failure that neither time nor fresh clients cure. docs/operations.md lists them. */
    private record Lasting(Class<? extends KafkaException> type, String what, String remedy) {}

    private static final List<Lasting> LASTING = List.of(
            new Lasting(
                    AuthenticationException.class,
                    "Kafka refuses the login: ",
                    "; correct the login and the TLS settings under kafka"),
            new Lasting(
                    AuthorizationException.class,
                    "Kafka does not allow it: ",
                    "; grant it the missing ACL ('livepredict-tools access' prints them all)"),
            new Lasting(ConfigException.class, "", "; correct the setting under kafka"),
            new Lasting(InterruptException.class, "", ""),
            new Lasting(
                    InvalidTxnTimeoutException.class,
                    "",
                    "; lower kafka.transaction.timeout.ms, or raise the brokers' transaction.max.timeout.ms"),
            new Lasting(RecordTooLargeException.class, "", "; raise max.message.bytes of that topic"),
            new Lasting(UnsupportedVersionException.class, "", "; upgrade the brokers"));

    private TrainerFailures() {}

    /** Whether going back to the last checkpoint, with fresh clients, may help: now, or when something else is well again. */
    static boolean mayPass(RuntimeException e) {
        return (e instanceof KafkaException || e instanceof TopicException) && lasting(e) == null;
    }

    private static @Nullable Lasting lasting(RuntimeException e) {
        return Stream.<Throwable>iterate(e, t -> t != null, t -> t.getCause())
                .limit(16)
                .filter(t -> !isUnresolved(t))
                .flatMap(t -> LASTING.stream().filter(kind -> kind.type().isInstance(t)))
                .findFirst()
                .orElse(null);
    }

    /** A name server that does not know the brokers now may know them later: where a container is down, so is its name. */
    private static boolean isUnresolved(Throwable t) {
        return t instanceof ConfigException && String.valueOf(t.getMessage()).contains("No resolvable bootstrap");
    }

    /**
     * As the one line that ends the trainer.
     *
     * @param kind id of the kind that was trained
     * @param namespace of its topics
     */
    static TrainerException explain(RuntimeException e, String kind, String namespace) {
        String who = "trainer " + kind + ": ";
        if (e instanceof TrainerException t) {
            return t;
        }
        if (e instanceof Ownership.TakenOverException) {
            return new TrainerException(
                    who + "another trainer with namespace " + namespace
                            + " took over; run one, or give the other its own namespace",
                    e);
        }
        Lasting lasting = lasting(e);
        return new TrainerException(
                who + (lasting == null ? oneLine(e) : lasting.what() + oneLine(e) + lasting.remedy()), e);
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
