package io.livepredict.deploy.simulator;

import io.livepredict.avro.Alert;
import io.livepredict.contract.Topic;
import io.livepredict.topics.TopicException;
import io.livepredict.topics.TopicFollower;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands alerts that are raised from now on to a simulated intervention. */
public final class AlertFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AlertFollower.class);

    private final TopicFollower follower;
    private final Thread thread;
    private volatile boolean closing;

    private AlertFollower(TopicFollower follower, TopicFollower.Taker taker) {
        this.follower = follower;
        thread = new Thread(() -> run(taker), "simulator-alerts");
    }

    /**
     * Starts to follow; nothing is read where nobody is to be kept.
     *
     * @param client configuration of a Kafka client
     */
    public static AlertFollower start(
            Map<String, Object> client, Topic<String, Alert> topic, Intervention intervention) {
        AlertFollower started = new AlertFollower(
                new TopicFollower(client, topic.name()), TopicFollower.decoding(topic, (key, alert) -> {
                    if (alert != null) {
                        intervention.take(alert);
                    }
                }));
        if (intervention.share() > 0) {
            started.thread.start();
        }
        return started;
    }

    private void run(TopicFollower.Taker taker) {
        try {
            if (!follower.toLast(0)) {
                LOG.warn("--keep does nothing: there is no topic of alerts; configure alerts in the streams app");
                return;
            }
            while (!closing) {
                follower.next(Duration.ofMillis(500), taker);
            }
        } catch (WakeupException e) {
            // told to end
        } catch (TopicException e) {
            LOG.warn("--keep does nothing any more: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        closing = true;
        follower.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        follower.close();
    }
}
