package io.livepredict.streams.activity;

import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.looks.LookPlan;
import io.livepredict.streams.looks.LookState;
import io.livepredict.streams.looks.LookTimers;
import io.livepredict.streams.looks.LookTimers.Fired;
import io.livepredict.streams.state.EntityKey;
import org.apache.kafka.common.utils.Bytes;

/**
 * Looks at the silent entities of a task ({@link LookPlan}): before an event those at its entity that are due before it, and at
 * all others as label time passes them, in the order in which they are due. One task's thread only.
 *
 * <p>At most {@value #MOST_AT_ONCE} timers are seen to at once. While more are due, label time is held back to the first of
 * them ({@link #heldTime}), so that labels and looks come out in due order, and a long outage is worked off piece by piece.
 */
final class Looks {
    private static final int MOST_AT_ONCE = 256;

    /** What takes the looks. */
    @FunctionalInterface
    interface Taker {
        /**
         * Takes a look at the entity that the activity given at construction stands for; nothing of it may change.
         *
         * @param look what stands for an event: of type LOOK, at the moment of the look
         * @param labelTimeMillis label time at that moment
         */
        void take(Event look, long labelTimeMillis);
    }

    private final LookTimers timers;
    private final KnownEntities entities;
    private final EntityActivity activity;
    private final int type;
    private final Taker taker;

    /**
     * @param activity what entities are read into
     * @param type what stands for an event type in a look
     */
    Looks(LookTimers timers, KnownEntities entities, EntityActivity activity, int type, Taker taker) {
        this.timers = timers;
        this.entities = entities;
        this.activity = activity;
        this.type = type;
        this.taker = taker;
    }

    /** Label time, or the time of the first look that is due before it and has not been taken. */
    long heldTime(long labelTimeMillis) {
        return timers.firstBefore(labelTimeMillis);
    }

    /**
     * Takes the looks that label time has passed, the earliest first; some may be left.
     *
     * @return whether other entities have been read into the activity meanwhile
     */
    boolean takeDue(long labelTimeMillis) {
        int seenTo = 0;
        while (seenTo < MOST_AT_ONCE) {
            Fired fired = timers.poll(labelTimeMillis);
            if (fired == null) {
                break;
            }
            fire(fired, labelTimeMillis);
            seenTo++;
        }
        return seenTo > 0;
    }

    private void fire(Fired fired, long labelTimeMillis) {
        entities.load(fired.entity(), activity);
        long latest = activity.latestMillis();
        if (latest == Long.MIN_VALUE) {
            return; // its state is gone: there is nothing to look at
        }
        LookState state = activity.looks();
        boolean changed = state.fired();
        long step = state.next();
        if (step != LookPlan.NONE && latest + step <= fired.deadlineMillis()) {
            take(EntityKey.idOf(fired.entity()), step, labelTimeMillis);
            state.looked(step);
            changed = true;
        }
        changed |= state.rearm(fired.entity(), latest, timers);
        if (changed) {
            entities.save(fired.entity(), activity);
        }
    }

    /**
     * Before an event is added: takes the looks that label time has passed, and those at its entity that are due before it.
     *
     * @param entity the event's entity, which the activity stands for before and after this
     */
    void takeBefore(Event event, Bytes entity, long labelTimeMillis) {
        if (takeDue(labelTimeMillis)) {
            entities.load(entity, activity);
        }
        LookState state = activity.looks();
        long latest = activity.latestMillis();
        for (long step = state.next();
                step != LookPlan.NONE && latest + step < event.timeMillis();
                step = state.after(step)) {
            take(event.entityId(), step, heldTime(labelTimeMillis));
        }
    }

    /** Follows an event that is about to be added to the activity of that entity. */
    void follow(Event event, Bytes entity, boolean ends) {
        activity.looks().follow(entity, activity.latestMillis(), event.timeMillis(), ends, event.contextId(), timers);
    }

    /** Removes the timers of an entity that is forgotten, by the next {@link #storeBeforeCommit}. */
    void forget(Bytes entity) {
        timers.forget(entity);
    }

    /** Call before a commit. */
    void storeBeforeCommit() {
        timers.removeForgotten();
    }

    private void take(String entityId, long step, long labelTimeMillis) {
        long latest = activity.latestMillis();
        Event look = Event.of(entityId)
                .context(activity.looks().contextId())
                .id(LookPlan.id(entityId, latest, step))
                .at(latest + step)
                .type(type)
                .build();
        taker.take(look, Math.min(latest + step, labelTimeMillis));
    }
}
