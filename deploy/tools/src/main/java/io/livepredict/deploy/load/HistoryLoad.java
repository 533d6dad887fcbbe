package io.livepredict.deploy.load;

import io.livepredict.avro.LoadRecord;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.deploy.replay.Recording;
import io.livepredict.streams.progress.CommittedProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Loads a log into a source topic as fast as the streams app takes it, and says so when everything that can be labelled of it
 * has been learned from. Events at or after {@code live-from} are left out: they are live, and their producers send them.
 *
 * <p>A load that ends early, however it ends, goes on where it stopped when it is run again: how far it came is in the
 * transaction that brought it there. One thread's.
 */
public final class HistoryLoad {
    private static final long EVENTS_PER_TRANSACTION = 5_000;
    private static final String APP = "the streams app to read what is loaded";
    private static final Duration PAUSE = Duration.ofMillis(50);

    /**
     * How far a load may be ahead of what the streams app has taken in.
     *
     * @param events how many
     * @param eventMillis between the latest event sent and the latest taken in; {@link Long#MAX_VALUE} for no bound
     */
    public record Ahead(long events, long eventMillis) {
        public Ahead {
            if (events < 1 || eventMillis < 1) {
                throw new IllegalArgumentException(
                        "a load must be ahead by something, got " + events + " events and " + eventMillis + " ms");
            }
        }
    }

    /**
     * What is loaded, and when it is done.
     *
     * @param recording the log; empty if history is in the topic already
     * @param name of the log
     * @param liveFromMillis events from then on are left out, epoch milliseconds
     * @param graceMillis events that come later than this after a newer one will be LATE
     */
    public record History(@Nullable Recording recording, String name, long liveFromMillis, long graceMillis) {}

    /**
     * Who must have read what.
     *
     * @param app what the group of the streams app has committed
     * @param sources partitions of the source topic
     * @param rekeyed partitions behind its re-keying, if there is one
     * @param taken asked when the app has read all of them whether what it made of them may be learned from; throws a {@link
     *     LoadException} if not
     * @param trainer what the group of the trainer has committed
     * @param learned partitions of the examples
     */
    public record Readers(
            CommittedProgress app,
            Collection<TopicPartition> sources,
            Collection<TopicPartition> rekeyed,
            Runnable taken,
            CommittedProgress trainer,
            Collection<TopicPartition> learned) {
        public Readers {
            sources = List.copyOf(sources);
            rekeyed = List.copyOf(rekeyed);
            learned = List.copyOf(learned);
        }
    }

    /** Hears how it goes. */
    public interface Listener {
        /**
         * Events go out.
         *
         * @param share of the log, 0 to 1
         * @param sent events in the topic
         * @param taken of them that the app has taken in
         */
        void loading(double share, long sent, long taken);

        /** Nothing moves for now. */
        void waiting(String forWhat);
    }

    /**
     * What came of it.
     *
     * @param before events that were in the topic from an earlier run
     * @param sent all events that are in the topic
     * @param live events at or after {@code live-from}, which were left out
     * @param late events that came later than the grace after a newer one
     * @param reachedMillis the latest event time; 0 for none
     * @param finished whether it is said that history is complete; false if it was told to stop
     */
    public record Result(long before, long sent, long live, long late, long reachedMillis, boolean finished) {}

    private final History history;
    private final LoadJournal journal;
    private final AppProgress.Maker app;
    private final Readers readers;
    private final Ahead ahead;
    private final LongSupplier clock;
    private final BooleanSupplier stopping;
    private final Listener listener;

    private long before;
    private long sent;
    private long live;
    private long late;
    private long reachedMillis;
    private String lastId = "";
    private String log;

    HistoryLoad(
            History history,
            LoadJournal journal,
            AppProgress.Maker app,
            Readers readers,
            Ahead ahead,
            LongSupplier clock,
            BooleanSupplier stopping,
            Listener listener) {
        this.history = history;
        log = history.name();
        this.journal = journal;
        this.app = app;
        this.readers = readers;
        this.ahead = ahead;
        this.clock = clock;
        this.stopping = stopping;
        this.listener = listener;
    }

    /**
     * Loads.
     *
     * @throws LoadException if it can't go on
     */
    Result run() {
        LoadRecord earlier = journal.takeOver();
        if (history.recording() == null) {
            keep(earlier);
        } else {
            if (earlier != null && (!earlier.getFinished() || earlier.getLog().equals(history.name()))) {
                goOn(history.recording(), earlier);
            } else if (earlier != null) {
                follow(earlier);
            }
            if (!send(history.recording())) {
                return result(false);
            }
        }
        // One after the other: what a reader writes for the next is there when it has committed what it read.
        boolean taken = await(readers.app(), readers.sources(), APP) && await(readers.app(), readers.rekeyed(), APP);
        if (taken) {
            readers.taken().run();
        }
        boolean learned =
                taken && await(readers.trainer(), readers.learned(), "the trainer to learn from what is loaded");
        if (learned) {
            journal.commit(List.of(), record(true));
        }
        return result(learned);
    }

    /** What was loaded before stays known, so that nobody loads it again. */
    private void keep(@Nullable LoadRecord earlier) {
        if (earlier != null) {
            log = earlier.getLog();
            sent = earlier.getSent();
            before = sent;
            lastId = earlier.getLastEventId();
            reachedMillis = earlier.getReached();
        }
    }

    /** A load of this log: passes over what is in the topic. */
    private void goOn(Recording recording, LoadRecord earlier) {
        if (!earlier.getFinished() && earlier.getLiveFrom() != history.liveFromMillis()) {
            throw new LoadException("a load of " + earlier.getLog() + " up to "
                    + Instant.ofEpochMilli(earlier.getLiveFrom()) + " stopped after " + earlier.getSent()
                    + " events, and time.live-from is now " + Instant.ofEpochMilli(history.liveFromMillis())
                    + ": set it back, and finish that load");
        }
        CanonicalEvent last = null;
        while (sent < earlier.getSent()) {
            last = next(recording);
            if (last == null) {
                break;
            }
            count(last);
        }
        if (last == null ? earlier.getSent() > 0 : !lastId.equals(earlier.getLastEventId())) {
            throw new LoadException(
                    "a load of " + earlier.getLog() + " stopped after " + earlier.getSent() + " events, of which"
                            + " the last has the id " + earlier.getLastEventId() + ", and " + history.name()
                            + " is another log: go on with the same log and mapping");
        }
        before = sent;
    }

    /** Another load was finished: what comes now must be later, or it would be late. */
    private void follow(LoadRecord earlier) {
        Recording recording = history.recording();
        long first = recording == null ? 0 : recording.beginning().firstMillis();
        if (first < earlier.getReached() - history.graceMillis()) {
            throw new LoadException(
                    "history of " + earlier.getLog() + " up to " + Instant.ofEpochMilli(earlier.getReached())
                            + " is loaded already, and " + history.name() + " begins before that, at "
                            + Instant.ofEpochMilli(first) + ": its events would be late");
        }
    }

    private @Nullable CanonicalEvent next(Recording recording) {
        for (Recording.Recorded next = recording.next(); next != null; next = recording.next()) {
            if (next.event().timeMillis() < history.liveFromMillis()) {
                return next.event();
            }
            live++;
        }
        return null;
    }

    private void count(CanonicalEvent event) {
        sent++;
        lastId = String.valueOf(event.eventId());
        if (event.timeMillis() < reachedMillis - history.graceMillis()) {
            late++;
        }
        reachedMillis = Math.max(reachedMillis, event.timeMillis());
    }

    /** Sends what is left of the log; false if it was told to stop. */
    private boolean send(Recording recording) {
        AppProgress progress = app.from(sent, reachedMillis);
        long perTransaction = Math.clamp(ahead.events() / 4, 1, EVENTS_PER_TRANSACTION);
        List<CanonicalEvent> batch = new ArrayList<>();
        long began = reachedMillis;
        CanonicalEvent event;
        boolean stop;
        do {
            stop = stopping.getAsBoolean();
            event = next(recording);
            if (event != null) {
                batch.add(event);
                count(event);
                began = began == 0 ? reachedMillis : began;
            }
            boolean full = batch.size() >= perTransaction || reachedMillis - began >= ahead.eventMillis() / 2;
            if (!batch.isEmpty() && (full || stop || event == null)) {
                progress.sent(journal.commit(batch, record(false)), sent, reachedMillis);
                batch.clear();
                began = reachedMillis;
                listener.loading(recording.progress(), sent, progress.taken());
                while (!progress.isWithin(ahead)) {
                    if (stopping.getAsBoolean()) {
                        return false;
                    }
                    listener.waiting(APP);
                    pause();
                }
            }
        } while (event != null && !stop);
        return event == null;
    }

    /** Waits until everything that is in these partitions now has been read; false if it was told to stop. */
    private boolean await(CommittedProgress progress, Collection<TopicPartition> partitions, String forWhat) {
        long sinceMillis = clock.getAsLong();
        while (true) {
            boolean all = true;
            for (TopicPartition partition : partitions) { // each is asked about, so that all answers come at once
                all &= progress.known(partition).readUntilMillis() > sinceMillis;
            }
            if (all) {
                return true;
            }
            if (stopping.getAsBoolean()) {
                return false;
            }
            listener.waiting(forWhat);
            pause();
        }
    }

    @SuppressWarnings("BusyWait") // what is waited for is known to the brokers alone
    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LoadException("interrupted; run it again, it goes on where it stopped", e);
        }
    }

    private LoadRecord record(boolean finished) {
        return new LoadRecord(log, history.liveFromMillis(), sent, lastId, reachedMillis, finished, clock.getAsLong());
    }

    private Result result(boolean finished) {
        return new Result(before, sent, live, late, reachedMillis, finished);
    }
}
