package io.livepredict.streams.activity;

import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Scale;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.Arrays;

/**
 * Everything known of one viewer or player, as of its latest event, and the features made of it. One object per task is
 * reused for all entities: {@link #read} or {@link #clear}, {@link #add}, {@link #fill}, {@link #write}. Not safe for use
 * from several threads.
 *
 * <p>Counts, sums, recencies and the sequence depend only on which events came, not on their order. Runs of activity,
 * stays and visits are followed as events arrive: one that is older than the latest is counted but neither opens nor
 * closes them.
 */
public final class EntityActivity {
    private static final long NONE = ContextSlot.NONE;
    private static final long DAY = 86_400_000L;
    private static final double DAY_ANGLE = 2 * Math.PI / DAY;
    private static final double WEEK_ANGLE = DAY_ANGLE / 7;
    /** The epoch was a Thursday. */
    private static final long MONDAY = 4 * DAY;

    private final ActivityLayout layout;
    private final int types;

    private long latestMillis;
    private long firstMillis;
    private long events;
    private final SeenEvents seen = new SeenEvents();
    private final Panes panes;
    private final DecayedCounts decayed;
    private final RecentEvents recent;
    /** By type: time of the newest, {@link #NONE} for never. */
    private final long[] lastOfType;

    private long sessionMillis;
    private long sessionEvents;
    private int sessions;
    private final Durations eventGaps;
    private final Durations sessionLengths;
    private final Durations sessionGaps;
    private final Durations visits;
    private final Durations absences;
    private final StayHabits stayHabits;

    private long lastDay;
    private int activeDays;
    private int dayStreak;

    private final ContextSlot[] slots = new ContextSlot[ActivityLayout.MAX_CONTEXTS];
    private int slotCount;
    /** A bit for one of 64 hashes of each context ever seen. */
    private long contextBits;

    private final int[] attributes;
    /** By number: the newest value, NaN for none, and when it was. */
    private final double[] lastNumbers;

    private final long[] lastNumberMillis;
    /** By number. */
    private final NumberHistory[] histories;
    /** The numbers of the event being added, within {@link ActivityLayout#MAX_NUMBER}. */
    private final double[] numbers;

    private int[] tokens = Event.NONE;

    /** Of the event last added: its type, slot, and what was before it. */
    private int rowType;

    private int rowSlot;
    private int rowContextId;
    private long sameTypeMillis;
    private long hereMillis;
    private int droppedStays;

    private final StateReader reader = new StateReader();
    private final StateWriter writer = new StateWriter();
    private final DenseCursor cursor = new DenseCursor();

    /** Knows nothing yet of an entity of that kind. */
    public EntityActivity(KindDefinition definition) {
        this(new ActivityLayout(definition));
    }

    EntityActivity(ActivityLayout layout) {
        this.layout = layout;
        types = layout.types.size();
        panes = new Panes(layout);
        decayed = new DecayedCounts(layout);
        recent = new RecentEvents(layout.sequenceLength);
        lastOfType = new long[types];
        eventGaps = new Durations(layout.gapMillis);
        sessionLengths = new Durations(layout.windowMillis);
        sessionGaps = new Durations(layout.gapMillis);
        visits = new Durations(layout.windowMillis);
        absences = new Durations(layout.gapMillis);
        stayHabits = new StayHabits(layout);
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new ContextSlot(layout);
        }
        attributes = new int[layout.attributes.size()];
        lastNumbers = new double[layout.numbers.size()];
        lastNumberMillis = new long[lastNumbers.length];
        histories = new NumberHistory[lastNumbers.length];
        for (int i = 0; i < histories.length; i++) {
            histories[i] = new NumberHistory();
        }
        numbers = new double[lastNumbers.length];
        clear();
    }

    /** Makes this an entity of which nothing is known. */
    public void clear() {
        latestMillis = NONE;
        firstMillis = NONE;
        events = 0;
        seen.clear();
        panes.clear(0);
        decayed.clear();
        recent.clear();
        Arrays.fill(lastOfType, NONE);
        sessionMillis = NONE;
        sessionEvents = 0;
        sessions = 0;
        eventGaps.clear();
        sessionLengths.clear();
        sessionGaps.clear();
        visits.clear();
        absences.clear();
        stayHabits.clear();
        for (NumberHistory history : histories) {
            history.clear();
        }
        lastDay = 0;
        activeDays = 0;
        dayStreak = 0;
        slotCount = 0;
        contextBits = 0;
        Arrays.fill(attributes, 0);
        Arrays.fill(lastNumbers, Double.NaN);
        Arrays.fill(lastNumberMillis, NONE);
        tokens = Event.NONE;
        droppedStays = 0;
    }

    /** Time of the entity's latest event, {@code Long.MIN_VALUE} for none. */
    public long latestMillis() {
        return latestMillis;
    }

    /** Whether the event is one of the last {@value SeenEvents#CAPACITY}. */
    public boolean hasSeen(Event event) {
        return seen.contains(EventHash.of(event.eventId()));
    }

    /** How many open stays were forgotten by the last {@link #add} to make room for another context: 0 or 1. */
    public int droppedStays() {
        return droppedStays;
    }

    /** Adds an event that {@link #hasSeen} does not know. */
    public void add(Event event) {
        long time = event.timeMillis();
        int type = event.type();
        boolean first = latestMillis == NONE;
        boolean inOrder = first || time >= latestMillis;

        seen.add(EventHash.of(event.eventId()));
        for (int n = 0; n < numbers.length; n++) {
            double value = event.numbers()[n];
            numbers[n] = Math.max(-ActivityLayout.MAX_NUMBER, Math.min(ActivityLayout.MAX_NUMBER, value));
        }
        if (inOrder) {
            follow(time, first);
            if (first) {
                panes.clear(time);
            } else {
                panes.advance(time);
                decayed.advance(time - latestMillis);
            }
            latestMillis = time;
        } else if (time >= sessionMillis) {
            sessionEvents++;
        }
        firstMillis = first ? time : Math.min(firstMillis, time);
        events++;
        panes.add(time, type, numbers);
        decayed.add(time, latestMillis - time, type, numbers);
        recent.add(time, type);
        rowType = type;
        sameTypeMillis = lastOfType[type] == NONE ? ActivityLayout.NEVER_MILLIS : time - lastOfType[type];
        lastOfType[type] = Math.max(lastOfType[type], time);
        remember(event, inOrder);
        addToContext(event);
    }

    /** Follows the runs of activity and the days. */
    private void follow(long time, boolean first) {
        long day = Math.floorDiv(time, DAY);
        if (first) {
            sessionMillis = time;
            sessions = 1;
        } else {
            long gap = time - latestMillis;
            eventGaps.add(gap);
            if (gap > layout.sessionGapMillis) {
                sessionLengths.add(latestMillis - sessionMillis);
                sessionGaps.add(gap);
                sessionMillis = time;
                sessionEvents = 0;
                sessions++;
            }
        }
        sessionEvents++;
        if (first || day > lastDay) {
            dayStreak = !first && day == lastDay + 1 ? dayStreak + 1 : 1;
            activeDays++;
            lastDay = day;
        }
    }

    private void remember(Event event, boolean inOrder) {
        int[] ids = event.attributeIds();
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] != 0 && (inOrder || attributes[i] == 0)) {
                attributes[i] = ids[i];
            }
        }
        for (int i = 0; i < numbers.length; i++) {
            if (!Double.isNaN(numbers[i]) && layout.last[i]) {
                histories[i].add(numbers[i]);
            }
            if (!Double.isNaN(numbers[i]) && event.timeMillis() >= lastNumberMillis[i]) {
                lastNumbers[i] = numbers[i];
                lastNumberMillis[i] = event.timeMillis();
            }
        }
        if (event.tokens().length > 0 && (inOrder || tokens.length == 0)) {
            tokens = event.tokens();
        }
    }

    private void addToContext(Event event) {
        long hash = EventHash.of(event.contextId());
        rowContextId =
                event.contextId().isEmpty() ? 0 : 1 + (int) Long.remainderUnsigned(hash, layout.contextBuckets - 1L);
        if (!event.contextId().isEmpty()) {
            contextBits |= 1L << (hash & 63);
        }
        droppedStays = 0;
        rowSlot = slotOf(hash, event.timeMillis());
        ContextSlot slot = slots[rowSlot];
        hereMillis = slot.stays == 0 && slot.decayedEvents == 0
                ? ActivityLayout.NEVER_MILLIS
                : event.timeMillis() - slot.lastMillis;
        slot.add(event.timeMillis(), event.type(), numbers, visits, absences, stayHabits);
    }

    private int slotOf(long hash, long time) {
        for (int i = 0; i < slotCount; i++) {
            if (slots[i].hash == hash) {
                return i;
            }
        }
        int place = slotCount;
        if (slotCount < slots.length) {
            slotCount++;
        } else {
            place = 0;
            for (int i = 1; i < slotCount; i++) {
                if (slots[i].lastMillis < slots[place].lastMillis) {
                    place = i;
                }
            }
            droppedStays = slots[place].stayingAt(latestMillis) ? 1 : 0;
        }
        slots[place].clear(hash, time);
        return place;
    }

    /** Describes the dense features in the order in which {@link #fill} writes them. */
    void describe(DenseList out) {
        String here = " in this " + FeatureDefinitions.context(layout.definition.kind());
        for (String type : layout.types) {
            out.add(
                    "type." + type,
                    "this is a " + FeatureDefinitions.words(type) + " event",
                    Scale.PLAIN,
                    "1 when the event of this row has this type");
        }
        out.add(
                "gap.same-type",
                "time since the event of the same type before this one",
                Scale.SECONDS,
                "event time - newest event time of its type before; at most and for none "
                        + ActivityLayout.NEVER_MILLIS);
        out.add(
                "gap.here",
                "time since the event before this one" + here,
                Scale.SECONDS,
                "event time - newest event time in the context before; at most and for none "
                        + ActivityLayout.NEVER_MILLIS);
        panes.describe(out);
        decayed.describe(out);
        for (String type : layout.types) {
            out.add(
                    "recency." + type,
                    "time since the last " + FeatureDefinitions.words(type) + " event",
                    Scale.SECONDS,
                    "as-of - newest event time of the type; at most and for none " + ActivityLayout.NEVER_MILLIS);
        }
        String run = "run of activity in all contexts, ended by a gap above " + layout.sessionGapMillis + " ms";
        out.add("session.age", "how long this session has lasted", Scale.SECONDS, run);
        out.add("session.events", "events in this session", Scale.COUNT, run);
        out.add("session.number", "number of sessions, this one included", Scale.COUNT, run);
        Durations.describe(
                out, layout.gapMillis, "event-gap", "gap between events", "gaps between events", "event to event");
        Durations.describe(out, layout.windowMillis, "session", "session", "past sessions", run);
        Durations.describe(
                out,
                layout.gapMillis,
                "session-gap",
                "pause between sessions",
                "pauses between sessions",
                "gap after a " + run);
        String visit = "start " + layout.definition.sessionStart() + " to end " + layout.definition.sessionEnd();
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
        describeContext(out, here, visit);
        stayHabits.describe(out, stay());
        out.add("life.age", "time since first seen", Scale.SECONDS, "as-of - earliest event time");
        out.add("life.events", "events ever", Scale.COUNT, "all events");
        out.add("life.days", "days with activity", Scale.COUNT, "UTC days with an event that was the newest");
        out.add("life.streak", "days in a row with activity", Scale.COUNT, "such days in a row up to the newest");
        out.add("time.day-sin", "time of day", Scale.PLAIN, "sine of the time of day (UTC)");
        out.add("time.day-cos", "time of day", Scale.PLAIN, "cosine of the time of day (UTC)");
        out.add("time.day-sin-2", "time of day", Scale.PLAIN, "sine of twice the angle of the time of day (UTC)");
        out.add("time.day-cos-2", "time of day", Scale.PLAIN, "cosine of twice the angle of the time of day (UTC)");
        out.add("time.week-sin", "day of the week", Scale.PLAIN, "sine of the time since Monday 00:00 (UTC)");
        out.add("time.week-cos", "day of the week", Scale.PLAIN, "cosine of the time since Monday 00:00 (UTC)");
        for (int n = 0; n < layout.numbers.size(); n++) {
            if (layout.last[n]) {
                String number = layout.numbers.get(n);
                out.add("last." + number, "last " + FeatureDefinitions.words(number), Scale.AMOUNT, "0 for none");
                NumberHistory.describe(out, number);
            }
        }
        for (int i = 0; i < layout.textBuckets; i++) {
            out.add(
                    "text." + i,
                    "words of group " + i + " in the last message",
                    Scale.COUNT,
                    "tokens in bucket " + i + " of " + layout.textBuckets);
        }
    }

    private String stay() {
        return "stay: from a start of " + layout.definition.sessionStart() + " or the first event to an end of "
                + layout.definition.sessionEnd() + " or a gap above " + layout.sessionGapMillis + " ms";
    }

    private void describeContext(DenseList out, String here, String visit) {
        String stay = stay();
        out.add("stay.age", "how long this stay has lasted" + here, Scale.SECONDS, stay);
        for (String type : layout.types) {
            out.add("stay.count." + type, FeatureDefinitions.events(type) + " in this stay" + here, Scale.COUNT, stay);
        }
        for (int n = 0; n < layout.numbers.size(); n++) {
            if (layout.summed[n] >= 0) {
                String number = layout.numbers.get(n);
                out.add(
                        "stay.sum." + number,
                        "sum of " + FeatureDefinitions.words(number) + " in this stay" + here,
                        Scale.AMOUNT,
                        stay);
            }
        }
        String weight =
                "events weighing 2^(-age/" + layout.definition.halfLife().toMillis() + " ms)";
        out.add("here.events", "activity" + here, Scale.COUNT, weight);
        out.add("here.familiarity", "share of the activity that was" + here, Scale.PLAIN, weight + " over all");
        out.add("here.stays", "number of stays" + here, Scale.COUNT, stay);
        if (layout.hasVisits) {
            out.add("here.visit-age", "how long this visit has lasted" + here, Scale.SECONDS, visit + "; 0 for none");
            Durations.describe(out, layout.windowMillis, "here.visit", "visit" + here, "past visits" + here, visit);
        }
        String contexts = FeatureDefinitions.context(layout.definition.kind());
        out.add(
                "contexts.distinct",
                "how many of 64 groups of " + contexts + " ids were seen",
                Scale.COUNT,
                "distinct hash & 63 of context ids");
        out.add(
                "contexts.open",
                "stays going on in any " + contexts,
                Scale.COUNT,
                "of the last " + ActivityLayout.MAX_CONTEXTS + " contexts; " + stay);
    }

    /**
     * Fills the vector with the features as of the latest event, for the event last added.
     *
     * @return where the entity's own dense features end and others may follow
     */
    public int fill(FeatureVector vector) {
        cursor.reset(vector.dense);
        DenseCursor out = cursor;
        for (int type = 0; type < types; type++) {
            out.add(type == rowType ? 1f : 0f);
        }
        out.addSeconds(sameTypeMillis);
        out.addSeconds(hereMillis);
        panes.fill(out);
        decayed.fill(out, latestMillis);
        for (long last : lastOfType) {
            out.addSeconds(last == NONE ? ActivityLayout.NEVER_MILLIS : latestMillis - last);
        }
        out.addSeconds(latestMillis - sessionMillis);
        out.add((float) sessionEvents);
        out.add((float) sessions);
        eventGaps.fill(out);
        sessionLengths.fill(out);
        sessionGaps.fill(out);
        if (layout.hasVisits) {
            visits.fill(out);
            absences.fill(out);
        }
        fillContext(out);
        stayHabits.fill(out);
        out.addSeconds(latestMillis - firstMillis);
        out.add((float) events);
        out.add((float) activeDays);
        out.add((float) dayStreak);
        long ofDay = Math.floorMod(latestMillis, DAY);
        long ofWeek = Math.floorMod(latestMillis - MONDAY, 7 * DAY);
        out.add(Math.sin(ofDay * DAY_ANGLE));
        out.add(Math.cos(ofDay * DAY_ANGLE));
        out.add(Math.sin(2 * ofDay * DAY_ANGLE));
        out.add(Math.cos(2 * ofDay * DAY_ANGLE));
        out.add(Math.sin(ofWeek * WEEK_ANGLE));
        out.add(Math.cos(ofWeek * WEEK_ANGLE));
        for (int n = 0; n < lastNumbers.length; n++) {
            if (layout.last[n]) {
                out.add(Double.isNaN(lastNumbers[n]) ? 0 : lastNumbers[n]);
                histories[n].fill(out);
            }
        }
        fillText(vector.dense, out.position());

        recent.fill(vector);
        vector.ids[0] = rowContextId;
        System.arraycopy(attributes, 0, vector.ids, 1, attributes.length);
        vector.ids[1 + attributes.length] = 1 + (int) (ofWeek / 3_600_000L);
        return out.position() + layout.textBuckets;
    }

    private void fillContext(DenseCursor out) {
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
        float total = decayed.total();
        out.add(events);
        out.add(total > 0 ? Math.min(1, events / total) : 0);
        out.add((float) slot.stays);
        if (layout.hasVisits) {
            out.addSeconds(slot.visitMillis == NONE ? 0 : latestMillis - slot.visitMillis);
            slot.visits.fill(out);
        }
        out.add((float) Long.bitCount(contextBits));
        int open = 0;
        for (int i = 0; i < slotCount; i++) {
            open += slots[i].stayingAt(latestMillis) ? 1 : 0;
        }
        out.add((float) open);
    }

    private void fillText(float[] dense, int from) {
        Arrays.fill(dense, from, from + layout.textBuckets, 0);
        if (layout.textBuckets > 0) {
            for (int token : tokens) {
                dense[from + token]++;
            }
        }
    }

    /** Everything, in the layout of this version and definition. */
    public byte[] write() {
        StateWriter out = writer;
        out.reset();
        out.writeByte(ActivityLayout.VERSION);
        out.writeInt(layout.hash);
        out.writeSigned(latestMillis);
        out.writeVarint(latestMillis - firstMillis);
        out.writeVarint(events);
        seen.write(out);
        panes.write(out);
        decayed.write(out);
        recent.write(out, latestMillis);
        for (long last : lastOfType) {
            out.writeVarint(last == NONE ? 0 : 1 + latestMillis - last);
        }
        out.writeVarint(latestMillis - sessionMillis);
        out.writeVarint(sessionEvents);
        out.writeVarint(sessions);
        eventGaps.write(out);
        sessionLengths.write(out);
        sessionGaps.write(out);
        visits.write(out);
        absences.write(out);
        stayHabits.write(out);
        out.writeSigned(lastDay);
        out.writeVarint(activeDays);
        out.writeVarint(dayStreak);
        out.writeLong(contextBits);
        out.writeByte(slotCount);
        for (int i = 0; i < slotCount; i++) {
            slots[i].write(out, latestMillis);
        }
        for (int attribute : attributes) {
            out.writeVarint(attribute);
        }
        for (int n = 0; n < lastNumbers.length; n++) {
            out.writeVarint(lastNumberMillis[n] == NONE ? 0 : 1 + latestMillis - lastNumberMillis[n]);
            if (lastNumberMillis[n] != NONE) {
                out.writeDouble(lastNumbers[n]);
            }
            histories[n].write(out);
        }
        if (layout.textBuckets > 0) {
            out.writeVarint(tokens.length);
            for (int token : tokens) {
                out.writeVarint(token);
            }
        }
        return out.toBytes();
    }

    /**
     * Becomes the entity of that stored value.
     *
     * @return false, and nothing is known, if the value has another layout or cannot be read
     */
    public boolean read(byte[] value) {
        try {
            reader.reset(value);
            if (reader.readByte() == ActivityLayout.VERSION && reader.readInt() == layout.hash) {
                readFields(reader);
                return true;
            }
        } catch (IndexOutOfBoundsException e) {
            // not what this class wrote: as good as no value
        }
        clear();
        return false;
    }

    /** Time of the latest event of the entity of that stored value, {@code Long.MIN_VALUE} where it has another layout. */
    static long latestMillis(byte[] value) {
        if (value.length < 6 || value[0] != ActivityLayout.VERSION) {
            return NONE;
        }
        StateReader in = new StateReader();
        in.reset(value);
        in.readByte();
        in.readInt();
        return in.readSigned();
    }

    private void readFields(StateReader in) {
        latestMillis = in.readSigned();
        firstMillis = latestMillis - in.readVarint();
        events = in.readVarint();
        seen.read(in);
        panes.read(in, latestMillis);
        decayed.read(in);
        recent.read(in, latestMillis);
        for (int type = 0; type < types; type++) {
            long ago = in.readVarint();
            lastOfType[type] = ago == 0 ? NONE : latestMillis + 1 - ago;
        }
        sessionMillis = latestMillis - in.readVarint();
        sessionEvents = in.readVarint();
        sessions = in.readCount();
        eventGaps.read(in);
        sessionLengths.read(in);
        sessionGaps.read(in);
        visits.read(in);
        absences.read(in);
        stayHabits.read(in);
        lastDay = in.readSigned();
        activeDays = in.readCount();
        dayStreak = in.readCount();
        contextBits = in.readLong();
        slotCount = in.readByte();
        for (int i = 0; i < slotCount; i++) {
            slots[i].read(in, latestMillis);
        }
        for (int i = 0; i < attributes.length; i++) {
            attributes[i] = in.readCount();
        }
        for (int n = 0; n < lastNumbers.length; n++) {
            long ago = in.readVarint();
            lastNumberMillis[n] = ago == 0 ? NONE : latestMillis + 1 - ago;
            lastNumbers[n] = ago == 0 ? Double.NaN : in.readDouble();
            histories[n].read(in);
        }
        tokens = Event.NONE;
        if (layout.textBuckets > 0) {
            int count = in.readCount();
            if (count > in.remaining()) {
                throw new IndexOutOfBoundsException(count + " tokens");
            }
            tokens = new int[count];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = in.readCount();
            }
        }
    }

    /** Hash of the layout that a stored value was written in, 0 if it is too short to have one. */
    static int layoutHash(byte[] value) {
        if (value.length < 5) {
            return 0;
        }
        StateReader in = new StateReader();
        in.reset(value);
        in.readByte();
        return in.readInt();
    }

    /** Becomes what the other is, which follows another definition: what has the same name there is taken over. */
    void copy(EntityActivity other, LayoutMapping mapping) {
        clear();
        latestMillis = other.latestMillis;
        firstMillis = other.firstMillis;
        events = other.events;
        seen.copy(other.seen);
        panes.copy(other.panes, mapping, latestMillis);
        decayed.copy(other.decayed, mapping);
        recent.copy(other.recent, mapping);
        for (int type = 0; type < other.types; type++) {
            if (mapping.types[type] >= 0) {
                lastOfType[mapping.types[type]] = other.lastOfType[type];
            }
        }
        sessionMillis = other.sessionMillis;
        sessionEvents = other.sessionEvents;
        sessions = other.sessions;
        eventGaps.copy(other.eventGaps);
        sessionLengths.copy(other.sessionLengths);
        sessionGaps.copy(other.sessionGaps);
        visits.copy(other.visits);
        absences.copy(other.absences);
        stayHabits.copy(other.stayHabits, mapping);
        lastDay = other.lastDay;
        activeDays = other.activeDays;
        dayStreak = other.dayStreak;
        contextBits = other.contextBits;
        slotCount = other.slotCount;
        for (int i = 0; i < slotCount; i++) {
            slots[i].copy(other.slots[i], mapping);
        }
        for (int i = 0; i < attributes.length; i++) {
            attributes[i] = mapping.attributes[i] < 0 ? 0 : other.attributes[mapping.attributes[i]];
        }
        for (int n = 0; n < other.lastNumbers.length; n++) {
            if (mapping.numbers[n] >= 0) {
                lastNumbers[mapping.numbers[n]] = other.lastNumbers[n];
                lastNumberMillis[mapping.numbers[n]] = other.lastNumberMillis[n];
                histories[mapping.numbers[n]].copy(other.histories[n]);
            }
        }
        if (layout.textBuckets == other.layout.textBuckets) {
            tokens = other.tokens;
        }
    }
}
