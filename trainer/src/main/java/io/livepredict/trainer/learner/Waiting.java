package io.livepredict.trainer.learner;

import io.livepredict.contract.Kind;
import io.livepredict.logging.RepeatLog;
import io.livepredict.serde.RegistryUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one kind's trainer waits for: says in one line which dependency it is, at which address and since when, sums repeats up
 * once a minute, and says how long to wait for the next try. Owned by one thread.
 */
final class Waiting {
    private static final Logger LOG = LoggerFactory.getLogger(Waiting.class);
    private static final long SHORTEST_PAUSE_MILLIS = 500;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;
    /** After so long without trouble the pauses begin at the shortest again. */
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(1);

    private final Kind kind;
    private final Addresses addresses;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final RepeatLog log;

    private @Nullable Instant since;
    private Instant lastTrouble = Instant.EPOCH;
    private String dependency = "";
    private int tries;

    /**
     * Where the dependencies are, for messages.
     *
     * @param kafka brokers, comma-separated
     * @param registry URL of the schema registry
     */
    record Addresses(String kafka, String registry) {}

    /** @param random spreads the tries of many programs that wait for the same thing */
    Waiting(Kind kind, Addresses addresses, InstantSource clock, RandomGenerator random) {
        this.kind = kind;
        this.addresses = addresses;
        this.clock = clock;
        this.random = random;
        log = new RepeatLog(LOG::warn, clock);
    }

    /** Notes that a dependency failed so; returns what is waited for, in one line. */
    String failed(Throwable e) {
        boolean registry = Stream.iterate(e, t -> t != null, Throwable::getCause)
                .limit(16)
                .anyMatch(t -> t instanceof RegistryUnavailableException);
        return waitFor(
                registry ? "the schema registry at " + addresses.registry() : "Kafka at " + addresses.kafka(),
                TrainerFailures.oneLine(e),
                Duration.ZERO);
    }

    /** Notes that the brokers have said nothing for so long; returns what is waited for, in one line. */
    String silent(Duration silence) {
        return waitFor("Kafka at " + addresses.kafka(), "no answer", silence);
    }

    private String waitFor(String what, String why, Duration already) {
        Instant now = clock.instant();
        if (Duration.between(lastTrouble, now).compareTo(FORGOTTEN_AFTER) > 0) {
            tries = 0;
        }
        lastTrouble = now;
        Instant began = since;
        if (began == null || !what.equals(dependency)) {
            began = now.minus(already);
            since = began;
            dependency = what;
        }
        String words = "waits for " + what + " since " + began.truncatedTo(ChronoUnit.SECONDS) + ": " + why;
        log.say(what, kind.id() + ": " + words + "; goes on by itself when it is back");
        return words;
    }

    /**
     * Waits for the next try: twice as long each time, up to half a minute, and never the same.
     *
     * @param stopped ends the wait at once
     */
    void rest(BooleanSupplier stopped) {
        long longest = Math.min(LONGEST_PAUSE_MILLIS, SHORTEST_PAUSE_MILLIS << Math.min(tries++, 10));
        long until = System.nanoTime() + (longest / 2 + random.nextLong(longest / 2 + 1)) * 1_000_000;
        while (!stopped.getAsBoolean() && System.nanoTime() < until) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Nothing is waited for any longer. */
    void over() {
        Instant began = since;
        if (began != null) {
            LOG.info(
                    "{}: {} is back; waited {} s for it",
                    kind.id(),
                    dependency,
                    Duration.between(began, clock.instant()).toSeconds());
            since = null;
        }
    }
}
