package io.livepredict.deploy.backtest;

/**
 * What was served from the first known label on, beside the base rate of the labels that were known at each moment: the first
 * minutes of a run, in which a model can be much worse than that. The base rate is (positives + ½) / (labels + 1), which is
 * within a few nats of the best constant however few labels there are (Krichevsky and Trofimov 1981).
 *
 * @param n snapshots taken when at least one label was known
 * @param served log-loss of what was served at them
 * @param baseRate log-loss of the base rate known by then
 */
record FirstLabels(int n, double served, double baseRate) {
    private static final double LEAST = 1e-6;

    static FirstLabels of(TargetTrack track) {
        long horizonMillis = track.horizonMillis();
        long[] asOf = track.asOfMillis();
        double[] scores = track.served();
        double[] labels = track.labels();
        int known = 0;
        double positives = 0;
        int n = 0;
        double served = 0;
        double base = 0;
        for (int i = 0; i < labels.length; i++) {
            while (asOf[known] + horizonMillis <= asOf[i]) {
                positives += labels[known];
                known++;
            }
            if (known > 0) {
                n++;
                served += loss(scores[i], labels[i]);
                base += loss((positives + 0.5) / (known + 1), labels[i]);
            }
        }
        return new FirstLabels(n, served / n, base / n);
    }

    private static double loss(double score, double label) {
        double p = Math.min(1 - LEAST, Math.max(LEAST, score));
        return -Math.log(label > 0.5 ? p : 1 - p);
    }

    /** Served over base rate; above 1 it would have been better to serve the base rate. */
    double ratio() {
        return served / baseRate;
    }
}
