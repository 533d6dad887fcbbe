package io.livepredict.streams.activity;

import io.livepredict.contract.Scale;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.Arrays;

/**
 * Event counts and number sums over the sliding windows. Each window has its own ring of panes, and a pane is about the
 * size of the next smaller window. A window covers its newest pane, which is still being filled, and those before it:
 * between window - pane and window of time. An event is counted in the pane its time falls in, so order does not matter
 * as long as the pane is still there.
 *
 * <p>A pane's place in its ring is its number since the epoch modulo the ring's size, in memory as in the stored value. What
 * is kept lies by type and then by pane, with one bit per pane in a long: an entity has few types and many panes, so what is
 * gone through has long stretches.
 */
final class Panes {
    private final ActivityLayout layout;
    private final int types;
    private final int numbers;
    /** Of all windows. */
    private final int panes;
    /** By window: its first pane. */
    private final int[] first;
    /** By pane: its window. */
    private final int[] windowOf;

    /** By window: number of the newest pane since the epoch, the pane it is, and the time at which it ends. */
    private final long[] head;

    private final int[] headPane;
    private final long[] headEndMillis;

    /** By type: the panes that have a count. */
    private final long[] counted;
    /** By type and pane. */
    private final int[] counts;
    /** By window and type: the sum over its panes. */
    private final int[] totals;
    /** By summed number: the panes that have a value. */
    private final long[] valued;
    /** By summed number and pane. */
    private final double[] sums;
    /** By summed number and pane: how many values. */
    private final int[] values;

    Panes(ActivityLayout layout) {
        this.layout = layout;
        types = layout.types.size();
        numbers = layout.summedCount;
        int windows = layout.windowMillis.length;
        panes = layout.paneCount;
        first = new int[windows];
        windowOf = new int[panes];
        int pane = 0;
        for (int w = 0; w < windows; w++) {
            first[w] = pane;
            Arrays.fill(windowOf, pane, pane + layout.panes[w], w);
            pane += layout.panes[w];
        }
        head = new long[windows];
        headPane = new int[windows];
        headEndMillis = new long[windows];
        counted = new long[types];
        counts = new int[types * panes];
        totals = new int[windows * types];
        valued = new long[numbers];
        sums = new double[numbers * panes];
        values = new int[numbers * panes];
    }

    void clear(long nowMillis) {
        Arrays.fill(counted, 0);
        Arrays.fill(counts, 0);
        Arrays.fill(totals, 0);
        Arrays.fill(valued, 0);
        Arrays.fill(sums, 0);
        Arrays.fill(values, 0);
        for (int w = 0; w < head.length; w++) {
            head[w] = Math.floorDiv(nowMillis, layout.paneMillis[w]);
            headPane[w] = first[w] + Math.floorMod(head[w], layout.panes[w]);
            headEndMillis[w] = (head[w] + 1) * layout.paneMillis[w];
        }
    }

    /** Moves the windows on so that they end at that time, which must not be before the last. */
    void advance(long nowMillis) {
        long gone = 0;
        for (int w = 0; w < head.length; w++) {
            if (nowMillis >= headEndMillis[w]) {
                gone |= advance(w, Math.floorDiv(nowMillis, layout.paneMillis[w]));
            }
        }
        if (gone == 0) {
            return;
        }
        for (int type = 0; type < types; type++) {
            if ((counted[type] & gone) != 0) {
                forgetCounts(type, counted[type] & gone);
            }
        }
        for (int n = 0; n < numbers; n++) {
            if ((valued[n] & gone) != 0) {
                forgetValues(n, valued[n] & gone);
            }
        }
    }

    /** The panes that become new ones. */
    private long advance(int window, long newest) {
        long gone = 0;
        for (long steps = Math.min(newest - head[window], layout.panes[window]); steps > 0; steps--) {
            headPane[window] = pane(window, -1);
            gone |= 1L << headPane[window];
        }
        head[window] = newest;
        headPane[window] = first[window] + Math.floorMod(newest, layout.panes[window]);
        headEndMillis[window] = (newest + 1) * layout.paneMillis[window];
        return gone;
    }

    private void forgetCounts(int type, long gone) {
        counted[type] &= ~gone;
        for (long mask = gone; mask != 0; mask &= mask - 1) {
            int pane = Long.numberOfTrailingZeros(mask);
            totals[windowOf[pane] * types + type] -= counts[type * panes + pane];
            counts[type * panes + pane] = 0;
        }
    }

    private void forgetValues(int number, long gone) {
        valued[number] &= ~gone;
        for (long mask = gone; mask != 0; mask &= mask - 1) {
            int at = number * panes + Long.numberOfTrailingZeros(mask);
            sums[at] = 0;
            values[at] = 0;
        }
    }

    /** Counts an event at a time that is not after the last {@link #advance}. */
    void add(long timeMillis, int type, double[] eventNumbers) {
        for (int w = 0; w < head.length; w++) {
            long sinceHead = timeMillis - (headEndMillis[w] - layout.paneMillis[w]);
            int pane = headPane[w];
            if (sinceHead < 0) {
                long ago = head[w] - Math.floorDiv(timeMillis, layout.paneMillis[w]);
                if (ago >= layout.panes[w]) {
                    continue;
                }
                pane = pane(w, (int) ago);
            }
            counted[type] |= 1L << pane;
            counts[type * panes + pane]++;
            totals[w * types + type]++;
            for (int n = 0; numbers > 0 && n < eventNumbers.length; n++) {
                int place = layout.summed[n];
                if (place >= 0 && !Double.isNaN(eventNumbers[n])) {
                    valued[place] |= 1L << pane;
                    sums[place * panes + pane] += eventNumbers[n];
                    values[place * panes + pane]++;
                }
            }
        }
    }

    /** The pane that is that many before the window's newest; -1 for the one after it, which is the oldest. */
    private int pane(int window, int ago) {
        int place = headPane[window] - ago;
        if (place < first[window]) {
            return place + layout.panes[window];
        }
        return place < first[window] + layout.panes[window] ? place : place - layout.panes[window];
    }

    void write(StateWriter out) {
        out.writeVarint(present(counted));
        for (int type = 0; type < types; type++) {
            if (counted[type] == 0) {
                continue;
            }
            out.writeVarint(counted[type]);
            int row = type * panes;
            for (long mask = counted[type]; mask != 0; mask &= mask - 1) {
                out.writeVarint(counts[row + Long.numberOfTrailingZeros(mask)]);
            }
        }
        if (numbers == 0) {
            return;
        }
        out.writeVarint(present(valued));
        for (int n = 0; n < numbers; n++) {
            if (valued[n] == 0) {
                continue;
            }
            out.writeVarint(valued[n]);
            for (long mask = valued[n]; mask != 0; mask &= mask - 1) {
                int at = n * panes + Long.numberOfTrailingZeros(mask);
                out.writeDouble(sums[at]);
                out.writeVarint(values[at]);
            }
        }
    }

    private static long present(long[] masks) {
        long present = 0;
        for (int i = 0; i < masks.length; i++) {
            present |= masks[i] == 0 ? 0 : 1L << i;
        }
        return present;
    }

    /** Reads panes that were written as of that time. */
    void read(StateReader in, long nowMillis) {
        clear(nowMillis);
        for (long present = in.readVarint(); present != 0; present &= present - 1) {
            int type = Long.numberOfTrailingZeros(present);
            counted[type] = readMask(in);
            int row = type * panes;
            for (long mask = counted[type]; mask != 0; mask &= mask - 1) {
                int pane = Long.numberOfTrailingZeros(mask);
                int count = in.readCount();
                counts[row + pane] = count;
                totals[windowOf[pane] * types + type] += count;
            }
        }
        if (numbers == 0) {
            return;
        }
        for (long present = in.readVarint(); present != 0; present &= present - 1) {
            int n = Long.numberOfTrailingZeros(present);
            valued[n] = readMask(in);
            for (long mask = valued[n]; mask != 0; mask &= mask - 1) {
                int at = n * panes + Long.numberOfTrailingZeros(mask);
                sums[at] = in.readDouble();
                values[at] = in.readCount();
            }
        }
    }

    private long readMask(StateReader in) {
        long mask = in.readVarint();
        if ((mask & ~layout.paneMask) != 0) {
            throw new IndexOutOfBoundsException("panes " + Long.toHexString(mask) + " of " + panes);
        }
        return mask;
    }

    void describe(DenseList out) {
        for (int w = 0; w < head.length; w++) {
            String name = ActivityLayout.shortName(layout.windowMillis[w]);
            String words = FeatureWords.inTheLast(layout.windowMillis[w]);
            String meaning = "over the newest " + layout.panes[w] + " panes of " + layout.paneMillis[w]
                    + " ms, aligned to the epoch, of the entity in all contexts";
            for (String type : layout.types) {
                out.add(
                        "count." + type + "." + name,
                        "own " + FeatureWords.plural(type) + words,
                        Scale.COUNT,
                        "events " + meaning);
            }
            out.add("count.any." + name, "own events" + words, Scale.COUNT, "events " + meaning);
            for (int n = 0; n < layout.numbers.size(); n++) {
                String number = layout.numbers.get(n);
                if (layout.sum[n]) {
                    out.add(
                            "sum." + number + "." + name,
                            "own total " + FeatureWords.words(number) + words,
                            Scale.AMOUNT,
                            "sum " + meaning);
                }
                if (layout.mean[n]) {
                    out.add(
                            "mean." + number + "." + name,
                            "own mean " + FeatureWords.words(number) + words,
                            Scale.AMOUNT,
                            "mean, 0 for no value, " + meaning);
                }
            }
        }
    }

    void fill(DenseCursor out) {
        for (int w = 0; w < head.length; w++) {
            out.addCounts(totals, w * types, (w + 1) * types);
            for (int n = 0; n < layout.summed.length; n++) {
                if (layout.summed[n] >= 0) {
                    fillNumber(out, w, n);
                }
            }
        }
    }

    private void fillNumber(DenseCursor out, int window, int number) {
        int place = layout.summed[number];
        double sum = 0;
        int count = 0;
        for (int ago = layout.panes[window] - 1; valued[place] != 0 && ago >= 0; ago--) {
            int at = place * panes + pane(window, ago);
            sum += sums[at];
            count += values[at];
        }
        if (layout.sum[number]) {
            out.add(sum);
        }
        if (layout.mean[number]) {
            out.add(count == 0 ? 0 : sum / count);
        }
    }

    /** Makes this equal to the other, which must have the same layout. */
    void set(Panes other) {
        copy(other.head, head);
        copy(other.headPane, headPane);
        copy(other.headEndMillis, headEndMillis);
        copy(other.counted, counted);
        copy(other.counts, counts);
        copy(other.totals, totals);
        copy(other.valued, valued);
        System.arraycopy(other.sums, 0, sums, 0, sums.length);
        copy(other.values, values);
    }

    private static void copy(long[] from, long[] to) {
        System.arraycopy(from, 0, to, 0, to.length);
    }

    private static void copy(int[] from, int[] to) {
        System.arraycopy(from, 0, to, 0, to.length);
    }

    /** Takes over what the other has, both as of that time. */
    void copy(Panes other, LayoutMapping mapping, long nowMillis) {
        clear(nowMillis);
        for (int w = 0; w < head.length; w++) {
            int from = mapping.windows[w];
            for (int ago = 0; from >= 0 && ago < layout.panes[w]; ago++) {
                copyPane(other, other.pane(from, ago), w, pane(w, ago), mapping);
            }
        }
    }

    private void copyPane(Panes other, int from, int window, int to, LayoutMapping mapping) {
        for (int type = 0; type < other.types; type++) {
            int count = other.counts[type * other.panes + from];
            int place = mapping.types[type];
            if (count > 0 && place >= 0) {
                counts[place * panes + to] = count;
                counted[place] |= 1L << to;
                totals[window * types + place] += count;
            }
        }
        for (int n = 0; n < other.numbers; n++) {
            int place = mapping.summed[n];
            if (place >= 0 && (other.valued[n] & 1L << from) != 0) {
                sums[place * panes + to] = other.sums[n * other.panes + from];
                values[place * panes + to] = other.values[n * other.panes + from];
                valued[place] |= 1L << to;
            }
        }
    }
}
