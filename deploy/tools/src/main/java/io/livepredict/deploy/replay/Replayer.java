package io.livepredict.deploy.replay;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.feed.EventSender;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Sends a recording to its events topic, paced. One thread of its own. */
public final class Replayer implements AutoCloseable {
    private static final Duration ASK_EVERY = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

    private final Recording recording;
    private final Topic<String, CanonicalEvent> events;
    private final @Nullable Pace pace;
    private final OptionalDouble speed;
    private final LongSupplier nanoClock;
    private final EventSender sender;
    private volatile long sent;
    private volatile long beganNanos;
    private volatile long endedNanos;

    /**
     * How fast a log is replayed.
     *
     * @param maxAhead how many events it may be ahead of what was learned and activated; 0 for no bound
     * @param speed multiple of real time; empty for as fast as the bound allows
     */
    public record Speed(long maxAhead, OptionalDouble speed) {
        public Speed {
            if (maxAhead < 0) {
                throw new IllegalArgumentException("max-ahead must not be negative, got " + maxAhead);
            }
            if (speed.isPresent() && !(speed.getAsDouble() > 0)) {
                throw new IllegalArgumentException("speed must be positive, got " + speed.getAsDouble());
            }
        }
    }

    /**
     * @param client configuration of a Kafka client
     * @param nanoClock what {@link System#nanoTime} gives
     */
    public Replayer(
            Recording recording,
            Map<String, Object> client,
            Topics topics,
            Speed speed,
            Downstream downstream,
            LongSupplier nanoClock) {
        this.recording = recording;
        this.events = topics.events(recording.kind());
        this.pace = speed.maxAhead() == 0 ? null : new Pace(downstream, speed.maxAhead());
        this.speed = speed.speed();
        this.nanoClock = nanoClock;
        sender = new EventSender("replay", client, this::run);
    }

    /** Begins to send. */
    public Replayer start() {
        beganNanos = nanoClock.getAsLong();
        sender.start();
        return this;
    }

    /** Events sent so far. */
    public long sent() {
        return sent;
    }

    /** Whether the log is at its end and, where paced, everything has come all the way. */
    public boolean isEnded() {
        return sender.isEnded();
    }

    /** How much of the log has been read, 0 to 1. */
    public double progress() {
        return isEnded() ? 1 : recording.progress();
    }

    /** How long it has run. */
    public Duration elapsed() {
        return Duration.ofNanos((isEnded() ? endedNanos : nanoClock.getAsLong()) - beganNanos);
    }

    /** How long it will still take, from the share of the log read so far; null while that can't be said. */
    public @Nullable Duration timeLeft() {
        double share = progress();
        return share < 0.005 || sent == 0
                ? null
                : Duration.ofMillis((long) (elapsed().toMillis() * (1 - share) / share));
    }

    /** Why it ended by itself before the end; null while all is well. */
    public @Nullable Exception failure() {
        return sender.failure();
    }

    /** Stops sending; what was sent is flushed. */
    @Override
    public void close() {
        sender.close();
        recording.close();
    }

    private void run() {
        try {
            sendAll();
            sender.flush();
            while (pace != null && !sender.isStopping() && !pace.isDone(sent)) {
                sender.pause(ASK_EVERY);
            }
        } finally {
            endedNanos = nanoClock.getAsLong();
        }
    }

    private void sendAll() {
        long firstMillis = 0;
        while (!sender.isStopping()) {
            Recording.Recorded next = recording.next();
            if (next == null) {
                return;
            }
            CanonicalEvent event = next.event();
            if (sent == 0) {
                firstMillis = event.timeMillis();
            }
            awaitTime(event.timeMillis() - firstMillis);
            while (pace != null && !sender.isStopping() && !pace.maySend(sent)) {
                sender.pause(ASK_EVERY);
            }
            if (sender.isStopping()) {
                return;
            }
            sender.send(events, event.entityId(), event);
            sent = sent + 1; // written by this thread only
        }
    }

    private void awaitTime(long sinceFirstMillis) {
        if (speed.isEmpty()) {
            return;
        }
        long due = beganNanos + (long) (sinceFirstMillis * 1e6 / speed.getAsDouble());
        while (!sender.isStopping()) {
            long ahead = due - nanoClock.getAsLong();
            if (ahead <= 0) {
                return;
            }
            sender.pause(Duration.ofNanos(Math.min(ahead, LONGEST_PAUSE.toNanos())));
        }
    }

    /** What a replay left out, for people: nothing if it left out nothing. */
    public List<String> faults() {
        return recording.faults();
    }

    /** Whose events the log has. */
    public Kind kind() {
        return recording.kind();
    }
}
