package io.livepredict.streams.wiring;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every two seconds whether what is asked for is being done. While it is not, a line a minute says what stands still,
 * since when, and where to look; what causes it has been said where it was found.
 */
final class Readiness implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final Duration SAID_EVERY = Duration.ofMinutes(1);

    /** What is looked at; may take some seconds. */
    interface Look {
        void look() throws InterruptedException;
    }

    private final Look look;
    private final Supplier<Optional<String>> trouble;
    private final InstantSource clock;
    private final Thread thread;
    private volatile boolean closing;
    private @Nullable Instant notReadySince;
    private @Nullable Instant saidAt;

    /** @param trouble why it is not ready, in words; empty when it is */
    Readiness(Look look, Supplier<Optional<String>> trouble, InstantSource clock) {
        this.look = look;
        this.trouble = trouble;
        this.clock = clock;
        thread = new Thread(this::watch, "livepredict-ready");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void watch() {
        while (!closing) {
            try {
                look.look();
                say();
                Thread.sleep(EVERY);
            } catch (InterruptedException | org.apache.kafka.common.errors.InterruptException e) {
                // close() does this; the loop's condition decides.
            } catch (RuntimeException e) {
                LOG.warn("whether the app is ready can't be looked at: {}", e.toString());
                saidAt = clock.instant();
            }
        }
    }

    /** A line a minute while it is not ready, and one when it is again. */
    void say() {
        Instant now = clock.instant();
        Optional<String> words = trouble.get();
        Instant since = notReadySince;
        Instant said = saidAt;
        if (words.isEmpty()) {
            if (since != null && said != null) {
                LOG.info("ready again, after {} s", Duration.between(since, now).toSeconds());
            }
            notReadySince = null;
            saidAt = null;
        } else if (since == null) {
            notReadySince = now;
        } else if (Duration.between(said == null ? since : said, now).compareTo(SAID_EVERY) >= 0) {
            LOG.warn("not ready since {}: {}", since, words.get());
            saidAt = now;
        }
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
