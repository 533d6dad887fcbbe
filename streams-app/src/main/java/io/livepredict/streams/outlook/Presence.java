package io.livepredict.streams.outlook;

import io.livepredict.contract.Hashes;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * In which contexts one entity is present: from the bucket of an event in it until the last event in it is {@code
 * present-for} ago, or until an event that ends the session. What changes is told as differences, so that sums need not
 * know who is behind them. A part of an entity's stored value; reused; not safe for use from several threads.
 */
public final class Presence {
    /** In so many contexts an entity is present at once: more has only an id that stands for many, or rooms that are none. */
    static final int MOST = 1_000;

    /** The entity is present in a context before that bucket, unless something happens. */
    private record Here(long context, long until) {}

    private final List<Here> here = new ArrayList<>();

    /** Forgets everything. */
    public void clear() {
        here.clear();
    }

    /** Whether there is nothing to remember. */
    public boolean isEmpty() {
        return here.isEmpty();
    }

    /**
     * Takes in an event in a context.
     *
     * @param asOfMillis the later of the event's time and the entity's latest
     * @param presentFor whole buckets
     * @return whether anything changed
     */
    public boolean came(String contextId, long asOfMillis, Duration presentFor, Consumer<OutlookFact> told) {
        long bucket = Buckets.of(asOfMillis);
        long until = bucket + Buckets.steps(presentFor.toMillis());
        long context = Hashes.id64(contextId);
        here.removeIf(each -> each.until <= bucket);
        int place = place(context);
        long from = bucket;
        if (place < 0 && here.size() >= MOST) {
            return false;
        }
        if (place >= 0) {
            long before = here.get(place).until;
            if (before == until) {
                return false;
            }
            from = before; // the end that was told is taken back
            here.remove(place);
        }
        here.add(new Here(context, until));
        told.accept(new OutlookFact.Presence(contextId, from, 1));
        told.accept(new OutlookFact.Presence(contextId, until, -1));
        return true;
    }

    /**
     * Takes in the end of the entity's session in a context.
     *
     * @return whether anything changed
     */
    public boolean left(String contextId, long asOfMillis, Consumer<OutlookFact> told) {
        long bucket = Buckets.of(asOfMillis);
        int place = place(Hashes.id64(contextId));
        if (place < 0) {
            return false;
        }
        long until = here.remove(place).until;
        if (until > bucket) {
            told.accept(new OutlookFact.Presence(contextId, until, 1));
            told.accept(new OutlookFact.Presence(contextId, bucket, -1));
        }
        return true;
    }

    /** Forgets where the entity is no longer: every event to come is at label time or after it. */
    public void prune(long labelTimeMillis) {
        long bucket = Buckets.of(labelTimeMillis);
        here.removeIf(each -> each.until <= bucket);
    }

    /** When there will be something to forget; {@link Long#MAX_VALUE} for never. */
    public long nextDueMillis() {
        long next = Long.MAX_VALUE;
        for (Here each : here) {
            next = Math.min(next, Buckets.start(each.until));
        }
        return next;
    }

    /** Writes all of it. */
    public void write(StateWriter out) {
        out.writeVarint(here.size());
        for (Here each : here) {
            out.writeLong(each.context);
            out.writeSigned(each.until);
        }
    }

    /** Reads what was written into this. */
    public void read(StateReader in) {
        clear();
        for (int i = in.readCount(); i > 0; i--) {
            here.add(new Here(in.readLong(), in.readSigned()));
        }
    }

    private int place(long context) {
        for (int i = 0; i < here.size(); i++) {
            if (here.get(i).context == context) {
                return i;
            }
        }
        return -1;
    }
}
