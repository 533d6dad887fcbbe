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
 */
final class Panes {
    private final ActivityLayout layout;
    private final int types;
    private final int numbers;
    /** By window: where its panes begin in the arrays below. */
    private final int[] first;
    /** By window: number of the newest pane since the epoch. */
    private final long[] head;
    /** By window: where the newest pane is in the ring. */
    private final int[] headPlace;
    /** By pane: a bit for each type that has a count. */
    private final long[] typeMask;
    /** By pane and type. */
    private final int[] counts;
    /** By pane: a bit for each summed number that has a value. */
    private final long[] numberMask;
    /** By pane and summed number. */
    private final double[] sums;
    /** By pane and summed number: how many values. */
    private final int[] values;

    Panes(ActivityLayout layout) {
        this.layout = layout;
        types = layout.types.size();
        numbers = layout.summedCount;
        int windows = layout.windowMillis.length;
        first = new int[windows + 1];
        for (int w = 0; w < windows; w++) {
            first[w + 1] = first[w] + layout.panes[w];
        }
        int panes = first[windows];
        head = new long[windows];
        headPlace = new int[windows];
        typeMask = new long[panes];
        counts = new int[panes * types];
        numberMask = new long[panes];
        sums = new double[panes * numbers];
        values = new int[panes * numbers];
    }

    void clear(long nowMillis) {
        for (int pane = 0; pane < typeMask.length; pane++) {
            clearPane(pane);
        }
        for (int w = 0; w < head.length; w++) {
            head[w] = Math.floorDiv(nowMillis, layout.paneMillis[w]);
            headPlace[w] = 0;
        }
    }

    private void clearPane(int pane) {
        for (long mask = typeMask[pane]; mask != 0; mask &= mask - 1) {
            counts[pane * types + Long.numberOfTrailingZeros(mask)] = 0;
        }
        typeMask[pane] = 0;
        if (numberMask[pane] != 0) {
            Arrays.fill(sums, pane * numbers, (pane + 1) * numbers, 0);
            Arrays.fill(values, pane * numbers, (pane + 1) * numbers, 0);
            numberMask[pane] = 0;
        }
    }

    /** Moves the windows on so that they end at that time, which must not be before the last. */
    void advance(long nowMillis) {
        for (int w = 0; w < head.length; w++) {
            long newest = Math.floorDiv(nowMillis, layout.paneMillis[w]);
            for (long steps = Math.min(newest - head[w], layout.panes[w]); steps > 0; steps--) {
                headPlace[w] = headPlace[w] + 1 == layout.panes[w] ? 0 : headPlace[w] + 1;
                clearPane(first[w] + headPlace[w]);
            }
            head[w] = newest;
        }
    }

    /** Counts an event at a time that is not after the last {@link #advance}. */
    void add(long timeMillis, int type, double[] eventNumbers) {
        for (int w = 0; w < head.length; w++) {
            long ago = head[w] - Math.floorDiv(timeMillis, layout.paneMillis[w]);
            if (ago >= layout.panes[w]) {
                continue;
            }
            int pane = pane(w, (int) ago);
            typeMask[pane] |= 1L << type;
            counts[pane * types + type]++;
            if (numbers == 0) {
                continue;
            }
            for (int n = 0; n < eventNumbers.length; n++) {
                int place = layout.summed[n];
                if (place >= 0 && !Double.isNaN(eventNumbers[n])) {
                    numberMask[pane] |= 1L << place;
                    sums[pane * numbers + place] += eventNumbers[n];
                    values[pane * numbers + place]++;
                }
            }
        }
    }

    /** The pane that is that many before the window's newest. */
    private int pane(int window, int ago) {
        int place = headPlace[window] - ago;
        return first[window] + (place < 0 ? place + layout.panes[window] : place);
    }

    void write(StateWriter out) {
        for (int w = 0; w < head.length; w++) {
            int present = 0;
            for (int i = 0; i < layout.panes[w]; i++) {
                if (typeMask[pane(w, i)] != 0) {
                    present |= 1 << i;
                }
            }
            out.writeVarint(present);
            for (int i = 0; i < layout.panes[w]; i++) {
                if ((present & 1 << i) == 0) {
                    continue;
                }
                int pane = pane(w, i);
                out.writeVarint(typeMask[pane]);
                for (long mask = typeMask[pane]; mask != 0; mask &= mask - 1) {
                    out.writeVarint(counts[pane * types + Long.numberOfTrailingZeros(mask)]);
                }
                if (numbers > 0) {
                    out.writeVarint(numberMask[pane]);
                    for (long mask = numberMask[pane]; mask != 0; mask &= mask - 1) {
                        int at = pane * numbers + Long.numberOfTrailingZeros(mask);
                        out.writeDouble(sums[at]);
                        out.writeVarint(values[at]);
                    }
                }
            }
        }
    }

    /** Reads panes that were written as of that time. */
    void read(StateReader in, long nowMillis) {
        clear(nowMillis);
        for (int w = 0; w < head.length; w++) {
            int present = in.readCount();
            for (int i = 0; i < layout.panes[w]; i++) {
                if ((present & 1 << i) == 0) {
                    continue;
                }
                int pane = pane(w, i);
                typeMask[pane] = in.readVarint();
                for (long mask = typeMask[pane]; mask != 0; mask &= mask - 1) {
                    counts[pane * types + Long.numberOfTrailingZeros(mask)] = in.readCount();
                }
                if (numbers > 0) {
                    numberMask[pane] = in.readVarint();
                    for (long mask = numberMask[pane]; mask != 0; mask &= mask - 1) {
                        int at = pane * numbers + Long.numberOfTrailingZeros(mask);
                        sums[at] = in.readDouble();
                        values[at] = in.readCount();
                    }
                }
            }
        }
    }

    void describe(DenseList out) {
        for (int w = 0; w < head.length; w++) {
            String name = ActivityLayout.shortName(layout.windowMillis[w]);
            String words = " in the last " + ActivityLayout.words(layout.windowMillis[w]);
            String meaning = "over the newest " + layout.panes[w] + " panes of " + layout.paneMillis[w]
                    + " ms, aligned to the epoch, of the entity in all contexts";
            for (String type : layout.types) {
                out.add(
                        "count." + type + "." + name,
                        FeatureDefinitions.events(type) + words,
                        Scale.COUNT,
                        "events " + meaning);
            }
            out.add("count.any." + name, "events of any type" + words, Scale.COUNT, "events " + meaning);
            for (int n = 0; n < layout.numbers.size(); n++) {
                String number = layout.numbers.get(n);
                if (layout.sum[n]) {
                    out.add(
                            "sum." + number + "." + name,
                            "sum of " + FeatureDefinitions.words(number) + words,
                            Scale.AMOUNT,
                            "sum " + meaning);
                }
                if (layout.mean[n]) {
                    out.add(
                            "mean." + number + "." + name,
                            "mean " + FeatureDefinitions.words(number) + words,
                            Scale.AMOUNT,
                            "mean, 0 for no value, " + meaning);
                }
            }
        }
    }

    void fill(DenseCursor out) {
        for (int w = 0; w < head.length; w++) {
            long present = 0;
            for (int pane = first[w]; pane < first[w + 1]; pane++) {
                present |= typeMask[pane];
            }
            int any = 0;
            for (int type = 0; type < types; type++) {
                int total = 0;
                if ((present & 1L << type) != 0) {
                    for (int pane = first[w]; pane < first[w + 1]; pane++) {
                        total += counts[pane * types + type];
                    }
                }
                out.add((float) total);
                any += total;
            }
            out.add((float) any);
            for (int n = 0; n < layout.summed.length; n++) {
                int place = layout.summed[n];
                if (place < 0) {
                    continue;
                }
                double sum = 0;
                int count = 0;
                for (int i = layout.panes[w] - 1; i >= 0; i--) {
                    int at = pane(w, i) * numbers + place;
                    sum += sums[at];
                    count += values[at];
                }
                if (layout.sum[n]) {
                    out.add(sum);
                }
                if (layout.mean[n]) {
                    out.add(count == 0 ? 0 : sum / count);
                }
            }
        }
    }

    /** Takes over what the other has, both as of that time. */
    void copy(Panes other, LayoutMapping mapping, long nowMillis) {
        clear(nowMillis);
        for (int w = 0; w < head.length; w++) {
            int from = mapping.windows[w];
            for (int ago = 0; from >= 0 && ago < layout.panes[w]; ago++) {
                copyPane(other, other.pane(from, ago), pane(w, ago), mapping);
            }
        }
    }

    private void copyPane(Panes other, int from, int to, LayoutMapping mapping) {
        for (int type = 0; type < other.types; type++) {
            int count = other.counts[from * other.types + type];
            if (count > 0 && mapping.types[type] >= 0) {
                counts[to * types + mapping.types[type]] = count;
                typeMask[to] |= 1L << mapping.types[type];
            }
        }
        for (int place = 0; typeMask[to] != 0 && place < other.numbers; place++) {
            int at = mapping.summed[place];
            if (at >= 0 && other.values[from * other.numbers + place] > 0) {
                sums[to * numbers + at] = other.sums[from * other.numbers + place];
                values[to * numbers + at] = other.values[from * other.numbers + place];
                numberMask[to] |= 1L << at;
            }
        }
    }
}
