package io.livepredict.deploy.console.source;

import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.topics.TopicException;
import io.livepredict.topics.TopicFollower;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one topic on a thread of its own, for as long as the console runs: waits for a topic that does not exist yet, and
 * begins again where it was when Kafka or the registry did not answer. Says how it goes in one line for the pages.
 */
public final class TopicWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicWatch.class);
    private static final Duration POLL = Duration.ofMillis(250);
    private static final long PAUSE_MILLIS = 1_000;

    private final Map<String, Object> client;
    private final String topic;
    private final long last;
    private final TopicFollower.Taker taker;
    private final Thread thread;
    private volatile @Nullable TopicFollower reading;
    private volatile boolean stopping;
    private volatile String trouble = "is not read yet";
    private volatile Map<Integer, Long> reached = Map.of();

    /**
     * @param client how to reach Kafka
     * @param last how many offsets before its end each partition is read from; {@link Long#MAX_VALUE} for all of it
     */
    public TopicWatch(Map<String, Object> client, String topic, long last, TopicFollower.Taker taker) {
        this.client = client;
        this.topic = topic;
        this.last = last;
        this.taker = taker;
        thread = Thread.ofPlatform().daemon().name("console-" + topic).unstarted(this::run);
    }

    /** Begins to read. */
    public TopicWatch start() {
        thread.start();
        return this;
    }

    /** The topic's name. */
    public String topic() {
        return topic;
    }

    /** Why nothing is read, in words; empty while all is well. */
    public String trouble() {
        return trouble;
    }

    private void run() {
        while (!stopping) {
            try (TopicFollower follower = new TopicFollower(client, topic)) {
                reading = follower;
                follow(follower);
            } catch (WakeupException e) {
                // It is told to stop.
            } catch (RegistryUnavailableException e) {
                say("waits for the schema registry: " + e.getMessage());
            } catch (TopicException | KafkaException e) {
                say("can't be read: " + e.getMessage());
            } catch (RuntimeException e) {
                LOG.warn("topic {}: the console stumbled and reads on", topic, e);
                say("can't be read: " + e);
            }
            pause();
        }
    }

    private void follow(TopicFollower follower) {
        Map<Integer, Long> before = reached;
        boolean exists = before.isEmpty()
                ? follower.toLast(last)
                : follower.to(partition -> before.getOrDefault(partition.partition(), 0L));
        if (!exists) {
            say("does not exist yet");
            return;
        }
        say("");
        try {
            while (!stopping) {
                follower.next(POLL, taker);
            }
        } finally {
            if (!stopping) {
                reached = follower.positions();
            }
        }
    }

    private void say(String words) {
        if (!words.equals(trouble) && !words.isEmpty() && !stopping) {
            LOG.info("topic {} {}", topic, words);
        }
        trouble = words;
    }

    private void pause() {
        try {
            if (!stopping) {
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            stopping = true;
        }
    }

    @Override
    public void close() {
        stopping = true;
        TopicFollower follower = reading;
        if (follower != null) {
            follower.wakeup(); // an interrupt would keep the consumer from closing in order
        }
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
