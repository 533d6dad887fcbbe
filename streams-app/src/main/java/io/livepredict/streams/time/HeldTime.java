package io.livepredict.streams.time;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which source partition holds up a task's label time, once that has lasted for a minute while others went on: one line
 * when it begins, one when it is over, and a number all the while. One task's thread only.
 */
public final class HeldTime {
    private static final Logger LOG = LoggerFactory.getLogger(HeldTime.class);
    private static final long PATIENCE_MILLIS = Duration.ofMinutes(1).toMillis();

    /** Gets the number. */
    @FunctionalInterface
    public interface Report {
        /** @param millis how long that source partition has held up label time; 0 once it no longer does */
        void held(TopicPartition source, long millis);
    }

    private final String task;
    private final Report report;
    private long labelTimeMillis = PartitionTime.NONE;
    private long sinceMillis;
    private @Nullable TopicPartition holder;

    /**
     * @param task its name in the log
     * @param nowMillis wall clock
     */
    public HeldTime(String task, Report report, long nowMillis) {
        this.task = task;
        this.report = report;
        sinceMillis = nowMillis;
    }

    /** Looks whether time is held up; some times a minute is often enough. */
    public void look(SourceTimes times, long nowMillis) {
        if (times.labelTimeMillis() != labelTimeMillis) {
            labelTimeMillis = times.labelTimeMillis();
            sinceMillis = nowMillis;
        }
        Optional<SourceTimes.Slowest> slowest = times.waitsFor()
                .filter(waiting -> nowMillis - sinceMillis >= PATIENCE_MILLIS
                        && waiting.othersMillis() - PATIENCE_MILLIS >= waiting.timeMillis());
        TopicPartition before = holder;
        TopicPartition now = slowest.map(SourceTimes.Slowest::source).orElse(null);
        if (before != null && !before.equals(now)) {
            report.held(before, 0);
            LOG.info("{}: event time no longer waits for {}", task, before);
        }
        slowest.ifPresent(waiting -> {
            if (!waiting.source().equals(before)) {
                LOG.warn(
                        "{}: event time waits for {}, {}; labels wait until it is read on or known to be quiet",
                        task,
                        waiting.source(),
                        waiting.timeMillis() == PartitionTime.NONE
                                ? "of which nothing was heard"
                                : "which has come to " + Instant.ofEpochMilli(waiting.timeMillis()));
            }
            report.held(waiting.source(), nowMillis - sinceMillis);
        });
        holder = now;
    }

    /** The task goes elsewhere. */
    public void close() {
        if (holder != null) {
            report.held(holder, 0);
            holder = null;
        }
    }
}
