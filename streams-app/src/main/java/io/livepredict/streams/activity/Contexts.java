package io.livepredict.streams.activity;

import io.livepredict.contract.Hashes;
import io.livepredict.contract.Scale;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an entity does and has done in rooms or matches: the last {@value ActivityLayout#MAX_CONTEXTS} of them, and what
 * is remembered of visits and stays in any.
 */
final class Contexts {
    private static final long NO_CONTEXT = Hashes.id64("");

    private final ActivityLayout layout;
    private final ContextSlot[] slots = new ContextSlot[ActivityLayout.MAX_CONTEXTS];
    private int slotCount;
    /** A bit for one of 64 hashes of each context ever seen. */
    private long seen;

    private final Durations visits;
    private final Durations absences;
    private final StayHabits stayHabits;

    /** Of the event last added, or of the newest: where it was, and how long before was the last one there. */
    private int rowSlot;

    private int rowContextId;
    private long hereMillis;
    private int droppedStays;

    Contexts(ActivityLayout layout) {
        this.layout = layout;
        visits = new Durations(layout.windowMillis);
        absences = new Durations(layout.gapMillis);
        stayHabits = new StayHabits(layout);
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new ContextSlot(layout);
        }
    }

    void clear() {
        slotCount = 0;
        seen = 0;
        visits.clear();
        absences.clear();
        stayHabits.clear();
        droppedStays = 0;
    }

    /** How many open stays the event last added made forgotten: 0 or 1. */
    int droppedStays() {
        return droppedStays;
    }

    /** The hashed id of the context of the event last added, or of the newest. */
    int rowContextId() {
        return rowContextId;
    }

    /** Time between the event last added and the one before it in the same context, or since the newest one there. */
    long hereMillis() {
        return hereMillis;
    }

    /**
     * Adds an event.
     *
     * @param numbers the event's, within bounds
     * @param latestMillis as of the entity's latest event
     * @return whether something has changed that is not of the stay in this context
     */
    boolean add(Event event, double[] numbers, long latestMillis) {
        long hash = Hashes.id64(event.contextId());
        boolean none = event.contextId().isEmpty();
        rowContextId = none ? 0 : Hashes.bucketOfId64(hash, layout.contextBuckets);
        seen |= none ? 0 : 1L << (hash & 63);
        droppedStays = 0;
        rowSlot = find(hash);
        boolean added = rowSlot < 0;
        if (added) {
            rowSlot = room(latestMillis);
            slots[rowSlot].clear(hash, event.timeMillis());
        }
        ContextSlot slot = slots[rowSlot];
        hereMillis = slot.stays == 0 && slot.decayedEvents == 0
                ? ActivityLayout.NEVER_MILLIS
                : event.timeMillis() - slot.lastMillis;
        return slot.add(event.timeMillis(), event.type(), numbers, visits, absences, stayHabits) || added;
    }

    /**
     * Turns from the event last added to where the newest one was.
     *
     * @param contextId counts where several contexts had one at the same time; null for the first of them
     */
    void turnToNewest(long nowMillis, @Nullable String contextId) {
        rowSlot = contextId == null ? 0 : Math.max(0, find(Hashes.id64(contextId)));
        for (int i = 0; i < slotCount; i++) {
            if (slots[i].lastMillis > slots[rowSlot].lastMillis) {
                rowSlot = i;
            }
        }
        ContextSlot slot = slots[rowSlot];
        rowContextId = slot.hash == NO_CONTEXT ? 0 : Hashes.bucketOfId64(slot.hash, layout.contextBuckets);
        hereMillis = nowMillis - slot.lastMillis;
    }

    private int find(long hash) {
        for (int i = 0; i < slotCount; i++) {
            if (slots[i].hash == hash) {
                return i;
            }
        }
        return -1;
    }

    /** A slot for another context: a free one, or that of the context untouched for longest. */
    private int room(long latestMillis) {
        if (slotCount < slots.length) {
            return slotCount++;
        }
        int oldest = 0;
        for (int i = 1; i < slotCount; i++) {
            if (slots[i].lastMillis < slots[oldest].lastMillis) {
                oldest = i;
            }
        }
        droppedStays = slots[oldest].stayingAt(latestMillis) ? 1 : 0;
        return oldest;
    }

    void describe(DenseList out) {
        String here = " in this " + layout.definition.kind().context();
        String visit = "start " + layout.definition.sessionStart() + " to end " + layout.definition.sessionEnd();
        String stay = "stay: from a start of " + layout.definition.sessionStart() + " or the first event to an end of "
                + layout.definition.sessionEnd() + " or a gap above " + layout.sessionGapMillis + " ms";
        if (layout.hasVisits) {
            Durations.describe(out, layout.windowMillis, "visit", "visit", "past visits", visit + ", any context");
            Durations.describe(
                    out,
                    layout.gapMillis,
                    "absence",
                    "absence",
                    "absences",
                    "end to next start in the same context, any context, of " + visit);
        }
        describeStay(out, here, stay);
        String weight =
                "events weighing 2^(-age/" + layout.definition.halfLife().toMillis() + " ms)";
        out.add("here.events", "own events" + here + ", older ones counting less", Scale.COUNT, weight);
        out.add("here.familiarity", "share of the own events that were" + here, Scale.PLAIN, weight + " over all");
        out.add("here.stays", "number of stays" + here, Scale.COUNT, stay);
        if (layout.hasVisits) {
            out.add(
                    "here.visit-age",
                    "how long this visit" + here + " has lasted",
                    Scale.SECONDS,
                    visit + "; 0 for none");
            Durations.describe(out, layout.windowMillis, "here.visit", "visit" + here, "past visits" + here, visit);
        }
        String contexts = layout.definition.kind().contexts();
        out.add(
                "contexts.distinct",
                "how many different " + contexts + " there were (counted by hash, 64 at most)",
                Scale.COUNT,
                "distinct hash & 63 of context ids");
        out.add(
                "contexts.open",
                "in how many " + contexts + " a stay is going on",
                Scale.COUNT,
                "of the last " + ActivityLayout.MAX_CONTEXTS + " contexts; " + stay);
        stayHabits.describe(out, stay);
    }

    private void describeStay(DenseList out, String here, String stay) {
        out.add("stay.age", "how long this stay" + here + " has lasted", Scale.SECONDS, stay);
        for (String type : layout.types) {
            out.add(
                    "stay.count." + type,
                    "own " + FeatureWords.plural(type) + " during this stay" + here,
                    Scale.COUNT,
                    stay);
        }
        for (int n = 0; n < layout.numbers.size(); n++) {
            if (layout.summed[n] >= 0) {
                String number = layout.numbers.get(n);
                out.add(
                        "stay.sum." + number,
                        "own total " + FeatureWords.words(number) + " during this stay" + here,
                        Scale.AMOUNT,
                        stay);
            }
        }
    }

    /**
     * Fills the features.
     *
     * @param allEvents weight of the entity's events in all contexts, by the configured half-life
     */
    void fill(DenseCursor out, long latestMillis, float allEvents) {
        if (layout.hasVisits) {
            visits.fill(out);
            absences.fill(out);
        }
        ContextSlot slot = slots[rowSlot];
        boolean staying = slot.stayingAt(latestMillis);
        out.addSeconds(staying ? latestMillis - slot.stayMillis : 0);
        for (int count : slot.stayCounts) {
            out.add(staying ? (float) count : 0f);
        }
        for (double sum : slot.staySums) {
            out.add(staying ? sum : 0);
        }
        double events = slot.decayedEventsAt(latestMillis);
        out.add(events);
        out.add(allEvents > 0 ? Math.min(1, events / allEvents) : 0);
        out.add((float) slot.stays);
        if (layout.hasVisits) {
            out.addSeconds(slot.visitMillis == ContextSlot.NONE ? 0 : latestMillis - slot.visitMillis);
            slot.visits.fill(out);
        }
        out.add((float) Long.bitCount(seen));
        int open = 0;
        for (int i = 0; i < slotCount; i++) {
            open += slots[i].stayingAt(latestMillis) ? 1 : 0;
        }
        out.add((float) open);
        stayHabits.fill(out);
    }

    /** What any event may change. */
    void write(StateWriter out, long latestMillis) {
        out.writeLong(seen);
        out.writeByte(slotCount);
        for (int i = 0; i < slotCount; i++) {
            slots[i].write(out, latestMillis);
        }
    }

    void read(StateReader in, long latestMillis) {
        seen = in.readLong();
        slotCount = in.readByte();
        for (int i = 0; i < slotCount; i++) {
            slots[i].read(in, latestMillis);
        }
    }

    /** What changes only when a visit or stay ends, or with another context. */
    void writePast(StateWriter out) {
        visits.write(out);
        absences.write(out);
        stayHabits.write(out);
        for (int i = 0; i < slotCount; i++) {
            slots[i].visits.write(out);
        }
    }

    void readPast(StateReader in) {
        visits.read(in);
        absences.read(in);
        stayHabits.read(in);
        for (int i = 0; i < slotCount; i++) {
            slots[i].visits.read(in);
        }
    }

    /** The newest first, as {@link #turnToNewest} has it. */
    List<KnownActivity.Place> known() {
        return Arrays.stream(slots, 0, slotCount)
                .sorted(Comparator.comparingLong((ContextSlot slot) -> slot.lastMillis)
                        .reversed())
                .map(slot -> new KnownActivity.Place(slot.hash, slot.lastMillis, slot.stayMillis, slot.stays))
                .toList();
    }

    /** Takes over what the other has. */
    void copy(Contexts other, LayoutMapping mapping) {
        slotCount = other.slotCount;
        seen = other.seen;
        for (int i = 0; i < slotCount; i++) {
            slots[i].copy(other.slots[i], mapping);
        }
        visits.copy(other.visits);
        absences.copy(other.absences);
        stayHabits.copy(other.stayHabits, mapping);
    }
}
