package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Hashes;
import io.livepredict.deploy.backtest.Backtest;
import io.livepredict.deploy.backtest.BacktestReport;
import io.livepredict.deploy.backtest.TargetTrack;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Batch boosting on the very vectors that were scored, beside what was served on the last 30 % of the labels: trained once on
 * what was labelled when these began, and rolling, trained again at each tenth of the labels on all that was labelled by then.
 * So no model knows a label that was not known at the first snapshot it scores. All vectors are kept in memory. Not safe for use
 * from several threads.
 */
final class OwnFeatures implements Backtest.ExampleListener {
    private static final int TENTHS = 10;
    private static final int FIRST_TEST_TENTH = 7;
    /** Fewer labels than that are not trained on. */
    private static final int LEAST_LABELS = 100;

    private final int width;
    private final List<float[]> vectors = new ArrayList<>();
    private final Map<Long, Integer> rowOf = new HashMap<>();
    /** By target, the row of each label, in the order of the target's track. */
    private final Map<String, List<Integer>> rows = new HashMap<>();

    OwnFeatures(FeatureSchema schema) {
        width = schema.dense().size();
    }

    @Override
    public void accept(LabelledExample example, long nowMillis) {
        long snapshot = Hashes.parts(example.getEntityId(), example.getEventId()) * 31 + example.getAsOf();
        int row = rowOf.computeIfAbsent(snapshot, absent -> {
            float[] vector = new float[width];
            FeatureVector.read(example.getDense(), vector);
            vectors.add(vector);
            return vectors.size() - 1;
        });
        for (TargetLabel label : example.getLabels()) {
            rows.computeIfAbsent(label.getTarget(), absent -> new ArrayList<>()).add(row);
        }
    }

    /** What boosting reaches on a target, and by how much what was served is ahead of it; nothing where there are few labels. */
    Optional<ObjectNode> against(BatchLearner boosting, String target, TargetTrack track) {
        int first = begin(track.size(), FIRST_TEST_TENTH);
        if (track.size() < LEAST_LABELS
                || known(track.asOfMillis(), track.asOfMillis()[first] - track.horizonMillis()) < LEAST_LABELS) {
            return Optional.empty();
        }
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("library", boosting.name());
        node.set("once", figures(track, scores(boosting, target, track, List.of(FIRST_TEST_TENTH))));
        node.set("rolling", figures(track, scores(boosting, target, track, List.of(7, 8, 9))));
        return Optional.of(node);
    }

    private static ObjectNode figures(TargetTrack track, double[] scores) {
        int from = begin(track.size(), FIRST_TEST_TENTH);
        double[] labels = Arrays.copyOfRange(track.labels(), from, track.size());
        double[] served = Arrays.copyOfRange(track.served(), from, track.size());
        ObjectNode node = BacktestReport.metrics(scores, labels);
        PairedScores ahead = PairedScores.of(served, scores, labels);
        node.putObject("served_less_boosting")
                .put("auc", ahead.auc())
                .put("auc_standard_error", ahead.aucError())
                .put("log_loss", ahead.logLoss())
                .put("log_loss_standard_error", ahead.logLossError());
        return node;
    }

    private static int begin(int size, int tenth) {
        return (int) ((long) size * tenth / TENTHS);
    }

    /** Scores of the last 30 %, each by the model trained at the last of these tenths before it. */
    private double[] scores(BatchLearner boosting, String target, TargetTrack track, List<Integer> trainedAt) {
        int size = track.size();
        long[] asOf = track.asOfMillis();
        double[] labels = track.labels();
        List<Integer> own = rows.getOrDefault(target, List.of());
        int first = begin(size, FIRST_TEST_TENTH);
        double[] scores = new double[size - first];
        for (int i = 0; i < trainedAt.size(); i++) {
            int from = begin(size, trainedAt.get(i));
            int to = i + 1 < trainedAt.size() ? begin(size, trainedAt.get(i + 1)) : size;
            int known = known(asOf, asOf[from] - track.horizonMillis());
            float[] given = new float[known];
            for (int j = 0; j < known; j++) {
                given[j] = (float) labels[j];
            }
            double[] said = boosting.trainThenScore(vectors(own, 0, known), given, vectors(own, from, to));
            for (int j = from; j < to; j++) {
                scores[j - first] = said[j - from];
            }
        }
        return scores;
    }

    /** How many of the ascending times are at or before that one. */
    static int known(long[] asOf, long atLatest) {
        int known = 0;
        while (known < asOf.length && asOf[known] <= atLatest) {
            known++;
        }
        return known;
    }

    private float[][] vectors(List<Integer> own, int from, int to) {
        return own.subList(from, to).stream().map(vectors::get).toArray(float[][]::new);
    }
}
