package io.livepredict.streams.activity;

import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Scale;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.looks.LookState;
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
 *
 * <p>The stored value ends in what changes only when a session, visit or stay ends. Most events leave it alone, and it is
 * then copied from the value that was read.
 */
public final class EntityActivity {
    private static final long NONE = ContextSlot.NONE;
    private static final byte[] NOTHING = {};
    /** The row is of no event. */
    private static final int NO_TYPE = -1;

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

    private final Sessions sessions;
    private final Contexts contexts;
    private final LastNumbers lastNumbers;
    private final LookState looks;
    private final int[] attributes;
    private int[] tokens = Event.NONE;

    /** Of the event last added: its type ({@link #NO_TYPE} after a vector of none), how long before was the last of that type. */
    private int rowType;

    private long sameTypeMillis;
    /** The numbers of the event being added, within {@link ActivityLayout#MAX_NUMBER}. */
    private final double[] numbers;

    private String hashedId = "";
    private long hash = Hashes.id64(hashedId);

    /** The value that was read, where its past begins, and whether the past has changed since. */
    private byte[] source = NOTHING;

    private int pastFrom;
    private boolean pastChanged;

    /** Where {@link #panes} and {@link #decayed} move on to the time of a vector that no event causes. */
    private final Panes panesThen;

    private final DecayedCounts decayedThen;

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
        panesThen = new Panes(layout);
        decayedThen = new DecayedCounts(layout);
        recent = new RecentEvents(layout.sequenceLength);
        lastOfType = new long[types];
        sessions = new Sessions(layout);
        contexts = new Contexts(layout);
        lastNumbers = new LastNumbers(layout);
        looks = new LookState(layout.looks);
        attributes = new int[layout.attributes.size()];
        numbers = new double[layout.numbers.size()];
        clear();
    }

    /** Forgets everything: this is then an entity of which nothing is known. */
    public void clear() {
        latestMillis = NONE;
        firstMillis = NONE;
        events = 0;
        seen.clear();
        panes.clear(0);
        decayed.clear();
        recent.clear();
        Arrays.fill(lastOfType, NONE);
        sessions.clear();
        contexts.clear();
        lastNumbers.clear();
        looks.clear();
        Arrays.fill(attributes, 0);
        tokens = Event.NONE;
        source = NOTHING;
        pastChanged = true;
    }

    /** Time of the entity's latest event, {@code Long.MIN_VALUE} for none. */
    public long latestMillis() {
        return latestMillis;
    }

    /** How far the looks at the entity have come. */
    LookState looks() {
        return looks;
    }

    /** Whether the event is one of the last {@value SeenEvents#CAPACITY}. */
    public boolean hasSeen(Event event) {
        return seen.contains(hash(event.eventId()));
    }

    /** {@link #hasSeen} and {@link #add} ask for the same id. */
    private long hash(String eventId) {
        if (!eventId.equals(hashedId)) {
            hash = Hashes.id64(eventId);
            hashedId = eventId;
        }
        return hash;
    }

    /** How many open stays were forgotten by the last {@link #add} to make room for another context: 0 or 1. */
    public int droppedStays() {
        return contexts.droppedStays();
    }

    /** Adds an event that {@link #hasSeen} does not know. */
    public void add(Event event) {
        long time = event.timeMillis();
        int type = event.type();
        boolean inOrder = latestMillis == NONE || time >= latestMillis;

        seen.add(hash(event.eventId()));
        for (int n = 0; n < numbers.length; n++) {
            double value = event.numbers()[n];
            numbers[n] = Math.max(-ActivityLayout.MAX_NUMBER, Math.min(ActivityLayout.MAX_NUMBER, value));
        }
        follow(time, inOrder);
        events++;
        panes.add(time, type, numbers);
        decayed.add(time, latestMillis - time, type, numbers);
        recent.add(time, type);
        rowType = type;
        sameTypeMillis = lastOfType[type] == NONE ? ActivityLayout.NEVER_MILLIS : time - lastOfType[type];
        lastOfType[type] = Math.max(lastOfType[type], time);
        lastNumbers.add(time, numbers);
        remember(event, inOrder);
        pastChanged |= contexts.add(event, numbers, latestMillis);
    }

    /** Lets time move on to that of the event, if it is not older than the latest. */
    private void follow(long time, boolean inOrder) {
        if (latestMillis == NONE) {
            sessions.begin(time);
            panes.clear(time);
            firstMillis = time;
        } else if (inOrder) {
            pastChanged |= sessions.follow(time, latestMillis);
            panes.advance(time);
            decayed.advance(time - latestMillis);
        } else {
            sessions.addOutOfOrder(time);
            firstMillis = Math.min(firstMillis, time);
        }
        latestMillis = Math.max(latestMillis, time);
    }

    private void remember(Event event, boolean inOrder) {
        int[] ids = event.attributeIds();
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] != 0 && (inOrder || attributes[i] == 0)) {
                attributes[i] = ids[i];
            }
        }
        if (event.tokens().length > 0 && (inOrder || tokens.length == 0)) {
            tokens = event.tokens();
        }
    }

    /** Describes the dense features in the order in which {@link #fill} writes them. */
    void describe(DenseList out) {
        for (String type : layout.types) {
            out.add(
                    "type." + type,
                    "this event is " + FeatureWords.one(type),
                    Scale.PLAIN,
                    "1 when the event of this row has this type");
        }
        out.add(
                "gap.same-type",
                "time since the previous event of this type",
                Scale.SECONDS,
                "event time - newest event time of its type before; at most and for none "
                        + ActivityLayout.NEVER_MILLIS);
        out.add(
                "gap.here",
                "time since the previous event in this "
                        + layout.definition.kind().context(),
                Scale.SECONDS,
                "event time - newest event time in the context before; at most and for none "
                        + ActivityLayout.NEVER_MILLIS);
        panes.describe(out);
        decayed.describe(out);
        for (String type : layout.types) {
            out.add(
                    "recency." + type,
                    "time since the last own " + FeatureWords.words(type),
                    Scale.SECONDS,
                    "as-of - newest event time of the type; at most and for none " + ActivityLayout.NEVER_MILLIS);
        }
        sessions.describe(out);
        contexts.describe(out);
        out.add("life.age", "time since the very first event", Scale.SECONDS, "as-of - earliest event time");
        out.add("life.events", "number of events ever", Scale.COUNT, "all events");
        Sessions.describeDays(out);
        WeekTime.describe(out);
        lastNumbers.describe(out);
        for (int i = 0; i < layout.textBuckets; i++) {
            out.add(
                    "text." + i,
                    "words in the last message with hash " + i + " of " + layout.textBuckets,
                    Scale.COUNT,
                    "tokens in bucket " + i + " of " + layout.textBuckets);
        }
        if (looks.isOn()) {
            out.add(
                    "type." + KindDefinition.LOOK,
                    "nothing has happened since the latest event",
                    Scale.PLAIN,
                    "1 when this row is of no event but of a look");
        }
    }

    /**
     * Fills the vector with the features as of the latest event, for the event last added.
     *
     * @return where the entity's own dense features end and others may follow
     */
    public int fill(FeatureVector vector) {
        return fill(vector, panes, decayed, latestMillis);
    }

    /**
     * Fills the vector with the features as of a moment at which nothing happens: time has moved on since the latest event and
     * nothing is added. The vector is of no event type, its context is that of the latest event, and {@code gap.here} is the
     * time since the last event there. No session or stay is closed that the next event would close. What is stored of the
     * entity stays as it is; {@link #fill(FeatureVector)} needs another {@link #add} before it.
     *
     * @param asOfMillis epoch milliseconds; one before the latest event counts as that event's time
     * @return where the entity's own dense features end and others may follow
     * @throws IllegalStateException if nothing is known of the entity
     */
    public int fill(FeatureVector vector, long asOfMillis) {
        if (latestMillis == NONE) {
            throw new IllegalStateException("nothing is known of the entity");
        }
        long then = Math.max(asOfMillis, latestMillis);
        rowType = NO_TYPE;
        sameTypeMillis = ActivityLayout.NEVER_MILLIS;
        contexts.turnToNewest(then, looks.isOn() ? looks.contextId() : null);
        panesThen.set(panes);
        panesThen.advance(then);
        decayedThen.set(decayed);
        decayedThen.advance(then - latestMillis);
        return fill(vector, panesThen, decayedThen, then);
    }

    private int fill(FeatureVector vector, Panes counts, DecayedCounts weights, long asOfMillis) {
        cursor.reset(vector.dense);
        DenseCursor out = cursor;
        for (int type = 0; type < types; type++) {
            out.add(type == rowType ? 1f : 0f);
        }
        out.addSeconds(sameTypeMillis);
        out.addSeconds(contexts.hereMillis());
        counts.fill(out);
        weights.fill(out, asOfMillis);
        for (long last : lastOfType) {
            out.addSeconds(last == NONE ? ActivityLayout.NEVER_MILLIS : asOfMillis - last);
        }
        sessions.fill(out, asOfMillis);
        contexts.fill(out, asOfMillis, weights.total());
        out.addSeconds(asOfMillis - firstMillis);
        out.add((float) events);
        sessions.fillDays(out);
        WeekTime.fill(out, asOfMillis);
        lastNumbers.fill(out);
        fillText(vector.dense, out.position());

        recent.fill(vector);
        vector.ids[0] = contexts.rowContextId();
        System.arraycopy(attributes, 0, vector.ids, 1, attributes.length);
        vector.ids[1 + attributes.length] = 1 + WeekTime.hour(asOfMillis);
        int end = out.position() + layout.textBuckets;
        if (looks.isOn()) {
            vector.dense[end++] = rowType == NO_TYPE ? 1 : 0;
        }
        return end;
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
        recent.write(out, latestMillis, source);
        for (long last : lastOfType) {
            out.writeVarint(last == NONE ? 0 : 1 + latestMillis - last);
        }
        sessions.write(out, latestMillis);
        contexts.write(out, latestMillis);
        for (int attribute : attributes) {
            out.writeVarint(attribute);
        }
        lastNumbers.write(out, latestMillis);
        if (layout.textBuckets > 0) {
            out.writeVarint(tokens.length);
            for (int token : tokens) {
                out.writeVarint(token);
            }
        }
        if (looks.isOn()) {
            looks.write(out);
        }
        if (pastChanged) {
            sessions.writePast(out);
            contexts.writePast(out);
        } else {
            out.writeBytes(source, pastFrom, source.length - pastFrom);
        }
        return out.toBytes();
    }

    /**
     * Reads the entity of a stored value into this. The array must not change while this stands for that entity.
     *
     * @return false, and nothing is known, if the value has another layout or cannot be read
     */
    public boolean read(byte[] value) {
        try {
            reader.reset(value);
            if (reader.readByte() == ActivityLayout.VERSION && reader.readInt() == layout.hash) {
                readFields(reader, value);
                pastFrom = reader.position();
                sessions.readPast(reader);
                contexts.readPast(reader);
                source = value;
                pastChanged = false;
                return true;
            }
        } catch (IndexOutOfBoundsException e) {
            // not what this class wrote: as good as no value
        }
        clear();
        return false;
    }

    private void readFields(StateReader in, byte[] value) {
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
        sessions.read(in, latestMillis);
        contexts.read(in, latestMillis);
        for (int i = 0; i < attributes.length; i++) {
            attributes[i] = in.readCount();
        }
        lastNumbers.read(in, latestMillis);
        tokens = layout.textBuckets > 0 ? readTokens(in) : Event.NONE;
        if (looks.isOn()) {
            looks.read(in, value);
        }
    }

    private static int[] readTokens(StateReader in) {
        int count = in.readCount();
        if (count > in.remaining()) {
            throw new IndexOutOfBoundsException(count + " tokens");
        }
        int[] tokens = new int[count];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = in.readCount();
        }
        return tokens;
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

    /** What is known apart from features. */
    public KnownActivity known() {
        String context = looks.isOn() ? looks.contextId() : null;
        return new KnownActivity(firstMillis, latestMillis, events, sessions.known(), contexts.known(), context);
    }

    /** Takes over what the other, which follows another definition, has under the same names. */
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
        sessions.copy(other.sessions);
        contexts.copy(other.contexts, mapping);
        for (int i = 0; i < attributes.length; i++) {
            attributes[i] = mapping.attributes[i] < 0 ? 0 : other.attributes[mapping.attributes[i]];
        }
        lastNumbers.copy(other.lastNumbers, mapping);
        looks.copy(other.looks);
        if (layout.textBuckets == other.layout.textBuckets) {
            tokens = other.tokens;
        }
    }
}
