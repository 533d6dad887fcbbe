package io.livepredict.streams.progress;

import io.livepredict.avro.LoadRecord;
import io.livepredict.contract.Topic;
import io.livepredict.streams.time.InputProgress;
import io.livepredict.topics.TopicException;
import io.livepredict.topics.TopicFollower;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the topic of loads, in which a loader says that a source topic's history is complete. Until it has said so for the
 * configured {@code time.live-from}, partitions of that topic which have not come to it do not follow the clock. On a thread
 * of its own.
 */
public final class HistoryMarks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HistoryMarks.class);
    private static final Duration POLL = Duration.ofMillis(500);

    private final Topic<String, LoadRecord> loads;
    private final Instant liveFrom;
    private final Set<String> sources;
    private final TopicFollower follower;
    private final TopicFollower.Taker taker;
    private final Set<String> loaded = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean closing;

    /**
     * @param consumerConfig how to reach Kafka; what matters here is set here
     * @param sources topics that events are read from
     */
    public HistoryMarks(
            Map<String, Object> consumerConfig,
            Topic<String, LoadRecord> loads,
            Instant liveFrom,
            Set<String> sources) {
        this.loads = loads;
        this.liveFrom = liveFrom;
        this.sources = Set.copyOf(sources);
        follower = new TopicFollower(consumerConfig, loads.name());
        taker = TopicFollower.decoding(loads, this::take);
        thread = new Thread(this::follow, "livepredict-history");
        thread.setDaemon(true);
    }

    /**
     * Reads what was said so far, says what is waited for, and goes on listening.
     *
     * @throws TopicException if the topic is not there or Kafka does not answer
     */
    public void start() {
        try {
            if (!follower.toBeginning()) {
                throw new TopicException("topic " + loads.name()
                        + " does not exist; create it with: streams-app topics --config FILE --create");
            }
            follower.toEnd(taker);
        } catch (RuntimeException e) {
            follower.close();
            throw e;
        }
        for (String topic : sources) {
            if (!isLoaded(topic)) {
                LOG.info(
                        "history of {} before {} is awaited: until livepredict-tools load says that it is complete, the clock"
                                + " decides no labels in partitions without later events",
                        topic,
                        liveFrom);
            }
        }
        thread.start();
    }

    private void take(String topic, @Nullable LoadRecord record) {
        if (record == null || !record.getFinished() || record.getLiveFrom() != liveFrom.toEpochMilli()) {
            loaded.remove(topic);
        } else if (loaded.add(topic) && sources.contains(topic)) {
            LOG.info("history of {} is complete: {} events of {}", topic, record.getSent(), record.getLog());
        }
    }

    private void follow() {
        boolean failing = false;
        while (!closing) {
            try {
                follower.next(POLL, taker);
                failing = false;
            } catch (WakeupException | InterruptException e) {
                // close() does this; the loop's condition decides.
            } catch (KafkaException | TopicException e) {
                if (!failing) {
                    LOG.warn(
                            "topic {} can't be read for now, so no history is taken as complete: {}",
                            loads.name(),
                            e.toString());
                }
                failing = true;
                pause();
            }
        }
        follower.close();
    }

    @SuppressWarnings("BusyWait") // not a wait for a condition: a pause between attempts
    private void pause() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closing = true;
        }
    }

    /** Whether that topic's history is complete. */
    public boolean isLoaded(String topic) {
        return loaded.contains(topic);
    }

    /** What the clock says of source partitions, with what is known of their history. */
    public InputProgress with(InputProgress clock) {
        return new InputProgress() {
            @Override
            public Known known(TopicPartition source) {
                return clock.known(source);
            }

            @Override
            public boolean isLoaded(String topic) {
                return HistoryMarks.this.isLoaded(topic);
            }
        };
    }

    /** Stops listening. */
    @Override
    public void close() {
        closing = true;
        if (thread.isAlive()) {
            follower.wakeup();
            try {
                thread.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
