package io.livepredict.streams.looks;

import io.livepredict.streams.state.DeadlineKey;
import io.livepredict.streams.state.DeadlineQueue;
import io.livepredict.streams.state.DeadlineQueue.Due;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The timers of a task's entities, in the order in which they fire: one entry an entity, its deadline and then its key. They are
 * state like any other, logged and restored, so that no look is lost or taken twice in a crash. One task's thread only.
 */
public final class LookTimers {
    /** Says nothing but the version of the layout. */
    private static final byte[] TIMER = {1};

    private final DeadlineQueue queue;
    private final Set<Bytes> forgotten = new HashSet<>();

    /** Goes on with the timers in the store. */
    public LookTimers(KeyValueStore<Bytes, byte[]> store) {
        queue = new DeadlineQueue(store);
    }

    /**
     * A timer that has fired.
     *
     * @param deadlineMillis when it was set to fire
     * @param entity its key
     */
    public record Fired(long deadlineMillis, Bytes entity) {}

    /** Sets a timer. */
    void arm(long deadlineMillis, Bytes entity) {
        if (forgotten.contains(entity)) {
            removeForgotten();
        }
        queue.put(DeadlineKey.of(deadlineMillis, entity.get()), TIMER);
    }

    /** Removes a timer, if there is one. */
    void disarm(long deadlineMillis, Bytes entity) {
        queue.remove(DeadlineKey.of(deadlineMillis, entity.get()));
    }

    /**
     * Removes the timers of an entity by the next {@link #removeForgotten}. They lie in the order in which they fire, so finding
     * them takes a walk through all; a thousand entities take one walk.
     */
    public void forget(Bytes entity) {
        forgotten.add(entity);
    }

    /** Removes the timers of the entities to be forgotten. Call before a commit. */
    public void removeForgotten() {
        if (!forgotten.isEmpty()) {
            queue.removeIf(key -> forgotten.contains(entityOf(key)));
            forgotten.clear();
        }
    }

    private static Bytes entityOf(Bytes key) {
        byte[] entity = new byte[key.get().length - Long.BYTES];
        DeadlineKey.restOf(key).get(entity);
        return Bytes.wrap(entity);
    }

    /** Takes out the first timer before that time; null for none. */
    public @Nullable Fired poll(long timeMillis) {
        Due due = queue.poll(timeMillis);
        if (due == null) {
            return null;
        }
        return new Fired(DeadlineKey.deadlineOf(due.key()), entityOf(due.key()));
    }

    /** That time, or the deadline of the first timer where that is earlier. */
    public long firstBefore(long timeMillis) {
        return queue.firstBefore(timeMillis);
    }
}
