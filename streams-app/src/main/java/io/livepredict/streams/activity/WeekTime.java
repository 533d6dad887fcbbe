package io.livepredict.streams.activity;

import io.livepredict.contract.Scale;

/** The time of day and the day of the week as features. */
final class WeekTime {
    private static final long DAY = 86_400_000L;
    private static final double DAY_ANGLE = 2 * Math.PI / DAY;
    private static final double WEEK_ANGLE = DAY_ANGLE / 7;
    /** The epoch was a Thursday. */
    private static final long MONDAY = 4 * DAY;

    private WeekTime() {}

    private static long ofWeek(long timeMillis) {
        return Math.floorMod(timeMillis - MONDAY, 7 * DAY);
    }

    /** Hours since Monday 00:00 UTC. */
    static int hour(long timeMillis) {
        return (int) (ofWeek(timeMillis) / 3_600_000L);
    }

    static void describe(DenseList out) {
        out.add("time.day-sin", "time of day: morning against evening", Scale.PLAIN, "sine of the time of day (UTC)");
        out.add("time.day-cos", "time of day: midnight against noon", Scale.PLAIN, "cosine of the time of day (UTC)");
        out.add(
                "time.day-sin-2",
                "time of day: 3 and 15 h against 9 and 21 h",
                Scale.PLAIN,
                "sine of twice the angle of the time of day (UTC)");
        out.add(
                "time.day-cos-2",
                "time of day: 0 and 12 h against 6 and 18 h",
                Scale.PLAIN,
                "cosine of twice the angle of the time of day (UTC)");
        out.add(
                "time.week-sin",
                "day of the week: Tuesday against the weekend",
                Scale.PLAIN,
                "sine of the time since Monday 00:00 (UTC)");
        out.add(
                "time.week-cos",
                "day of the week: around Monday against around Thursday",
                Scale.PLAIN,
                "cosine of the time since Monday 00:00 (UTC)");
    }

    static void fill(DenseCursor out, long timeMillis) {
        long ofWeek = ofWeek(timeMillis);
        double day = ofWeek % DAY * DAY_ANGLE;
        double sine = Math.sin(day);
        double cosine = Math.cos(day);
        out.add(sine);
        out.add(cosine);
        out.add(2 * sine * cosine);
        out.add(1 - 2 * sine * sine);
        out.add(Math.sin(ofWeek * WEEK_ANGLE));
        out.add(Math.cos(ofWeek * WEEK_ANGLE));
    }
}
