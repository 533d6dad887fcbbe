package io.livepredict.deploy.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.trainer.evaluation.ExactMetrics;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The scores of one binary target that were served at its snapshots, with the labels that came true and, where there is
 * an oracle, what it expected. Not safe for use from several threads.
 */
public final class ServedScores {
    /** How long the last stretch is that is judged by itself. */
    private static final long LAST_STRETCH_MILLIS = 60_000;

    private long[] asOf = new long[1 << 10];
    private double[] score = new double[1 << 10];
    private double[] label = new double[1 << 10];
    private double[] oracle = new double[1 << 10];
    private boolean[] learned = new boolean[1 << 10];
    private int size;

    /**
     * Adds a snapshot.
     *
     * @param asOfMillis its as-of time
     * @param served the score that was served
     * @param came the label
     * @param modelVersion of the model that served; 0 is the prior
     * @return its index, for {@link #setOracle}
     */
    public int add(long asOfMillis, double served, double came, long modelVersion) {
        if (size == asOf.length) {
            int capacity = size * 2;
            asOf = Arrays.copyOf(asOf, capacity);
            score = Arrays.copyOf(score, capacity);
            label = Arrays.copyOf(label, capacity);
            oracle = Arrays.copyOf(oracle, capacity);
            learned = Arrays.copyOf(learned, capacity);
        }
        asOf[size] = asOfMillis;
        score[size] = served;
        label[size] = came;
        oracle[size] = Double.NaN;
        learned[size] = modelVersion > 0;
        return size++;
    }

    /** Says what the oracle expected at that snapshot. */
    public void setOracle(int index, double probability) {
        oracle[index] = probability;
    }

    public int size() {
        return size;
    }

    /** Labels that are 1. */
    public int positives() {
        return (int) IntStream.range(0, size).filter(i -> label[i] > 0.5).count();
    }

    /** The metrics of a target: over everything, over the last 30 % by as-of time, and of the last minute learned. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        int[] byTime = IntStream.range(0, size)
                .boxed()
                .sorted((a, b) -> Long.compare(asOf[a], asOf[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        json.set("all", metrics(byTime));
        json.set("last_30_percent", metrics(Arrays.copyOfRange(byTime, (int) Math.floor(size * 0.7), size)));
        int[] learnedByTime = Arrays.stream(byTime).filter(i -> learned[i]).toArray();
        long end = learnedByTime.length == 0 ? 0 : asOf[learnedByTime[learnedByTime.length - 1]];
        json.set(
                "last_minute_learned",
                metrics(Arrays.stream(learnedByTime)
                        .filter(i -> asOf[i] > end - LAST_STRETCH_MILLIS)
                        .toArray()));
        return json;
    }

    private ObjectNode metrics(int[] chosen) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        double[] scores = Arrays.stream(chosen).mapToDouble(i -> score[i]).toArray();
        double[] labels = Arrays.stream(chosen).mapToDouble(i -> label[i]).toArray();
        json.put("n", chosen.length);
        json.put("positives", Arrays.stream(labels).filter(l -> l > 0.5).count());
        if (chosen.length == 0) {
            json.put("note", "no examples");
            for (String absent :
                    new String[] {"auc", "log_loss", "brier", "ece", "base_rate_log_loss", "oracle_log_loss"}) {
                json.putNull(absent);
            }
            return json;
        }
        double served = ExactMetrics.logLoss(scores, labels);
        double base = ExactMetrics.baseRateLogLoss(labels);
        put(json, "auc", ExactMetrics.auc(scores, labels));
        put(json, "log_loss", served);
        put(json, "brier", ExactMetrics.brier(scores, labels));
        put(json, "ece", ExactMetrics.calibrationError(scores, labels));
        put(json, "base_rate_log_loss", base);
        double[] known = Arrays.stream(chosen).mapToDouble(i -> oracle[i]).toArray();
        int unknown = (int) Arrays.stream(known).filter(Double::isNaN).count();
        if (unknown > 0) {
            // All or nothing: an oracle's loss over other snapshots than the model's could not be compared with it.
            json.putNull("oracle_log_loss");
            if (unknown < chosen.length) {
                json.put("without_oracle", unknown);
            }
            return json;
        }
        double best = ExactMetrics.logLoss(known, labels);
        put(json, "oracle_log_loss", best);
        put(json, "share_of_oracle", (base - served) / (base - best));
        return json;
    }

    private static void put(ObjectNode json, String key, double value) {
        if (Double.isFinite(value)) {
            json.put(key, value);
        } else {
            json.putNull(key);
        }
    }
}
