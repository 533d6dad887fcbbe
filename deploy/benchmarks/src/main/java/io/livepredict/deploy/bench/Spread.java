package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.DoubleStream;

/** Repetitions of one measurement: what lies in the middle, and how far they are apart. */
record Spread(double least, double median, double most) {
    static Spread of(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        int n = sorted.length;
        double median = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
        return new Spread(sorted[0], median, sorted[n - 1]);
    }

    /** The median under that name, the others beside it. */
    void put(ObjectNode node, String name) {
        node.put(name, rounded(median)).put(name + "_least", rounded(least)).put(name + "_most", rounded(most));
    }

    /** Four digits are more than a measurement has. */
    private static double rounded(double value) {
        double scale = Math.pow(10, 3 - Math.floor(Math.log10(Math.max(Math.abs(value), 1e-9))));
        return Math.round(value * scale) / scale;
    }
}
