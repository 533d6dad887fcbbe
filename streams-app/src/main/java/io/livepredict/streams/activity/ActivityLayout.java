package io.livepredict.streams.activity;

import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinition.Aggregate;
import io.livepredict.streams.looks.LookPlan;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * The sizes and parameters that a kind's definition gives to the stored activity and to the features made of it.
 * Everything that decides how a stored value is to be read goes into {@link #hash}.
 */
final class ActivityLayout {
    /** Version of the binary layout itself, apart from the definition. */
    static final int VERSION = 2;
    /** Contexts remembered per entity; the one untouched for longest makes room. */
    static final int MAX_CONTEXTS = 8;
    /** A recency of "never", or one longer than this, counts as this: 90 days. */
    static final long NEVER_MILLIS = Duration.ofDays(90).toMillis();
    /** A long holds two bits per share below a window, which say how the share is stored. */
    private static final int MAX_WINDOWS = 16;
    /** One bit per pane, in a long, says whether the pane has something. */
    private static final int MAX_PANES = Long.SIZE;

    private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();
    /** Numbers are cut to this, so that no sum of them overflows a float. */
    static final double MAX_NUMBER = 1e18;
    /** Parts of the day whose familiarity is tracked, three hours each. */
    static final int DAY_PARTS = 8;

    final KindDefinition definition;
    final List<String> types;
    final boolean[] starts;
    final boolean[] ends;
    /** Whether sessions of this kind are marked by both a start and an end, so that visits have a length. */
    final boolean hasVisits;

    final long[] windowMillis;
    /** By window: width of a pane. */
    final long[] paneMillis;
    /** By window: how many panes, the one being filled included. */
    final int[] panes;
    /** Panes of all windows together. */
    final int paneCount;

    final long paneMask;

    /** By window, and then a day and ten days: what gaps are compared with. */
    final long[] gapMillis;

    /** The half-lives in milliseconds, ascending. */
    final long[] halfLifeMillis;
    /** Index of the configured half-life in {@link #halfLifeMillis}. */
    static final int CONFIGURED_LIFE = 3;

    final long sessionGapMillis;
    final List<String> numbers;
    /** By number: whether its sum, its mean, its last value are features. */
    final boolean[] sum;

    final boolean[] mean;
    final boolean[] last;
    /** By number: its place among the numbers that are summed or averaged, -1 for one that is not. */
    final int[] summed;

    final int summedCount;
    final List<String> attributes;
    final int textBuckets;
    final int sequenceLength;
    final int contextBuckets;
    final LookPlan looks;
    /** Of what a stored value depends on. */
    final int hash;

    ActivityLayout(KindDefinition definition) {
        this.definition = definition;
        types = definition.eventTypes();
        starts = flags(types, definition.sessionStart());
        ends = flags(types, definition.sessionEnd());
        hasVisits =
                !definition.sessionStart().isEmpty() && !definition.sessionEnd().isEmpty();
        int windows = definition.windows().size();
        if (windows > MAX_WINDOWS) {
            throw new IllegalArgumentException(
                    "at most " + MAX_WINDOWS + " windows, got " + DurationFormat.format(definition.windows()));
        }
        windowMillis = new long[windows];
        paneMillis = new long[windows];
        panes = new int[windows];
        for (int i = 0; i < windows; i++) {
            windowMillis[i] = definition.windows().get(i).toMillis();
            paneMillis[i] = paneOf(windowMillis[i], i == 0 ? 0 : windowMillis[i - 1]);
            panes[i] = (int) ((windowMillis[i] + paneMillis[i] - 1) / paneMillis[i]);
        }
        paneCount = Arrays.stream(panes).sum();
        if (paneCount > MAX_PANES) {
            throw new IllegalArgumentException("windows " + DurationFormat.format(definition.windows()) + " take "
                    + paneCount + " panes, at most " + MAX_PANES + ": leave some out");
        }
        paneMask = -1L >>> Long.SIZE - paneCount;
        gapMillis = LongStream.concat(
                        LongStream.of(windowMillis),
                        LongStream.of(DAY_MILLIS, 10 * DAY_MILLIS).filter(gap -> gap > windowMillis[windows - 1]))
                .toArray();
        halfLifeMillis = halfLives(definition.halfLife().toMillis());
        sessionGapMillis = definition.sessionGap().toMillis();
        numbers = List.copyOf(definition.numbers().keySet());
        List<Set<Aggregate>> aggregates = List.copyOf(definition.numbers().values());
        summed = new int[numbers.size()];
        sum = new boolean[summed.length];
        mean = new boolean[summed.length];
        last = new boolean[summed.length];
        int places = 0;
        for (int i = 0; i < summed.length; i++) {
            Set<Aggregate> wanted = aggregates.get(i);
            sum[i] = wanted.contains(Aggregate.SUM);
            mean[i] = wanted.contains(Aggregate.MEAN);
            last[i] = wanted.contains(Aggregate.LAST);
            summed[i] = sum[i] || mean[i] ? places++ : -1;
        }
        summedCount = places;
        attributes = List.copyOf(definition.attributes().keySet());
        textBuckets = definition.textBuckets();
        sequenceLength = definition.sequenceLength();
        contextBuckets = definition.contextBuckets();
        looks = new LookPlan(definition.looks());
        hash = (int) Long.parseLong(
                Hashes.definition(VERSION + " " + types + definition.sessionStart() + definition.sessionEnd()
                                + definition.windows() + definition.sessionGap() + definition.halfLife() + numbers
                                + Arrays.toString(summed) + definition.attributes() + textBuckets + ' '
                                + sequenceLength + (looks.isOff() ? "" : " looks " + definition.looks()))
                        .substring(0, 8),
                16);
    }

    /** A 2016th, a 168th and a seventh of the configured one, itself, and four times it: for a week 5 min, 1 h, 1 d, 7 d, 28 d. */
    static long[] halfLives(long configured) {
        return new long[] {
            Math.max(1, configured / 2016),
            Math.max(1, configured / 168),
            Math.max(1, configured / 7),
            configured,
            4 * configured
        };
    }

    /**
     * A window's pane is the window below it where that gives three to twelve of them, else a sixth of the window
     * (a fifth where only that is a whole number of milliseconds).
     */
    static long paneOf(long window, long below) {
        if (below > 0 && window % below == 0 && window / below >= 3 && window / below <= 12) {
            return below;
        }
        if (window % 6 == 0 || window < 6) {
            return Math.max(1, window / 6);
        }
        return window % 5 == 0 ? window / 5 : (window + 5) / 6;
    }

    /** A span of time in a machine name: {@code 10s}, {@code 5m}, {@code 7d}; exact. */
    static String shortName(long millis) {
        if (millis % 86_400_000L == 0) {
            return millis / 86_400_000L + "d";
        }
        if (millis % 3_600_000L == 0) {
            return millis / 3_600_000L + "h";
        }
        if (millis % 60_000L == 0) {
            return millis / 60_000L + "m";
        }
        return millis % 1_000L == 0 ? millis / 1_000L + "s" : millis + "ms";
    }

    private static boolean[] flags(List<String> types, Set<String> chosen) {
        boolean[] result = new boolean[types.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = chosen.contains(types.get(i));
        }
        return result;
    }
}
