package io.livepredict.deploy.bench;

import io.livepredict.trainer.evaluation.ExactMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How one run came through a drift. Distance is the log-loss of what was served less that of the oracle on the same labels,
 * averaged over the targets, so that each counts the same.
 *
 * @param before distance over the last {@link #BEFORE} examples whose horizon was over when the drift began: the oracle knows of
 *     a drift within the horizon, which nobody can learn beforehand, so that examples just before it are far from it
 * @param curve distance over the {@link #WINDOW} examples up to each point after it
 * @param recoveredAfter how many examples after the drift the distance was back within 10 % of what it was before; -1 if it
 *     was not
 * @param meanAfter distance over the first {@link #AFTER} examples after the drift
 */
record DriftRecovery(double before, List<Point> curve, long recoveredAfter, double meanAfter) {
    /** Examples that a point looks back on. */
    static final int WINDOW = 2_000;

    private static final int STEP = 500;
    private static final int BEFORE = 20_000;
    static final int AFTER = 20_000;
    /** Recovered is within this times the distance before. */
    static final double WITHIN = 1.1;

    /** The distance after so many examples. */
    record Point(long examples, double distance) {}

    /**
     * @param scored by as-of time
     * @param driftAt since the start
     * @param horizon the longest one of a target
     * @param run whose served scores
     */
    static DriftRecovery of(
            List<SimulatedRun.Scored> scored, List<String> targets, Duration driftAt, Duration horizon, int run) {
        int[] examplesUpTo = new int[scored.size() + 1];
        Set<Long> seen = new HashSet<>();
        int drift = scored.size();
        int last = scored.size();
        for (int i = 0; i < scored.size(); i++) {
            if (scored.get(i).atMillis() >= driftAt.toMillis() && drift == scored.size()) {
                drift = i;
            }
            if (scored.get(i).atMillis() >= driftAt.minus(horizon).toMillis() && last == scored.size()) {
                last = i;
            }
            seen.add(scored.get(i).example());
            examplesUpTo[i + 1] = seen.size();
        }
        double before = distance(scored.subList(label(examplesUpTo, examplesUpTo[last] - BEFORE), last), targets, run);
        List<Point> curve = new ArrayList<>();
        long recovered = -1;
        int all = seen.size() - examplesUpTo[drift];
        for (int examples = STEP; examples <= all; examples += STEP) {
            int end = label(examplesUpTo, examplesUpTo[drift] + examples);
            int begin = Math.max(drift, label(examplesUpTo, examplesUpTo[drift] + examples - WINDOW));
            double distance = distance(scored.subList(begin, end), targets, run);
            curve.add(new Point(examples, distance));
            if (recovered < 0 && examples >= WINDOW && distance <= WITHIN * before) {
                recovered = examples;
            }
        }
        double after = distance(scored.subList(drift, label(examplesUpTo, examplesUpTo[drift] + AFTER)), targets, run);
        return new DriftRecovery(before, curve, recovered, after);
    }

    /** The first label with which so many examples have begun. */
    private static int label(int[] examplesUpTo, int examples) {
        int at = 0;
        while (at < examplesUpTo.length - 1 && examplesUpTo[at] < examples) {
            at++;
        }
        return at;
    }

    /** The log-loss of what that run was served less the oracle's, mean over the targets. */
    static double distance(List<SimulatedRun.Scored> scored, List<String> targets, int run) {
        double sum = 0;
        int counted = 0;
        for (String target : targets) {
            List<SimulatedRun.Scored> own =
                    scored.stream().filter(s -> s.target().equals(target)).toList();
            if (!own.isEmpty()) {
                double[] labels =
                        own.stream().mapToDouble(SimulatedRun.Scored::label).toArray();
                double[] served = own.stream().mapToDouble(s -> s.served()[run]).toArray();
                double[] oracle =
                        own.stream().mapToDouble(SimulatedRun.Scored::oracle).toArray();
                sum += ExactMetrics.logLoss(served, labels) - ExactMetrics.logLoss(oracle, labels);
                counted++;
            }
        }
        return sum / counted;
    }
}
