package io.livepredict.streams.wiring;

import io.livepredict.logging.RepeatLog;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps Kafka Streams running. A stream thread that is lost is replaced, and a client that has ended is started anew, from
 * the last commit, with growing pauses, as often as it takes. Only what no restart can cure ({@link Cure#NONE}) is the end.
 */
final class RunningStreams {
    private static final Logger LOG = LoggerFactory.getLogger(RunningStreams.class);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(20);

    /** What the app does around a client. */
    interface Surroundings {
        /** A client that has not been started. */
        KafkaStreams make();

        /** Attaches what watches a client, until that is closed. */
        AutoCloseable attach(KafkaStreams client);

        /** A stream thread is replaced. */
        void threadReplaced();
    }

    private final Surroundings surroundings;
    private final DamagedState damaged;
    private final Backoff backoff;
    private final RepeatLog troubles;
    private final Thread supervisor;
    /** The clients that have ended by themselves, by their number. */
    private final BlockingQueue<Integer> endings = new LinkedBlockingQueue<>();

    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private int clients;
    private volatile @Nullable KafkaStreams client;
    private @Nullable AutoCloseable attached;
    private volatile @Nullable StartException failure;
    private volatile @Nullable String lastTrouble;

    RunningStreams(Surroundings surroundings, DamagedState damaged, Backoff backoff, InstantSource clock) {
        this.surroundings = surroundings;
        this.damaged = damaged;
        this.backoff = backoff;
        troubles = new RepeatLog(LOG::warn, clock);
        supervisor = new Thread(this::supervise, "livepredict-streams");
        supervisor.setDaemon(true);
    }

    /**
     * Starts the first client; what fails then is treated as what fails later.
     *
     * @throws StartException if no restart can cure it
     */
    void start() {
        open();
        StartException lasting = failure;
        if (lasting != null) {
            throw lasting;
        }
        supervisor.start();
    }

    private void open() {
        int number = ++clients;
        try {
            KafkaStreams made = surroundings.make();
            client = made;
            made.setUncaughtExceptionHandler(this::lost);
            made.setStateListener((now, before) -> changed(number, now));
            attached = surroundings.attach(made);
            made.start();
        } catch (RuntimeException e) {
            failed(e);
            endings.add(number);
        }
    }

    private void changed(int number, State now) {
        LOG.info("streams are {}", now);
        if (now == State.RUNNING) {
            lastTrouble = null;
        }
        if (now == State.ERROR || now == State.NOT_RUNNING) {
            endings.add(number);
        }
    }

    /** Called on the thread that was lost. Its pause is the pause before it is replaced. */
    private StreamThreadExceptionResponse lost(Throwable e) {
        if (isClosing()) {
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        boolean global = Thread.currentThread().getName().contains("GlobalStreamThread");
        if (failed(e) != Cure.RESTART || global) {
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        surroundings.threadReplaced();
        pause();
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    /** Says what failed, and returns what helps. */
    private Cure failed(Throwable e) {
        String cause = Cure.oneLine(e);
        Cure cure = Cure.of(e);
        LOG.debug("what failed", e);
        switch (cure) {
            case RESTART -> {
                lastTrouble = cause;
                troubles.say("lost", "a stream thread was lost and goes on from the last commit: " + cause);
            }
            case RESTORE -> {
                lastTrouble = cause;
                damaged.note(e);
            }
            case NONE -> {
                failure = new StartException("streams ended: " + cause, e);
                LOG.error("streams end: {}", cause);
            }
        }
        return cure;
    }

    private void pause() {
        try {
            closing.await(backoff.next(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private void supervise() {
        try {
            while (true) {
                if (endings.take() != clients) {
                    continue; // of a client before this one
                }
                if (isClosing() || failure != null) {
                    return;
                }
                stop();
                damaged.setAside();
                pause();
                if (isClosing()) {
                    return;
                }
                LOG.info("streams are started anew");
                open();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }

    /** Stops the present client; false if it did not end in time, so that a thread may still be at work. */
    private boolean stop() {
        KafkaStreams of = client;
        boolean stopped = of == null
                || of.close(CloseOptions.timeout(CLOSE_WITHIN)
                        .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        if (!stopped) {
            LOG.warn("streams did not stop within {} s", CLOSE_WITHIN.toSeconds());
        }
        AutoCloseable watching = attached;
        attached = null;
        if (watching != null) {
            try {
                watching.close();
            } catch (Exception e) {
                LOG.warn("the metrics of Kafka Streams could not be closed: {}", e.toString());
            }
        }
        return stopped;
    }

    /** The present client; empty before the first. */
    Optional<KafkaStreams> client() {
        return Optional.ofNullable(client);
    }

    /** What failed last, while streams have not run since. */
    Optional<String> lastTrouble() {
        return Optional.ofNullable(lastTrouble);
    }

    /** Why it is the end, if it is. */
    Optional<StartException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Waits until it is the end, at most that long; then says whether it is. */
    boolean awaitEnd(Duration atMost) throws InterruptedException {
        return ended.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Ends it.
     *
     * @return false if a stream thread may still be at work
     */
    boolean close() {
        closing.countDown();
        boolean stopped = false;
        try {
            // The supervisor may be closing a client or opening one; it was never started if the first could not be.
            endings.add(clients);
            if (supervisor.getState() != Thread.State.NEW) {
                supervisor.join(CLOSE_WITHIN);
            }
            stopped = !supervisor.isAlive();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stopped &= stop();
        ended.countDown();
        return stopped;
    }
}
