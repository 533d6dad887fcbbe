package io.livepredict.trainer.evaluation;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Adaptive windowing: keeps a window of the recent values of a bounded quantity and cuts its older part off as soon as two
 * parts of it have means that differ by more than chance allows. Bifet and Gavaldà, "Learning from time-changing data with
 * adaptive windowing" (SDM 2007): the exponential histogram of ADWIN2 with M = 5 buckets per size, and the bound of §3.3 on
 * the cut, ε = √(2/m · σ² · ln(2/δ')) + 2/(3m) · ln(2/δ') with 1/m = 1/n₀ + 1/n₁ and δ' = δ / ln n. Memory and time per
 * check grow with the logarithm of the window. Not safe for use from several threads.
 */
public final class Adwin {
    private static final int BUCKETS_PER_SIZE = 5;
    /** The window is searched for a cut once in this many values, as in the authors' own implementation. */
    private static final int CHECK_EVERY = 32;

    private static final int SMALLEST_PART = 5;
    private static final int SMALLEST_WINDOW = 32;

    private final double delta;
    private final List<Row> rows = new ArrayList<>();
    private long width;
    private double total;
    /** Sum of squared differences from the mean. */
    private double spread;

    private long seen;
    private double change = Double.NaN;
    /** Of the split that tells its two parts apart best. */
    private double olderMean;

    private double newerMean;

    /** @param delta chance of a false alarm at any one check, e.g. 0.002 */
    public Adwin(double delta) {
        if (!(delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("delta must be between 0 and 1, got " + delta);
        }
        this.delta = delta;
        rows.add(new Row());
    }

    /**
     * Takes the next value, in [0, 1].
     *
     * @return whether the window was cut: its mean changed
     */
    public boolean add(double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("values must be in 0..1, got " + value);
        }
        if (width > 0) {
            double difference = value - mean();
            spread += width * difference * difference / (width + 1);
        }
        width++;
        total += value;
        rows.get(0).append(value, 0);
        compress();
        seen++;
        return seen % CHECK_EVERY == 0 && width >= SMALLEST_WINDOW && cut();
    }

    /** Mean of the window. */
    double mean() {
        return width == 0 ? Double.NaN : total / width;
    }

    /** Values in the window. */
    long width() {
        return width;
    }

    /**
     * By how much the mean had changed at the last cut, relative: 0.25 is up by a quarter; NaN if there was none. Taken at the
     * split of the window, as it was before the cut, that tells its two parts apart best: what is left after a cut still
     * holds much of what was before a change, which would so seem to come in many small steps.
     */
    public double change() {
        return change;
    }

    /** Forgets everything. */
    public void clear() {
        rows.clear();
        rows.add(new Row());
        width = 0;
        total = 0;
        spread = 0;
        seen = 0;
        change = Double.NaN;
    }

    private void compress() {
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            if (row.count <= BUCKETS_PER_SIZE) {
                return;
            }
            if (i + 1 == rows.size()) {
                rows.add(new Row());
            }
            double size = Math.scalb(1.0, i);
            double difference = (row.totals[0] - row.totals[1]) / size;
            rows.get(i + 1)
                    .append(
                            row.totals[0] + row.totals[1],
                            row.spreads[0] + row.spreads[1] + size / 2 * difference * difference);
            row.dropOldest(2);
        }
    }

    private boolean cut() {
        if (!findsCut()) {
            return false;
        }
        change = newerMean / olderMean - 1;
        do {
            dropOldestBucket();
        } while (findsCut());
        return true;
    }

    /** Whether at some split the means differ by more than ε; notes the one where they do by the largest multiple of it. */
    private boolean findsCut() {
        double confidence = Math.log(2 * Math.log(width) / delta);
        double variance = spread / width;
        double n0 = 0;
        double sum0 = 0;
        double strongest = 1;
        for (int i = rows.size() - 1; i >= 0; i--) {
            Row row = rows.get(i);
            double size = Math.scalb(1.0, i);
            for (int b = 0; b < row.count; b++) {
                n0 += size;
                sum0 += row.totals[b];
                double n1 = width - n0;
                if (n0 < SMALLEST_PART || n1 < SMALLEST_PART) {
                    continue;
                }
                double inverse = 1 / n0 + 1 / n1;
                double epsilon = Math.sqrt(2 * inverse * variance * confidence) + 2.0 / 3 * inverse * confidence;
                double times = Math.abs(sum0 / n0 - (total - sum0) / n1) / epsilon;
                if (times > strongest) {
                    strongest = times;
                    olderMean = sum0 / n0;
                    newerMean = (total - sum0) / n1;
                }
            }
        }
        return strongest > 1;
    }

    private void dropOldestBucket() {
        int last = rows.size() - 1;
        Row row = rows.get(last);
        double size = Math.scalb(1.0, last);
        double bucketMean = row.totals[0] / size;
        width -= (long) size;
        total -= row.totals[0];
        double difference = bucketMean - mean();
        spread = Math.max(0, spread - row.spreads[0] - size * width / (size + width) * difference * difference);
        row.dropOldest(1);
        if (row.count == 0 && last > 0) {
            rows.remove(last);
        }
    }

    public void write(DataOutput out) throws IOException {
        out.writeLong(width);
        out.writeDouble(total);
        out.writeDouble(spread);
        out.writeLong(seen);
        out.writeDouble(change);
        out.writeByte(rows.size());
        for (Row row : rows) {
            out.writeByte(row.count);
            for (int i = 0; i < row.count; i++) {
                out.writeDouble(row.totals[i]);
                out.writeDouble(row.spreads[i]);
            }
        }
    }

    public void read(DataInput in) throws IOException {
        width = in.readLong();
        total = in.readDouble();
        spread = in.readDouble();
        seen = in.readLong();
        change = in.readDouble();
        rows.clear();
        int sizes = in.readUnsignedByte();
        for (int r = 0; r < sizes; r++) {
            Row row = new Row();
            int count = in.readUnsignedByte();
            if (count > BUCKETS_PER_SIZE + 1) {
                throw new IOException("wanted at most " + (BUCKETS_PER_SIZE + 1) + " buckets, got " + count);
            }
            for (int i = 0; i < count; i++) {
                row.append(in.readDouble(), in.readDouble());
            }
            rows.add(row);
        }
    }

    /** The buckets of one size, oldest first. */
    private static final class Row {
        final double[] totals = new double[BUCKETS_PER_SIZE + 1];
        final double[] spreads = new double[BUCKETS_PER_SIZE + 1];
        int count;

        void append(double total, double spread) {
            totals[count] = total;
            spreads[count] = spread;
            count++;
        }

        void dropOldest(int dropped) {
            System.arraycopy(totals, dropped, totals, 0, count - dropped);
            System.arraycopy(spreads, dropped, spreads, 0, count - dropped);
            count -= dropped;
            Arrays.fill(totals, count, totals.length, 0);
            Arrays.fill(spreads, count, spreads.length, 0);
        }
    }
}
