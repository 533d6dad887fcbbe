package io.livepredict.streams.outcome;

import io.livepredict.streams.output.EntityOutputs;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one entity's coming events must be compared with: its snapshots with labels still undecided, and when each group
 * of targets was last snapshotted in each context. A snapshot leaves this list as soon as all its labels are decided;
 * a snapshot's absence from the list when its horizon has passed means that its labels were decided. So the list stays short
 * however long the horizon, and nothing is written for an event that decides nothing.
 *
 * <p>Reused for all entities of a task; not safe for use from several threads.
 */
final class OpenSnapshots {
    static final int LAYOUT = 1;
    /** The same, and what was sent and raised. */
    static final int LAYOUT_WITH_OUTPUTS = 2;

    /**
     * Of so many contexts and groups the last snapshot is remembered. Ids that stand for many people, or rooms that are made up
     * for each event, would else make a value that no changelog takes in the end.
     */
    static final int MOST_LASTS = 2_000;

    private static final long AFTER_LOSS = 1L << 40;

    /** A snapshot and those of its targets that are undecided. */
    static final class OpenSnapshot {
        final long sequence;
        final long asOfMillis;
        final long deadlineMillis;
        final long context;
        /** References of the undecided targets. */
        final int[] references;
        /** By undecided target: the sum so far; unused for a target that is not a sum. */
        final double[] sums;

        int undecided;

        OpenSnapshot(long sequence, long asOfMillis, long deadlineMillis, long context, int capacity) {
            this.sequence = sequence;
            this.asOfMillis = asOfMillis;
            this.deadlineMillis = deadlineMillis;
            this.context = context;
            references = new int[capacity];
            sums = new double[capacity];
        }

        void add(int reference) {
            references[undecided] = reference;
            sums[undecided++] = 0;
        }

        void remove(int place) {
            undecided--;
            System.arraycopy(references, place + 1, references, place, undecided - place);
            System.arraycopy(sums, place + 1, sums, place, undecided - place);
        }

        /** Where that target is among the undecided, -1 where it is not. */
        int indexOf(int reference) {
            for (int i = 0; i < undecided; i++) {
                if (references[i] == reference) {
                    return i;
                }
            }
            return -1;
        }
    }

    /** When a group was last snapshotted in a context. */
    record Last(long context, int group, long asOfMillis, long everyMillis) {}

    final List<OpenSnapshot> snapshots = new ArrayList<>();
    final List<Last> lasts = new ArrayList<>();
    /** What was sent and raised. */
    final EntityOutputs outputs = new EntityOutputs();

    /** Snapshots in the pending store, decided ones included. */
    int pendingCount;

    /** Sequences of this entity's snapshots that these lists know of: [first, next). */
    private long firstSequence;

    private long nextSequence;
    private final StateReader in = new StateReader();
    private final StateWriter out = new StateWriter();

    void clear() {
        snapshots.clear();
        lasts.clear();
        outputs.clear();
        pendingCount = 0;
        firstSequence = 0;
        nextSequence = 0;
    }

    /** Starts again after the stored lists were lost: the outcome of snapshots taken before is unknown. */
    private void startAfterLoss() {
        clear();
        firstSequence = AFTER_LOSS;
        nextSequence = AFTER_LOSS;
    }

    /** Whether a snapshot of that sequence was entered here, so that its absence now means that it was decided. */
    boolean knows(long sequence) {
        return sequence >= firstSequence && sequence < nextSequence;
    }

    /**
     * Whether there is nothing to remember. A loss of the lists is remembered for good: if it were forgotten, new snapshots
     * would take the sequences of lost ones that still await their label, and pass for them.
     */
    boolean isEmpty() {
        return pendingCount == 0 && lasts.isEmpty() && firstSequence == 0 && outputs.isEmpty();
    }

    long takeSequence() {
        return nextSequence++;
    }

    /**
     * How many snapshots of undecided labels an event as of that time can still decide. Those whose horizon it has passed only
     * wait until events of all source partitions have come that far, which says nothing of this entity.
     */
    int openAt(long asOfMillis) {
        int count = 0;
        for (OpenSnapshot each : snapshots) {
            count += each.deadlineMillis >= asOfMillis ? 1 : 0;
        }
        return count;
    }

    /** Time of the last snapshot of that group in that context, {@code Long.MIN_VALUE} for none. */
    long lastOf(long context, int group) {
        for (Last last : lasts) {
            if (last.context == context && last.group == group) {
                return last.asOfMillis;
            }
        }
        return Long.MIN_VALUE;
    }

    void setLast(long context, int group, long asOfMillis, long everyMillis) {
        lasts.removeIf(last -> last.context == context && last.group == group);
        lasts.add(new Last(context, group, asOfMillis, everyMillis));
    }

    /** Whether a further last snapshot can be remembered; what holds back none as of that time or later is forgotten first. */
    boolean hasRoomForLast(long asOfMillis) {
        if (lasts.size() >= MOST_LASTS) {
            prune(asOfMillis);
        }
        return lasts.size() < MOST_LASTS;
    }

    /** Forgets the last snapshots that hold back no further one: every event to come is at label time or after it. */
    void prune(long labelTimeMillis) {
        lasts.removeIf(last -> last.asOfMillis + last.everyMillis <= labelTimeMillis);
    }

    @Nullable
    OpenSnapshot remove(long deadlineMillis, long sequence) {
        for (int i = 0; i < snapshots.size(); i++) {
            if (snapshots.get(i).sequence == sequence && snapshots.get(i).deadlineMillis == deadlineMillis) {
                return snapshots.remove(i);
            }
        }
        return null;
    }

    byte[] write() {
        out.reset();
        out.writeByte(outputs.isEmpty() ? LAYOUT : LAYOUT_WITH_OUTPUTS);
        out.writeVarint(pendingCount);
        out.writeVarint(firstSequence);
        out.writeVarint(nextSequence - firstSequence);
        out.writeVarint(snapshots.size());
        for (int i = 0; i < snapshots.size(); i++) {
            OpenSnapshot entry = snapshots.get(i);
            out.writeVarint(entry.sequence);
            out.writeSigned(entry.asOfMillis);
            out.writeVarint(entry.deadlineMillis - entry.asOfMillis);
            out.writeLong(entry.context);
            out.writeVarint(entry.undecided);
            for (int j = 0; j < entry.undecided; j++) {
                out.writeInt(entry.references[j]);
                out.writeByte(entry.sums[j] == 0 ? 0 : 1);
                if (entry.sums[j] != 0) {
                    out.writeDouble(entry.sums[j]);
                }
            }
        }
        out.writeVarint(lasts.size());
        for (Last last : lasts) {
            out.writeLong(last.context);
            out.writeInt(last.group);
            out.writeSigned(last.asOfMillis);
            out.writeVarint(last.everyMillis);
        }
        if (!outputs.isEmpty()) {
            outputs.write(out);
        }
        return out.toBytes();
    }

    /**
     * Reads a stored value into this.
     *
     * @return false if the value has another layout or cannot be read; then this is empty and knows none of its snapshots
     */
    boolean read(byte[] value) {
        clear();
        try {
            in.reset(value);
            int layout = in.readByte();
            if (layout == LAYOUT || layout == LAYOUT_WITH_OUTPUTS) {
                readFields();
                if (layout == LAYOUT_WITH_OUTPUTS) {
                    outputs.read(in);
                }
                return true;
            }
        } catch (IndexOutOfBoundsException e) {
            // not what this class wrote: as good as no value
        }
        startAfterLoss();
        return false;
    }

    private void readFields() {
        pendingCount = in.readCount();
        firstSequence = in.readVarint();
        nextSequence = firstSequence + in.readVarint();
        int count = in.readCount();
        for (int i = 0; i < count; i++) {
            long sequence = in.readVarint();
            long asOf = in.readSigned();
            long deadline = asOf + in.readVarint();
            long context = in.readLong();
            int undecided = in.readCount();
            if (undecided > in.remaining()) {
                throw new IndexOutOfBoundsException(undecided + " undecided targets");
            }
            OpenSnapshot entry = new OpenSnapshot(sequence, asOf, deadline, context, undecided);
            for (int j = 0; j < undecided; j++) {
                entry.add(in.readInt());
                entry.sums[j] = in.readByte() == 0 ? 0 : in.readDouble();
            }
            snapshots.add(entry);
        }
        count = in.readCount();
        for (int i = 0; i < count; i++) {
            lasts.add(new Last(in.readLong(), in.readInt(), in.readSigned(), in.readVarint()));
        }
    }
}
