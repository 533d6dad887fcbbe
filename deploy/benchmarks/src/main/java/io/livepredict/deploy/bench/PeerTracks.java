package io.livepredict.deploy.bench;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Scale;
import io.livepredict.deploy.backtest.Backtest;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Other projects' learners on the examples of a backtest: each is tested on an example and then learns from it at the moment
 * its label becomes known. That is a little later, and so a little kinder to them, than what is served, which was scored at
 * the snapshot by a model that knew only the labels of then. They get the features as our own models do: counts, durations
 * and amounts as logarithms, then in running deviations from the running mean. Not safe for use from several threads.
 */
final class PeerTracks implements Backtest.ExampleListener, AutoCloseable {
    private static final double CLOSEST = 1e-3;

    private final List<Scale> scales;
    private final double[] means;
    private final double[] squares;
    private long seen;
    private final float[] raw;
    private final float[] scaled;
    /** By target, then by the name of the learner and its rate. */
    private final Map<String, List<Track>> tracks = new LinkedHashMap<>();

    private static final class Track {
        final String name;
        final double rate;
        final PeerLearner learner;
        float[] scores = new float[1 << 12];
        int size;

        Track(String name, double rate, PeerLearner learner) {
            this.name = name;
            this.rate = rate;
            this.learner = learner;
        }

        void add(double score) {
            if (size == scores.length) {
                scores = Arrays.copyOf(scores, size * 2);
            }
            scores[size++] = (float) score;
        }
    }

    /**
     * One learner's scores.
     *
     * @param name of the learner
     * @param rate its learning rate; NaN where it has none
     * @param scores of a target's labels, in the order in which they became known
     */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    record Scores(String name, double rate, double[] scores) {}

    /** @param names which learners; one that has a learning rate is run at each worth trying */
    PeerTracks(FeatureSchema schema, PeerLearners peers, List<String> names, Iterable<String> targets) {
        scales = schema.dense().stream().map(DenseFeature::scale).toList();
        means = new double[scales.size()];
        squares = new double[scales.size()];
        raw = new float[scales.size()];
        scaled = new float[scales.size()];
        for (String target : targets) {
            List<Track> own = new ArrayList<>();
            for (String name : names) {
                List<Double> rates = peers.rates(name);
                for (double rate : rates.isEmpty() ? List.of(Double.NaN) : rates) {
                    own.add(new Track(name, rate, peers.create(name, scales.size(), rate)));
                }
            }
            tracks.put(target, own);
        }
    }

    @Override
    public void accept(LabelledExample example, long nowMillis) {
        example.getDense()
                .duplicate()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(raw);
        scale();
        for (TargetLabel label : example.getLabels()) {
            for (Track track : tracks.getOrDefault(label.getTarget(), List.of())) {
                double score = track.learner.testThenTrain(scaled, label.getLabel() > 0.5);
                track.add(Math.clamp(score, CLOSEST, 1 - CLOSEST));
            }
        }
    }

    /** By Welford's running mean and variance of what came before. */
    private void scale() {
        seen++;
        for (int i = 0; i < raw.length; i++) {
            double x = switch (scales.get(i)) {
                case COUNT, SECONDS -> Math.log1p(raw[i]);
                case AMOUNT -> Math.signum(raw[i]) * Math.log1p(Math.abs(raw[i]));
                case PLAIN -> raw[i];
            };
            double deviation = Math.sqrt(squares[i] / Math.max(1, seen - 1));
            scaled[i] = deviation > 1e-9 ? (float) Math.clamp((x - means[i]) / deviation, -8, 8) : 0;
            double from = x - means[i];
            means[i] += from / seen;
            squares[i] += from * (x - means[i]);
        }
    }

    /** Everyone's scores on a target. */
    List<Scores> of(String target) {
        return tracks.getOrDefault(target, List.of()).stream()
                .map(track -> {
                    double[] scores = new double[track.size];
                    for (int i = 0; i < scores.length; i++) {
                        scores[i] = track.scores[i];
                    }
                    return new Scores(track.name, track.rate, scores);
                })
                .toList();
    }

    @Override
    public void close() {
        tracks.values().forEach(own -> own.forEach(track -> track.learner.close()));
    }
}
