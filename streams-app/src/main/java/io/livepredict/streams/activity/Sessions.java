package io.livepredict.streams.activity;

import io.livepredict.contract.Scale;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;

/**
 * An entity's runs of activity in whatever context, each ended by a gap, and the days on which it was active. Followed as
 * events arrive: one that is older than the newest may count in the current session, but neither opens nor closes one.
 */
final class Sessions {
    private static final long NONE = ContextSlot.NONE;
    private static final long DAY = 86_400_000L;

    private final ActivityLayout layout;
    private long sessionMillis;
    private long sessionEvents;
    private int sessions;
    private final Durations eventGaps;
    private final Durations lengths;
    private final Durations pauses;

    private long lastDay;
    private int activeDays;
    private int dayStreak;

    Sessions(ActivityLayout layout) {
        this.layout = layout;
        eventGaps = new Durations(layout.gapMillis);
        lengths = new Durations(layout.windowMillis);
        pauses = new Durations(layout.gapMillis);
    }

    void clear() {
        sessionMillis = NONE;
        sessionEvents = 0;
        sessions = 0;
        eventGaps.clear();
        lengths.clear();
        pauses.clear();
        lastDay = 0;
        activeDays = 0;
        dayStreak = 0;
    }

    /** The entity's first event. */
    void begin(long timeMillis) {
        sessionMillis = timeMillis;
        sessions = 1;
        sessionEvents = 1;
        lastDay = Math.floorDiv(timeMillis, DAY);
        activeDays = 1;
        dayStreak = 1;
    }

    /**
     * An event that is not older than the newest before it.
     *
     * @return whether a session has ended
     */
    boolean follow(long timeMillis, long beforeMillis) {
        long gap = timeMillis - beforeMillis;
        boolean ended = gap > layout.sessionGapMillis;
        eventGaps.add(gap);
        if (ended) {
            lengths.add(beforeMillis - sessionMillis);
            pauses.add(gap);
            sessionMillis = timeMillis;
            sessionEvents = 0;
            sessions++;
        }
        sessionEvents++;
        long day = Math.floorDiv(timeMillis, DAY);
        if (day > lastDay) {
            dayStreak = day == lastDay + 1 ? dayStreak + 1 : 1;
            activeDays++;
            lastDay = day;
        }
        return ended;
    }

    /** An event older than the newest. */
    void addOutOfOrder(long timeMillis) {
        if (timeMillis >= sessionMillis) {
            sessionEvents++;
        }
    }

    void describe(DenseList out) {
        String run = "run of activity in all contexts, ended by a gap above " + layout.sessionGapMillis + " ms";
        out.add("session.age", "how long this session has lasted so far", Scale.SECONDS, run);
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
    }

    void fill(DenseCursor out, long latestMillis) {
        out.addSeconds(latestMillis - sessionMillis);
        out.add((float) sessionEvents);
        out.add((float) sessions);
        eventGaps.fill(out);
        lengths.fill(out);
        pauses.fill(out);
    }

    static void describeDays(DenseList out) {
        out.add("life.days", "number of days with activity", Scale.COUNT, "UTC days with an event that was the newest");
        out.add(
                "life.streak",
                "number of days in a row with activity",
                Scale.COUNT,
                "such days in a row up to the newest");
    }

    void fillDays(DenseCursor out) {
        out.add((float) activeDays);
        out.add((float) dayStreak);
    }

    /** What any event may change. */
    void write(StateWriter out, long latestMillis) {
        out.writeVarint(latestMillis - sessionMillis);
        out.writeVarint(sessionEvents);
        out.writeVarint(sessions);
        eventGaps.write(out);
        out.writeSigned(lastDay);
        out.writeVarint(activeDays);
        out.writeVarint(dayStreak);
    }

    void read(StateReader in, long latestMillis) {
        sessionMillis = latestMillis - in.readVarint();
        sessionEvents = in.readVarint();
        sessions = in.readCount();
        eventGaps.read(in);
        lastDay = in.readSigned();
        activeDays = in.readCount();
        dayStreak = in.readCount();
    }

    /** What changes only when a session ends. */
    void writePast(StateWriter out) {
        lengths.write(out);
        pauses.write(out);
    }

    void readPast(StateReader in) {
        lengths.read(in);
        pauses.read(in);
    }

    KnownActivity.Session known() {
        return new KnownActivity.Session(sessionMillis, sessionEvents, sessions);
    }

    /** Takes over what the other has. */
    void copy(Sessions other) {
        sessionMillis = other.sessionMillis;
        sessionEvents = other.sessionEvents;
        sessions = other.sessions;
        eventGaps.copy(other.eventGaps);
        lengths.copy(other.lengths);
        pauses.copy(other.pauses);
        lastDay = other.lastDay;
        activeDays = other.activeDays;
        dayStreak = other.dayStreak;
    }
}
