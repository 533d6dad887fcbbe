package io.livepredict.deploy.loop;

import io.livepredict.deploy.simulator.SimulatedEvent;
import io.livepredict.deploy.simulator.SimulatedPlatform;
import io.livepredict.deploy.simulator.SimulatorSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The simulated platform's events, sent by a thread of its own at a steady rate until it is stopped. */
final class SteadyLoad implements AutoCloseable {
    private final Installation installation;
    private final SimulatedPlatform platform;
    private final long startMillis;
    private final double speed;
    private final List<SimulatedEvent> sent = new ArrayList<>();
    private final Map<String, Long> sentAtNanos = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean stopping;
    private volatile int count;

    private SteadyLoad(Installation installation, SimulatedPlatform platform, long startMillis, double speed) {
        this.installation = installation;
        this.platform = platform;
        this.startMillis = startMillis;
        this.speed = speed;
        this.thread = new Thread(this::send, "steady-load");
    }

    /**
     * Starts it.
     *
     * @param eventsPerSecond by the wall clock
     * @param speed how many seconds of event time pass in one second
     */
    static SteadyLoad start(Installation installation, long seed, double eventsPerSecond, double speed) {
        long start = System.currentTimeMillis() - 3_600_000;
        SteadyLoad load = new SteadyLoad(
                installation,
                new SimulatedPlatform(SimulatorSettings.of(
                        seed,
                        start,
                        eventsPerSecond / speed,
                        null,
                        installation.streams().kinds().targets())),
                start,
                speed);
        load.thread.start();
        return load;
    }

    private void send() {
        try {
            long begun = System.nanoTime();
            while (!stopping) {
                SimulatedEvent event = platform.next();
                long due = begun + (long) ((event.sentMillis() - startMillis) * 1_000_000L / speed);
                for (long wait = due - System.nanoTime(); wait > 0 && !stopping; wait = due - System.nanoTime()) {
                    LockSupport.parkNanos(wait);
                }
                sentAtNanos.put(event.eventId(), System.nanoTime());
                installation.send(event);
                synchronized (sent) {
                    sent.add(event);
                }
                count = count + 1;
            }
            installation.flush();
        } catch (RuntimeException e) {
            failure.set(e);
        }
    }

    /** How many were sent so far. */
    int count() {
        Throwable e = failure.get();
        if (e != null) {
            throw new AssertionError("the load ended", e);
        }
        return count;
    }

    /** When an event was sent, by {@link System#nanoTime}; −1 if it was not. */
    long sentAtNanos(String eventId) {
        return sentAtNanos.getOrDefault(eventId, -1L);
    }

    /** Ends it and gives everything that was sent, in order. */
    List<SimulatedEvent> stop() throws InterruptedException {
        close();
        count();
        synchronized (sent) {
            return List.copyOf(sent);
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        LockSupport.unpark(thread);
        thread.join(TimeUnit.SECONDS.toMillis(30));
    }
}
