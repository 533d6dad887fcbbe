package io.livepredict.trainer.evaluation;

import io.livepredict.contract.Target;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Everyone's results on the same examples: each learner, the scores that were actually served, two references (base rate,
 * the entity's previous outcome) and imported models that come and go, per target. Arrays of scores and labels are row-major,
 * one column per target. A scorer is any of them: what scores are compared by. Not safe for use from several threads.
 */
public final class PrequentialTable {
    /** Scorer names in reports that are not learners. */
    public static final String SERVED = "served";

    public static final String BASE_RATE = "base-rate";
    public static final String PREVIOUS_OUTCOME = "previous-outcome";

    /** A reference loss below this says nothing: relative losses are taken against at least this much. */
    private static final double SMALLEST_REFERENCE = 1e-3;
    /** Losses are fed to the drift detector as shares of this many nats, or times the base rate's squared error. */
    private static final double LARGEST_LOSS = 4;

    private final List<Target> targets;
    private final List<String> learners;
    private final int blockSize;

    private final PrequentialMetrics[][] learnerMetrics;
    private final PrequentialMetrics[] served;
    private final PrequentialMetrics[] baseRate;
    private final PrequentialMetrics[] previousOutcome;
    private final BaseRate[] baseRates;
    private final PreviousOutcome[] previousOutcomes;
    private final EvaluationSettings settings;
    private List<Imported> imported = List.of();
    private final PairedLosses paired;
    private final double[] losses;
    private final double[] rowLoss;
    private int rowsInBlock;
    private long rows;

    /** An imported model, which comes and goes. */
    @SuppressWarnings("ArrayRecordComponent") // changes with every row, never compared
    private record Imported(String name, PrequentialMetrics[] metrics) {}

    public PrequentialTable(List<Target> targets, List<String> learners, EvaluationSettings settings) {
        this.targets = List.copyOf(targets);
        this.learners = List.copyOf(learners);
        this.settings = settings;
        blockSize = settings.window() / settings.blocks();
        learnerMetrics = new PrequentialMetrics[learners.size()][];
        for (int l = 0; l < learnerMetrics.length; l++) {
            learnerMetrics[l] = scorer(settings);
        }
        served = scorer(settings);
        baseRate = scorer(settings);
        previousOutcome = scorer(settings);
        baseRates = new BaseRate[targets.size()];
        previousOutcomes = new PreviousOutcome[targets.size()];
        for (int t = 0; t < targets.size(); t++) {
            Target target = targets.get(t);
            baseRates[t] = new BaseRate(target.prior(), settings.decay());
            previousOutcomes[t] = new PreviousOutcome(
                    target.isBinary(), target.prior(), target.within().toMillis(), settings);
        }
        paired = new PairedLosses(learners.size(), targets.size(), settings.blocks());
        losses = new double[learners.size()];
        rowLoss = new double[learners.size()];
    }

    private PrequentialMetrics[] scorer(EvaluationSettings settings) {
        PrequentialMetrics[] metrics = new PrequentialMetrics[targets.size()];
        for (int t = 0; t < metrics.length; t++) {
            metrics[t] = new PrequentialMetrics(targets.get(t).isBinary(), settings);
        }
        return metrics;
    }

    /**
     * Takes one row.
     *
     * @param entityHash whose example it is
     * @param asOfMillis when its snapshot was taken
     * @param scores per learner [rows, targets], given before it learned from the row
     * @param labels [rows, targets]
     * @param mask [rows, targets], 1 where there is a label
     * @param servedScores [rows, targets]
     * @param servedByModel [rows, targets], whether a model served them, and not the prior
     */
    public void add(
            long entityHash,
            long asOfMillis,
            float[][] scores,
            int row,
            float[] labels,
            float[] mask,
            float[] servedScores,
            boolean[] servedByModel) {
        if (rowsInBlock == blockSize) {
            beginBlock();
        }
        rowsInBlock++;
        rows++;
        Arrays.fill(rowLoss, 0);
        int labelled = 0;
        for (int t = 0; t < targets.size(); t++) {
            int at = row * targets.size() + t;
            if (mask[at] == 0) {
                continue;
            }
            labelled++;
            double label = labels[at];
            // Relative to the base rate's: rows of hard and of easy targets take turns, and their mixture must not look
            // like a change of the loss.
            double reference = baseRate[t].windowLoss();
            double largest = LARGEST_LOSS * (reference > SMALLEST_REFERENCE ? reference : 1);
            for (int l = 0; l < learnerMetrics.length; l++) {
                losses[l] = learnerMetrics[l][t].add(scores[l][at], label);
                rowLoss[l] += Math.min(losses[l] / largest, 1);
            }
            double servedLoss = served[t].add(servedScores[at], label);
            if (servedByModel[at]) {
                paired.add(t, losses, servedLoss);
            }
            baseRate[t].add(baseRates[t].predict(), label);
            baseRates[t].learn(label);
            previousOutcome[t].add(previousOutcomes[t].predict(entityHash, asOfMillis), label);
            previousOutcomes[t].learn(entityHash, asOfMillis, label);
        }
        for (int l = 0; l < rowLoss.length && labelled > 0; l++) {
            rowLoss[l] /= labelled;
        }
    }

    private void beginBlock() {
        rowsInBlock = 0;
        for (PrequentialMetrics[] scorer : learnerMetrics) {
            beginBlock(scorer);
        }
        beginBlock(served);
        beginBlock(baseRate);
        beginBlock(previousOutcome);
        imported.forEach(model -> beginBlock(model.metrics));
        paired.beginBlock();
    }

    private static void beginBlock(PrequentialMetrics[] scorer) {
        for (PrequentialMetrics metrics : scorer) {
            metrics.beginBlock();
        }
    }

    /**
     * Sets the imported models that are scored beside the learners from here on, by name; one that was there before keeps its
     * metrics. Their windows slide with all others, so they cover the same examples. {@link #write} does not write them.
     */
    public void importedModels(List<String> names) {
        List<Imported> next = new ArrayList<>();
        for (String name : names) {
            next.add(imported.stream()
                    .filter(model -> model.name.equals(name))
                    .findFirst()
                    .orElseGet(() -> new Imported(name, scorer(settings))));
        }
        imported = next;
    }

    /**
     * Enters an imported model's scores of the row last added.
     *
     * @param model its place in {@link #importedModels}
     * @param scores [rows, targets], NaN where it has none
     */
    public void addImported(int model, float[] scores, int row, float[] labels, float[] mask) {
        PrequentialMetrics[] metrics = imported.get(model).metrics;
        for (int t = 0; t < metrics.length; t++) {
            int at = row * metrics.length + t;
            if (mask[at] != 0 && !Float.isNaN(scores[at])) {
                metrics[t].add(scores[at], labels[at]);
            }
        }
    }

    /**
     * An imported model beside a learner, on the targets where their windows cover the same labels.
     *
     * @param labels how many
     * @param imported mean over these targets of its loss relative to the base rate's; NaN for none
     * @param learner the same of the learner
     */
    public record AgainstLearner(double labels, double imported, double learner) {}

    /** Compares an imported model with a learner. */
    public AgainstLearner againstLearner(int model, int learner) {
        double labels = 0;
        double theirs = 0;
        double mine = 0;
        int counted = 0;
        for (int t = 0; t < targets.size(); t++) {
            PrequentialMetrics its = imported.get(model).metrics[t];
            double weight = its.windowWeight();
            if (weight > 0 && weight == learnerMetrics[learner][t].windowWeight()) {
                double reference = Math.max(baseRate[t].windowLoss(), SMALLEST_REFERENCE);
                labels += weight;
                theirs += its.windowLoss() / reference;
                mine += learnerMetrics[learner][t].windowLoss() / reference;
                counted++;
            }
        }
        return new AgainstLearner(labels, theirs / counted, mine / counted);
    }

    /** The learner's mean loss on the row last added, as a share of a large loss: in [0, 1]. */
    public double lastRowLoss(int learner) {
        return rowLoss[learner];
    }

    /** Rows seen. */
    public long rows() {
        return rows;
    }

    /** Labels of the learner in the recent window, over all targets. */
    public double windowWeight(int learner) {
        double weight = 0;
        for (PrequentialMetrics metrics : learnerMetrics[learner]) {
            weight += metrics.windowWeight();
        }
        return weight;
    }

    /**
     * The learner's loss over the recent window relative to that of the base rate, averaged over the targets that had
     * labels; NaN when none had. Below 1 is better than the base rate. Relative, so that a rare target counts as much as a
     * common one.
     */
    public double relativeLoss(int learner) {
        double sum = 0;
        int counted = 0;
        for (int t = 0; t < targets.size(); t++) {
            double loss = learnerMetrics[learner][t].windowLoss();
            if (!Double.isNaN(loss)) {
                sum += loss / Math.max(baseRate[t].windowLoss(), SMALLEST_REFERENCE);
                counted++;
            }
        }
        return sum / counted;
    }

    /**
     * The learner beside what was served, on the recent labels that a model (not the prior) was served for.
     *
     * @param labels how many
     * @param learner mean over targets of its loss relative to the base rate's
     * @param served the same of what was served
     */
    public record AgainstServed(double labels, double learner, double served) {}

    /** Compares a learner with what was served on the same recent labels. */
    public AgainstServed againstServed(int learner) {
        double labels = 0;
        double mine = 0;
        double theirs = 0;
        int counted = 0;
        for (int t = 0; t < targets.size(); t++) {
            double weight = paired.weight(t);
            if (weight > 0) {
                double reference = Math.max(baseRate[t].windowLoss(), SMALLEST_REFERENCE);
                labels += weight;
                mine += paired.learnerLoss(t, learner) / weight / reference;
                theirs += paired.servedLoss(t) / weight / reference;
                counted++;
            }
        }
        return new AgainstServed(labels, mine / counted, theirs / counted);
    }

    /** Forgets how a learner did: it is another one now. */
    public void clear(int learner) {
        for (PrequentialMetrics metrics : learnerMetrics[learner]) {
            metrics.clear();
        }
    }

    /**
     * One scorer on one target.
     *
     * @param scorer a learner's or imported model's name, {@link #SERVED}, {@link #BASE_RATE} or {@link #PREVIOUS_OUTCOME}
     */
    public record Line(String target, boolean binary, String scorer, Metrics fading, Metrics windowed) {}

    /** Every scorer on every target, as of now. */
    public List<Line> lines() {
        List<Line> lines = new ArrayList<>();
        for (int t = 0; t < targets.size(); t++) {
            for (int l = 0; l < learnerMetrics.length; l++) {
                lines.add(line(t, learners.get(l), learnerMetrics[l][t]));
            }
            lines.add(line(t, SERVED, served[t]));
            lines.add(line(t, BASE_RATE, baseRate[t]));
            lines.add(line(t, PREVIOUS_OUTCOME, previousOutcome[t]));
            for (Imported model : imported) {
                if (model.metrics[t].windowWeight() > 0) {
                    lines.add(line(t, model.name, model.metrics[t]));
                }
            }
        }
        return lines;
    }

    private Line line(int t, String scorer, PrequentialMetrics metrics) {
        Target target = targets.get(t);
        return new Line(target.name(), target.isBinary(), scorer, metrics.fading(), metrics.windowed());
    }

    public void write(DataOutput out) throws IOException {
        out.writeLong(rows);
        out.writeInt(rowsInBlock);
        for (PrequentialMetrics[] scorer : learnerMetrics) {
            write(scorer, out);
        }
        write(served, out);
        write(baseRate, out);
        write(previousOutcome, out);
        for (BaseRate rate : baseRates) {
            rate.write(out);
        }
        for (PreviousOutcome previous : previousOutcomes) {
            previous.write(out);
        }
        paired.write(out);
    }

    /** Reads what {@link #write} of a table with the same targets, learners and settings wrote. */
    public void read(DataInput in) throws IOException {
        rows = in.readLong();
        rowsInBlock = in.readInt();
        for (PrequentialMetrics[] scorer : learnerMetrics) {
            read(scorer, in);
        }
        read(served, in);
        read(baseRate, in);
        read(previousOutcome, in);
        for (BaseRate rate : baseRates) {
            rate.read(in);
        }
        for (PreviousOutcome previous : previousOutcomes) {
            previous.read(in);
        }
        paired.read(in);
    }

    private static void write(PrequentialMetrics[] scorer, DataOutput out) throws IOException {
        for (PrequentialMetrics metrics : scorer) {
            metrics.write(out);
        }
    }

    private static void read(PrequentialMetrics[] scorer, DataInput in) throws IOException {
        for (PrequentialMetrics metrics : scorer) {
            metrics.read(in);
        }
    }
}
