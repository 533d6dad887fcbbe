package io.livepredict.streams.client;

import io.livepredict.logging.RepeatLog;
import io.livepredict.serde.IncompatibleSchemaException;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.serde.SchemaRegistry;
import io.livepredict.serde.UnknownSchemaIdException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A registry that is asked on a thread of its own: whoever must not wait asks whether a schema id is settled, and comes
 * again later. An id is settled when its schema is known, or when the registry has said that it has none that can be used.
 * While the registry can't be asked, ids stay open, for as long as that lasts; one line says so, repeats are summed up.
 */
public final class SchemaLookups implements SchemaRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaLookups.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    /** A registry that has not answered for so long is missed. */
    private static final Duration MISSED_AFTER = Duration.ofSeconds(2);
    /** An id without a usable schema is asked for again after that. */
    private static final Duration REFUSAL_LASTS = Duration.ofSeconds(30);

    private static final int MOST_REFUSED = 10_000;
    private static final int MOST_WANTED = 10_000;

    private final SchemaRegistry registry;
    private final String address;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final RepeatLog troubles;
    private final Set<Integer> known = ConcurrentHashMap.newKeySet();
    private final Thread thread;

    /** Guards what follows. */
    private final Object lock = new Object();

    private final Map<Integer, Refused> refused = new LinkedHashMap<>();
    private final Set<Integer> wanted = new LinkedHashSet<>();
    /** Since when the first of the wanted ids has been waiting for an answer; null while none does. */
    private @Nullable Instant waitingSince;

    private @Nullable String failure;
    private boolean closing;

    /** What the registry said of an id without a usable schema. */
    private record Refused(SerializationException why, Instant at) {}

    /**
     * @param registry is closed with this
     * @param address where it is, for messages
     */
    public SchemaLookups(SchemaRegistry registry, String address, InstantSource clock, RandomGenerator random) {
        this.registry = registry;
        this.address = address;
        this.clock = clock;
        this.random = random;
        troubles = new RepeatLog(LOG::warn, clock);
        thread = new Thread(this::lookUp, "livepredict-schemas");
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether asking for that id will not wait for the registry. Otherwise it is looked up. Does not wait. */
    boolean isSettled(int id) {
        if (known.contains(id)) {
            return true;
        }
        synchronized (lock) {
            Refused no = refused.get(id);
            if (no != null && clock.instant().isBefore(no.at.plus(REFUSAL_LASTS))) {
                return true;
            }
            if (wanted.size() < MOST_WANTED && wanted.add(id)) {
                if (waitingSince == null) {
                    waitingSince = clock.instant();
                }
                lock.notifyAll();
            }
            return false;
        }
    }

    /** Why records wait for the registry at present; empty when none does, or not for long. */
    public Optional<String> trouble() {
        synchronized (lock) {
            Instant since = waitingSince;
            if (since == null || clock.instant().isBefore(since.plus(MISSED_AFTER))) {
                return Optional.empty();
            }
            return Optional.of(words(since));
        }
    }

    private String words(Instant since) {
        return "records wait for the schema registry at " + address + " since " + since + ", for schema id "
                + wanted.stream().findFirst().map(String::valueOf).orElse("?")
                + (wanted.size() > 1 ? " and " + (wanted.size() - 1) + " others" : "") + ": "
                + (failure == null ? "no answer yet" : failure);
    }

    @Override
    public int register(String subject, Schema schema) {
        return registry.register(subject, schema);
    }

    /** As the registry; what it refused before is refused again without asking. */
    @Override
    public Schema byId(int id) {
        if (!known.contains(id)) {
            synchronized (lock) {
                Refused no = refused.get(id);
                if (no != null) {
                    throw no.why;
                }
            }
        }
        Schema schema = registry.byId(id);
        known.add(id);
        return schema;
    }

    private void lookUp() {
        long pause = FIRST_PAUSE.toMillis();
        while (true) {
            try {
                Integer id = next();
                if (id == null) {
                    return;
                }
                if (ask(id)) {
                    pause = FIRST_PAUSE.toMillis();
                } else {
                    pause(pause / 2 + random.nextLong(pause / 2 + 1));
                    pause = Math.min(2 * pause, LONGEST_PAUSE.toMillis());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private @Nullable Integer next() throws InterruptedException {
        synchronized (lock) {
            while (!closing && wanted.isEmpty()) {
                lock.wait();
            }
            return closing ? null : wanted.iterator().next();
        }
    }

    /** Whether the registry has answered. */
    private boolean ask(int id) {
        try {
            registry.byId(id);
            known.add(id);
            settled(id, null);
            return true;
        } catch (UnknownSchemaIdException | IncompatibleSchemaException e) {
            settled(id, e);
            return true;
        } catch (RegistryUnavailableException e) {
            failed(String.valueOf(e.getMessage()));
            return false;
        } catch (RuntimeException | Error e) {
            // Whatever it is, records wait for this thread.
            failed("asking it failed: " + e);
            return false;
        }
    }

    private void settled(int id, @Nullable SerializationException no) {
        synchronized (lock) {
            wanted.remove(id);
            refused.remove(id);
            if (no != null) {
                refused.put(id, new Refused(no, clock.instant()));
                Iterator<Integer> oldest = refused.keySet().iterator();
                while (refused.size() > MOST_REFUSED) {
                    oldest.next();
                    oldest.remove();
                }
            }
            Instant since = waitingSince;
            if (failure != null && since != null) {
                LOG.info(
                        "the schema registry at {} answers again, records waited for it for {} s",
                        address,
                        Duration.between(since, clock.instant()).toSeconds());
            }
            failure = null;
            waitingSince = wanted.isEmpty() ? null : clock.instant();
        }
    }

    private void failed(String words) {
        synchronized (lock) {
            if (closing) {
                return;
            }
            failure = words;
            Instant since = waitingSince;
            troubles.say("registry", words(since == null ? clock.instant() : since));
        }
    }

    private void pause(long millis) throws InterruptedException {
        synchronized (lock) {
            long until = System.nanoTime() + Duration.ofMillis(millis).toNanos();
            for (long left = millis; left > 0 && !closing; left = (until - System.nanoTime()) / 1_000_000) {
                lock.wait(left);
            }
        }
    }

    /** Stops looking up and closes the registry. */
    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            lock.notifyAll();
        }
        registry.close();
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
