package io.livepredict.trainer.family;

import io.livepredict.contract.OnnxContract;
import io.livepredict.trainer.graph.ElementType;
import io.livepredict.trainer.graph.Gradients;
import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.OnnxWriter;
import io.livepredict.trainer.graph.Shape;
import io.livepredict.trainer.graph.Value;
import io.livepredict.trainer.loss.Loss;
import io.livepredict.trainer.optimiser.GradientClip;
import io.livepredict.trainer.optimiser.Optimiser;
import io.livepredict.trainer.optimiser.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One step as a graph: forward, loss, backward, update. Scores and loss come from the parameters before the update, and the
 * features are normalised with what was known before the batch, so nothing peeks. All parameters but the tables are updated
 * as one flat vector: a step of few rows costs what its nodes cost, and this way there are few (RATIONALE.md).
 */
final class TrainingGraph {
    private final Graph g = new Graph();
    private final Map<String, Value> outputs = new LinkedHashMap<>();
    private final Blueprint blueprint;
    private final Encoder encoder;
    private final Heads heads;
    private final Training training;

    private TrainingGraph(Blueprint blueprint) {
        this.blueprint = blueprint;
        encoder = new Encoder(g, blueprint);
        heads = new Heads(g, blueprint);
        training = blueprint.settings().training();
    }

    /** The forward half with parameters and statistics as inputs. */
    static byte[] prediction(Blueprint blueprint) {
        TrainingGraph graph = new TrainingGraph(blueprint);
        graph.forward(false);
        return OnnxWriter.model(graph.g, graph.outputs);
    }

    /** The whole step. */
    static byte[] step(Blueprint blueprint) {
        TrainingGraph graph = new TrainingGraph(blueprint);
        graph.learn(graph.forward(true));
        return OnnxWriter.model(graph.g, graph.outputs);
    }

    /**
     * What the backward half needs of the forward one.
     *
     * @param parameters in the network's order
     * @param rows of the tables, those that the batch touches
     */
    private record Forward(Features features, Outputs outputs, List<Value> parameters, List<Value> rows) {}

    /**
     * The dense features as they are normalised.
     *
     * @param mean what they are taken about, [D]
     * @param centred their distance from it, [N, D]
     */
    private record Features(Value mean, Value centred) {}

    /**
     * What the network says.
     *
     * @param logits of the parameters, [N, T]
     * @param scored of what scores are made from: the same, or the averages', [N, T]
     * @param labelMean running means of the labels, [T]
     * @param labelDeviation their standard deviations, [T]
     */
    private record Outputs(Value logits, Value scored, Value labelMean, Value labelDeviation) {}

    /** @param learning whether the parameters are to be learned; averages of them, if they are kept, then score beside them */
    private Forward forward(boolean learning) {
        int features = blueprint.schema().dense().size();
        Value featureMean = g.input(Names.MEAN, ElementType.FLOAT, features);
        Value variance = g.input(Names.VARIANCE, ElementType.FLOAT, features);
        Value weight = g.input(Names.WEIGHT, ElementType.FLOAT, features);
        Value scaled = encoder.scaled(encoder.rawDense());
        if (learning) {
            // A feature never seen is not scored with, but its moments are taken about a value of its own.
            Value first = g.squeeze(g.gather(scaled, g.literal(Shape.of(1), new int[] {0})), 0);
            featureMean = g.where(g.greater(weight, g.scalar(0f)), featureMean, first);
        }
        Value centred = g.sub(scaled, featureMean);
        Value dense = encoder.normalised(centred, encoder.inverseDeviation(variance), encoder.fadeIn(weight));

        Value steps = null;
        Value padding = null;
        if (blueprint.settings().usesSequence()) {
            Value types = encoder.rawTypes();
            steps = encoder.steps(types, encoder.rawGaps());
            padding = encoder.padding(types);
        }
        List<Value> rows = new ArrayList<>();
        Map<String, Value> picked = new HashMap<>();
        if (!blueprint.network().tables().isEmpty()) {
            int ids = blueprint.schema().ids().size();
            Value positions = g.input(Names.POSITIONS, ElementType.INT32, Graph.N, ids);
            for (RowTable table : blueprint.network().tables()) {
                Value touched =
                        g.input(Names.table(table.name()), ElementType.FLOAT, Graph.N.times(ids), table.width());
                rows.add(touched);
                picked.put(table.name(), g.gather(touched, positions));
            }
        }
        Map<String, Value> byName = new HashMap<>();
        List<Value> parameters = new ArrayList<>();
        for (Parameter p : blueprint.network().parameters()) {
            Value value = g.input(
                    Names.parameter(p.name()),
                    ElementType.FLOAT,
                    p.axes().stream().map(Axis::size).toArray());
            byName.put(p.name(), value);
            parameters.add(value);
        }
        Encoded in = new Encoded(
                dense,
                steps,
                padding,
                picked.get(Network.WideAndDeep.EMBEDDING),
                picked.get(Network.WideAndDeep.WIDE),
                pieces(scaled));
        if (learning && in.pieces() != null) {
            outputs.put(Pieces.SCALED, scaled);
        }
        Value out = blueprint.network().outputs(g, in, name -> Network.required(byName.get(name)));
        int targets = blueprint.targets().size();
        Value offset = g.input(Names.LABEL_OFFSET, ElementType.FLOAT, targets);
        Value logits = heads.logits(out, offset);
        Value mean = g.input(Names.LABEL_MEAN, ElementType.FLOAT, targets);
        Value deviation = g.input(Names.LABEL_DEVIATION, ElementType.FLOAT, targets);
        Value scored = learning && training.averages() ? heads.logits(averageOutputs(in), offset) : logits;
        outputs.put(OnnxContract.SCORES, heads.scores(scored, mean, deviation));
        return new Forward(
                new Features(featureMean, centred), new Outputs(logits, scored, mean, deviation), parameters, rows);
    }

    /** [P, N], each about its mean. */
    private @Nullable Value pieces(Value scaled) {
        int pool = blueprint.network().pieces();
        if (pool == 0) {
            return null;
        }
        Value passed = encoder.pieces(
                g.transpose(scaled, 1, 0),
                g.input(Pieces.FEATURE, ElementType.INT32, pool),
                g.input(Pieces.LOW, ElementType.FLOAT, pool, 1),
                g.input(Pieces.SCALE, ElementType.FLOAT, pool, 1));
        return g.sub(passed, g.input(Pieces.CENTRE, ElementType.FLOAT, pool, 1));
    }

    private Value averageOutputs(Encoded in) {
        g.scope("average");
        Map<String, Value> byName = new HashMap<>();
        for (Parameter p : blueprint.network().parameters()) {
            byName.put(
                    p.name(),
                    g.input(
                            Names.average(p.name()),
                            ElementType.FLOAT,
                            p.axes().stream().map(Axis::size).toArray()));
        }
        Value out = blueprint.network().outputs(g, in, name -> Network.required(byName.get(name)));
        g.scope("");
        return out;
    }

    private void learn(Forward forward) {
        int targets = blueprint.targets().size();
        Value labels = g.input(Names.LABELS, ElementType.FLOAT, Graph.N, targets);
        Value mask = g.input(Names.MASK, ElementType.FLOAT, Graph.N, targets);
        Outputs out = forward.outputs();
        g.scope("loss");
        Value losses = heads.losses(out.logits(), labels, out.labelMean(), out.labelDeviation());
        Value loss = Loss.maskedMean(g, losses, mask);
        outputs.put(Names.LOSS, loss);
        if (training.averages()) {
            Value ofAverage = heads.losses(out.scored(), labels, out.labelMean(), out.labelDeviation());
            outputs.put(Names.AVERAGE_LOSS, Loss.maskedMean(g, ofAverage, mask));
        }

        g.scope("backward");
        List<Value> by = new ArrayList<>(forward.parameters());
        by.addAll(forward.rows());
        List<Value> gradients = Gradients.of(g, loss, by);
        update(forward, gradients);
        moments(forward);
    }

    private void update(Forward forward, List<Value> gradients) {
        g.scope("update");
        int parameters = forward.parameters().size();
        List<Value> flatGradients = new ArrayList<>();
        for (Value gradient : gradients.subList(0, parameters)) {
            flatGradients.add(g.reshape(gradient, gradient.shape().elements()));
        }
        List<Value> values = new ArrayList<>();
        List<Value> groupGradients = new ArrayList<>();
        Value flat = g.concat(0, flatGradients);
        Value theta = g.input(Names.PARAMETERS, ElementType.FLOAT, flat.shape().dim(0));
        values.add(theta);
        groupGradients.add(decay(flat, theta, decayMask()));
        for (int i = 0; i < forward.rows().size(); i++) {
            Value rows = forward.rows().get(i);
            values.add(rows);
            groupGradients.add(decay(gradients.get(parameters + i), rows, g.scalar(1f)));
        }
        List<Value> clipped = GradientClip.byGlobalNorm(g, groupGradients, training.clipNorm());
        apply(Names.PARAMETERS, training.parameterRule(), values.get(0), clipped.get(0));
        for (int i = 0; i < forward.rows().size(); i++) {
            RowTable table = blueprint.network().tables().get(i);
            apply(Names.table(table.name()), table.optimiser(), values.get(i + 1), clipped.get(i + 1));
        }
    }

    private Value decay(Value gradient, Value values, Value where) {
        return training.l2() == 0 ? gradient : g.add(gradient, g.mul(g.mul(where, (float) training.l2()), values));
    }

    private Value decayMask() {
        List<Parameter> parameters = blueprint.network().parameters();
        float[] mask = new float[parameters.stream().mapToInt(Parameter::size).sum()];
        int next = 0;
        for (Parameter p : parameters) {
            Arrays.fill(mask, next, next + p.size(), p.decays() ? 1f : 0f);
            next += p.size();
        }
        return g.literal(Shape.of(mask.length), mask);
    }

    private void apply(String group, Optimiser optimiser, Value values, Value gradient) {
        List<Value> slots = new ArrayList<>();
        for (String slot : optimiser.slots()) {
            slots.add(g.input(
                    Names.slot(slot, group),
                    ElementType.FLOAT,
                    values.shape().dims().toArray()));
        }
        List<Value> scalars = new ArrayList<>();
        for (int i = 0; i < optimiser.scalars(); i++) {
            scalars.add(g.input(Names.scalar(group, i), ElementType.FLOAT));
        }
        Update update = optimiser.update(g, values, gradient, slots, scalars);
        outputs.put(group + Names.AFTER, update.parameters());
        for (int i = 0; i < slots.size(); i++) {
            outputs.put(slots.get(i).name() + Names.AFTER, update.slots().get(i));
        }
    }

    private void moments(Forward forward) {
        g.scope("normaliser");
        List<Value> after = RunningMoments.after(
                g,
                forward.features().mean(),
                g.input(Names.VARIANCE),
                g.input(Names.WEIGHT),
                forward.features().centred(),
                g.input(Names.ONES, ElementType.FLOAT, 1, Graph.N),
                training.normalisation().memory());
        outputs.put(Names.MEAN + Names.AFTER, after.get(0));
        outputs.put(Names.VARIANCE + Names.AFTER, after.get(1));
        outputs.put(Names.WEIGHT + Names.AFTER, after.get(2));
        g.scope("");
    }
}
