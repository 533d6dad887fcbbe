package io.livepredict.streams.looks;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * How far the looks at one entity have come since its latest event, and what is known of its timer. Part of what is stored of
 * the entity; reused for all entities of a task.
 *
 * <p>A timer is moved as seldom as can be. Before the first look since the latest event it is somewhere at or before that look:
 * an event leaves it where it is, and it is set anew when it fires. After a look it is exactly at the next one. An event that
 * comes then must move it. What counts is this: <em>while a look is outstanding, a timer fires at or before it.</em> One that
 * fires for nothing does no harm.
 */
public final class LookState {
    private static final int OVER = 1;
    private static final int TIMER = 2;

    private final LookPlan plan;

    /** Nothing is looked at before the next event: the session has ended, or the entity was not waited for so far. */
    private boolean over;

    private boolean timer;
    /** Steps up to this long, in milliseconds, are behind since the latest event; 0 for none. */
    private long lookedMillis;

    /** Of the latest event, as UTF-8 in the stored value; decoded only when it is asked for. */
    private byte[] contextIn = {};

    private int contextFrom;
    private int contextLength;
    private @Nullable String contextId = "";

    /** How long after the latest event the timer fires; {@link LookPlan#NONE} where that is not known exactly. */
    private long timerStep;
    /** How long after the latest event it fires at the latest. */
    private long timerWithin;
    /** The value was written under another plan. */
    private boolean converted;

    /** Of an entity of which nothing is known. */
    public LookState(LookPlan plan) {
        this.plan = plan;
        over = true;
        timerStep = LookPlan.NONE;
        timerWithin = plan.first();
    }

    /** Forgets the entity. */
    public void clear() {
        over = true;
        timer = false;
        lookedMillis = 0;
        contextId = "";
        convert(LookPlan.NONE, plan.first(), false);
    }

    private void convert(long exactly, long within, boolean fromAnother) {
        timerStep = exactly;
        timerWithin = within;
        converted = fromAnother;
    }

    /** Whether looks are configured; nothing else is to be asked of this if not, and nothing is written. */
    public boolean isOn() {
        return !plan.isOff();
    }

    /** The room or match of the latest event, empty for none. */
    public String contextId() {
        String known = contextId;
        if (known == null) {
            known = new String(contextIn, contextFrom, contextLength, StandardCharsets.UTF_8);
            contextId = known;
        }
        return known;
    }

    /** The step of the look that comes next, {@link LookPlan#NONE} for none. */
    public long next() {
        return after(lookedMillis);
    }

    /** The step of the look that follows one at that step. */
    public long after(long stepMillis) {
        return over ? LookPlan.NONE : plan.after(stepMillis);
    }

    /**
     * Follows an event that is about to be added; the looks that are due before it have been taken.
     *
     * @param entity its key
     * @param latestMillis time of the latest event before, {@code Long.MIN_VALUE} for none
     * @param timeMillis the event's time; one that is older than the latest changes nothing
     * @param ends whether it ends a session, and with it the looks
     * @param eventContextId its room or match
     */
    public void follow(
            Bytes entity, long latestMillis, long timeMillis, boolean ends, String eventContextId, LookTimers timers) {
        if (timeMillis < latestMillis) {
            return;
        }
        boolean later = timeMillis > latestMillis;
        if (timer && timerStep != LookPlan.NONE && (later || ends || converted)) {
            timers.disarm(latestMillis + timerStep, entity);
            timer = false;
        } else if (timer && timerWithin > plan.first()) {
            timer = false; // perhaps too late for the first step; it will fire for nothing
        }
        convert(LookPlan.NONE, plan.first(), false);
        over = ends;
        contextId = eventContextId;
        if (later) {
            lookedMillis = 0;
        }
        long step = next();
        if (!timer && step != LookPlan.NONE) {
            timers.arm(timeMillis + step, entity);
            timer = true;
        }
    }

    /**
     * The entity's timer has fired, and is gone; {@link #rearm} must follow.
     *
     * @return whether there is something to store that was not so before
     */
    public boolean fired() {
        boolean changed = converted || over && timer;
        timer &= !over;
        convert(LookPlan.NONE, plan.first(), false);
        return changed;
    }

    /** A look at that step has been taken. */
    public void looked(long stepMillis) {
        lookedMillis = stepMillis;
    }

    /**
     * Sets the timer that has fired to the next look.
     *
     * @return whether there is something to store that was not so before
     */
    public boolean rearm(Bytes entity, long latestMillis, LookTimers timers) {
        boolean before = timer;
        long step = next();
        timer = step != LookPlan.NONE;
        if (timer) {
            timers.arm(latestMillis + step, entity);
        }
        return timer != before;
    }

    /** Writes everything. */
    public void write(StateWriter out) {
        out.writeByte((over ? OVER : 0) | (timer ? TIMER : 0));
        out.writeVarint(lookedMillis);
        if (contextId == null) {
            out.writeVarint(contextLength);
            out.writeBytes(contextIn, contextFrom, contextLength);
        } else {
            out.writeString(contextId);
        }
    }

    /**
     * Reads what was written under the same plan.
     *
     * @param value what is read from; it must not change while this stands for that entity
     */
    public void read(StateReader in, byte[] value) {
        int flags = in.readByte();
        over = (flags & OVER) != 0;
        timer = (flags & TIMER) != 0;
        lookedMillis = in.readVarint();
        contextLength = in.skipString();
        contextFrom = in.position() - contextLength;
        contextIn = value;
        contextId = null;
        boolean exact = timer && !over && lookedMillis > 0;
        convert(exact ? plan.after(lookedMillis) : LookPlan.NONE, plan.first(), false);
    }

    /**
     * Takes over what was written under another plan. Its timer is at or before the look that was next under that plan; so of
     * this plan's steps those apply that are not shorter, whether an event comes or not. An entity that nobody waited for is not
     * looked at before its next event.
     */
    public void copy(LookState other) {
        clear();
        if (!other.isOn()) {
            return;
        }
        over = other.over;
        timer = other.timer;
        contextId = other.contextId();
        long next = other.plan.after(other.lookedMillis);
        lookedMillis = next == LookPlan.NONE ? Long.MAX_VALUE : next - 1;
        convert(other.timerStep, other.plan.first(), true);
    }
}
