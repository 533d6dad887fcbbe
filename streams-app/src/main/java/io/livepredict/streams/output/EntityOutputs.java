package io.livepredict.streams.output;

import io.livepredict.streams.outlook.Presence;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one entity so that what was sent, raised and cleared decides what is sent, raised and cleared next.
 * Whatever no coming event can ask for any more is forgotten. A part of the entity's stored value; reused for all entities
 * of a task; not safe for use from several threads.
 */
public final class EntityOutputs {
    /** No timer is set, or nothing is due. */
    public static final long NEVER = Long.MAX_VALUE;

    /**
     * So many predictions that still hold are remembered. Ids that stand for many people, or rooms that are made up for each
     * event, would else make a value that grows with every event, and that no changelog takes in the end.
     */
    static final int MOST_SENT = 2_000;

    /** So many alerts are open or cooling down at a time, for the same reason. */
    static final int MOST_RAISED = 1_000;

    /** A prediction that was sent and still holds. */
    record Sent(long context, int target, float score, long untilMillis) {}

    /** An alert that was raised: open until it is cleared, remembered until its cool-down is over. */
    static final class Raised {
        final String alert;
        final String target;
        final String context;
        final boolean heldOut;
        final long atMillis;
        boolean open = true;
        long lastMillis;
        float lastScore;
        String model;
        long modelVersion;

        Raised(String alert, String target, String context, boolean heldOut, long atMillis, String model) {
            this.alert = alert;
            this.target = target;
            this.context = context;
            this.heldOut = heldOut;
            this.atMillis = atMillis;
            this.model = model;
        }
    }

    /** A raise whose target's label is not known yet. */
    static final class Awaited {
        final String alert;
        final int target;
        final long context;
        final boolean heldOut;
        final long atMillis;
        final long deadlineMillis;
        boolean happened;
        double sum;

        Awaited(String alert, int target, long context, boolean heldOut, long atMillis, long deadlineMillis) {
            this.alert = alert;
            this.target = target;
            this.context = context;
            this.heldOut = heldOut;
            this.atMillis = atMillis;
            this.deadlineMillis = deadlineMillis;
        }
    }

    final List<Sent> sent = new ArrayList<>();
    final List<Raised> raised = new ArrayList<>();
    final List<Awaited> awaited = new ArrayList<>();

    /** Where the entity is present. */
    final Presence presence = new Presence();

    private long timerMillis = NEVER;

    /** Forgets everything. */
    public void clear() {
        sent.clear();
        raised.clear();
        awaited.clear();
        presence.clear();
        timerMillis = NEVER;
    }

    /** Whether there is nothing to remember. */
    public boolean isEmpty() {
        return sent.isEmpty() && raised.isEmpty() && awaited.isEmpty() && presence.isEmpty() && timerMillis == NEVER;
    }

    /** When the entity's timer goes off, {@link #NEVER} for none. */
    public long timerMillis() {
        return timerMillis;
    }

    /** Notes when the entity's timer goes off. */
    public void setTimer(long millis) {
        timerMillis = millis;
    }

    @Nullable
    Sent sent(long context, int target) {
        for (Sent each : sent) {
            if (each.context == context && each.target == target) {
                return each;
            }
        }
        return null;
    }

    /**
     * Remembers a prediction that was sent, unless so many others hold that nothing more is remembered.
     *
     * @param asOfMillis of its row: what held until then counts no more, whether label time has passed it or not
     */
    void send(long context, int target, float score, long asOfMillis, long untilMillis) {
        sent.removeIf(each -> each.untilMillis <= asOfMillis || (each.context == context && each.target == target));
        if (sent.size() < MOST_SENT) {
            sent.add(new Sent(context, target, score, untilMillis));
        }
    }

    @Nullable
    Raised raised(String alert, String context) {
        for (Raised each : raised) {
            if (each.alert.equals(alert) && each.context.equals(context)) {
                return each;
            }
        }
        return null;
    }

    /** Writes all of it. */
    public void write(StateWriter out) {
        out.writeVarint(sent.size());
        for (Sent each : sent) {
            out.writeLong(each.context);
            out.writeInt(each.target);
            out.writeFloat(each.score);
            out.writeSigned(each.untilMillis);
        }
        out.writeVarint(raised.size());
        for (Raised each : raised) {
            out.writeString(each.alert);
            out.writeString(each.target);
            out.writeString(each.context);
            out.writeByte((each.heldOut ? 1 : 0) | (each.open ? 2 : 0));
            out.writeSigned(each.atMillis);
            out.writeSigned(each.lastMillis - each.atMillis);
            out.writeFloat(each.lastScore);
            out.writeString(each.model);
            out.writeVarint(each.modelVersion);
        }
        out.writeVarint(awaited.size());
        for (Awaited each : awaited) {
            out.writeString(each.alert);
            out.writeInt(each.target);
            out.writeLong(each.context);
            out.writeByte((each.heldOut ? 1 : 0) | (each.happened ? 2 : 0));
            out.writeSigned(each.atMillis);
            out.writeVarint(each.deadlineMillis - each.atMillis);
            out.writeDouble(each.sum);
        }
        presence.write(out);
        out.writeByte(timerMillis == NEVER ? 0 : 1);
        if (timerMillis != NEVER) {
            out.writeSigned(timerMillis);
        }
    }

    /**
     * Reads what was written into this.
     *
     * @throws IndexOutOfBoundsException if it is not what this class wrote
     */
    public void read(StateReader in) {
        clear();
        for (int i = in.readCount(); i > 0; i--) {
            sent.add(new Sent(in.readLong(), in.readInt(), in.readFloat(), in.readSigned()));
        }
        for (int i = in.readCount(); i > 0; i--) {
            raised.add(readRaised(in));
        }
        for (int i = in.readCount(); i > 0; i--) {
            awaited.add(readAwaited(in));
        }
        presence.read(in);
        timerMillis = in.readByte() == 0 ? NEVER : in.readSigned();
    }

    private static Raised readRaised(StateReader in) {
        String alert = in.readString();
        String target = in.readString();
        String context = in.readString();
        int flags = in.readByte();
        long at = in.readSigned();
        long last = at + in.readSigned();
        float score = in.readFloat();
        Raised read = new Raised(alert, target, context, (flags & 1) != 0, at, in.readString());
        read.open = (flags & 2) != 0;
        read.lastMillis = last;
        read.lastScore = score;
        read.modelVersion = in.readVarint();
        return read;
    }

    private static Awaited readAwaited(StateReader in) {
        String alert = in.readString();
        int target = in.readInt();
        long context = in.readLong();
        int flags = in.readByte();
        long at = in.readSigned();
        Awaited read = new Awaited(alert, target, context, (flags & 1) != 0, at, at + in.readVarint());
        read.happened = (flags & 2) != 0;
        read.sum = in.readDouble();
        return read;
    }
}
