package io.livepredict.streams.wiring;

import io.livepredict.serde.RegistryUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownProducerIdException;
import org.apache.kafka.streams.errors.TaskMigratedException;

/** Decides whether a lost stream thread is worth another one. Called on stream threads. */
final class LostThreads {
    /** More lost threads than this within {@link #WITHIN} are not a passing failure. */
    private static final int MOST = 20;

    private static final Duration WITHIN = Duration.ofMinutes(5);

    private final Deque<Long> lostNanos = new ArrayDeque<>();

    /** Whether what killed a thread now may pass by itself, and has not done so too often of late. */
    synchronized boolean mayPass(Throwable e) {
        return isPassing(e) && !tooMany();
    }

    private boolean tooMany() {
        long now = System.nanoTime();
        lostNanos.addLast(now);
        while (now - lostNanos.getFirst() > WITHIN.toNanos()) {
            lostNanos.removeFirst();
        }
        return lostNanos.size() > MOST;
    }

    private static boolean isPassing(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof RetriableException
                    || cause instanceof TaskMigratedException
                    || cause instanceof RegistryUnavailableException
                    || cause instanceof ProducerFencedException
                    || cause instanceof InvalidProducerEpochException
                    || cause instanceof OutOfOrderSequenceException
                    || cause instanceof UnknownProducerIdException
                    || cause instanceof TimeoutException) {
                return true;
            }
        }
        return false;
    }

    /** The deepest cause in one line. */
    static String oneLine(Throwable e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest.getClass().getSimpleName() + ": "
                + String.valueOf(deepest.getMessage()).replaceAll("\\s+", " ").strip();
    }
}
