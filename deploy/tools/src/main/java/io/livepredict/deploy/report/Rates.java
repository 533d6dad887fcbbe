package io.livepredict.deploy.report;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** How often something happened in a group, and how two groups differ, with 95 % intervals. */
final class Rates {
    private static final double Z = 1.959963984540054;

    private long n;
    private long happened;

    void add(boolean came) {
        n++;
        happened += came ? 1 : 0;
    }

    double rate() {
        return (double) happened / n;
    }

    /** Wilson's score interval, lower end. */
    double low() {
        return centre() - half();
    }

    /** Wilson's score interval, upper end. */
    double high() {
        return centre() + half();
    }

    private double centre() {
        return (happened + Z * Z / 2) / (n + Z * Z);
    }

    private double half() {
        double p = rate();
        return Z / (n + Z * Z) * Math.sqrt(n * p * (1 - p) + Z * Z / 4);
    }

    void put(ObjectNode json) {
        json.put("n", n);
        json.put("happened", happened);
        if (n > 0) {
            json.put("rate", rate());
            json.put("low", low());
            json.put("high", high());
        }
    }

    /** The difference of two groups' rates, with Newcombe's hybrid score interval; nothing where one of them is empty. */
    static void putDifference(Rates one, Rates other, ObjectNode json) {
        if (one.n == 0 || other.n == 0) {
            return;
        }
        double difference = one.rate() - other.rate();
        json.put("difference", difference);
        json.put("low", difference - Math.hypot(one.rate() - one.low(), other.high() - other.rate()));
        json.put("high", difference + Math.hypot(one.high() - one.rate(), other.rate() - other.low()));
    }
}
