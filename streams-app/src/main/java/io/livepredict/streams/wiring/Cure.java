package io.livepredict.streams.wiring;

import io.livepredict.serde.RegistryUnavailableException;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.TopologyException;

/** What helps when a stream thread, or all of Kafka Streams, has failed. */
enum Cure {
    /** A new thread or client, which goes on from the last commit: brokers, registry, fencing, time-outs, full disks. */
    RESTART,
    /** The same, after the damaged state was set aside, so that it is restored from its changelog. */
    RESTORE,
    /** Somebody must change something first. */
    NONE;

    private static final List<String> JDK = List.of("java.", "javax.", "jdk.", "sun.");
    private static final Set<Class<? extends Exception>> LASTING = Set.of(
            ConfigException.class,
            AuthenticationException.class,
            AuthorizationException.class,
            UnsupportedVersionException.class,
            InvalidTopicException.class,
            InvalidReplicationFactorException.class,
            PolicyViolationException.class,
            RecordTooLargeException.class,
            MissingSourceTopicException.class,
            TopologyException.class);

    /** What helps against that. Kafka's own failures pass, its list of those that last excepted; ours are bugs. */
    static Cure of(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof RegistryUnavailableException || cause instanceof IOException) {
                return RESTART; // what is asked for, or the disk, may be well again
            }
            Throwable each = cause;
            if (LASTING.stream().anyMatch(lasting -> lasting.isInstance(each))
                    || cause instanceof VirtualMachineError
                    || cause instanceof SerializationException
                    || isOfInternalTopics(cause)) {
                return NONE;
            }
            if (DamagedState.isOfFiles(cause)) {
                return DamagedState.isDamage(cause) ? RESTORE : RESTART;
            }
        }
        Throwable deepest = deepest(e);
        return deepest instanceof KafkaException || isThrownByKafka(deepest) ? RESTART : NONE;
    }

    /** An internal topic that does not fit the topology; nothing but its message tells. */
    private static boolean isOfInternalTopics(Throwable e) {
        return e instanceof KafkaException && String.valueOf(e.getMessage()).contains("has invalid partitions");
    }

    /** For instance the invalid states that its clients are in after a time-out. */
    private static boolean isThrownByKafka(Throwable e) {
        StackTraceElement[] trace = e.getStackTrace();
        for (StackTraceElement each : trace) {
            if (JDK.stream().noneMatch(each.getClassName()::startsWith)) {
                return each.getClassName().startsWith("org.apache.kafka.");
            }
        }
        return false;
    }

    private static Throwable deepest(Throwable e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest;
    }

    /** The deepest cause in one line. */
    static String oneLine(Throwable e) {
        Throwable deepest = deepest(e);
        return deepest.getClass().getSimpleName() + ": "
                + String.valueOf(deepest.getMessage()).replaceAll("\\s+", " ").strip();
    }
}
