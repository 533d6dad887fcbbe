package io.livepredict.trainer.family;

import io.livepredict.contract.OnnxContract;
import io.livepredict.trainer.family.ModelState.Tensor;
import io.livepredict.trainer.graph.ElementType;
import io.livepredict.trainer.graph.Gradients;
import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.OnnxWriter;
import io.livepredict.trainer.graph.Shape;
import io.livepredict.trainer.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is served: the forward half with the parameters as constants, and behind a condition the attributions, gradient ×
 * (input − running mean) in the scaled feature, which for a linear model add up to the logit less its bias and base rate. An id's or an
 * event's is the sum over its embedding. Inputs and outputs are those of {@link OnnxContract}.
 */
final class ExportedGraph {
    private final Graph g = new Graph();
    private final Blueprint blueprint;
    private final ModelState state;
    private final Encoder encoder;

    private ExportedGraph(Blueprint blueprint, ModelState state) {
        this.blueprint = blueprint;
        this.state = state;
        encoder = new Encoder(g, blueprint);
    }

    static byte[] of(Blueprint blueprint, ModelState state) {
        return new ExportedGraph(blueprint, state).write();
    }

    private byte[] write() {
        Value mean = constant(Names.MEAN);
        Value centred = g.sub(encoder.scaled(encoder.rawDense()), mean);
        Value dense = encoder.normalised(
                centred, encoder.inverseDeviation(constant(Names.VARIANCE)), encoder.fadeIn(constant(Names.WEIGHT)));
        Value steps = null;
        Value padding = null;
        if (blueprint.settings().usesSequence()) {
            Value types = encoder.rawTypes();
            steps = encoder.steps(types, encoder.rawGaps());
            padding = encoder.padding(types);
        }
        Map<String, Value> picked = new HashMap<>();
        if (blueprint.settings().usesIds()) {
            List<RowTable> tables = blueprint.network().tables();
            Value rows = encoder.rows(encoder.rawIds(), tables.get(0).blocks());
            for (RowTable table : tables) {
                picked.put(table.name(), g.gather(constant(Names.table(table.name())), rows));
            }
        }
        Encoded in = new Encoded(
                dense, steps, padding, picked.get(Network.WideAndDeep.EMBEDDING), picked.get(Network.WideAndDeep.WIDE));
        Value outputs = blueprint.network().outputs(g, in, name -> constant(Names.parameter(name)));
        Heads heads = new Heads(g, blueprint);
        int targets = blueprint.targets().size();
        float[] means = States.values(state, Names.LABEL_MEAN);
        float[] variances = States.values(state, Names.LABEL_VARIANCE);
        float[] offsets = new float[targets];
        float[] deviations = new float[targets];
        for (int t = 0; t < targets; t++) {
            offsets[t] = LabelMoments.offset(blueprint.targets().get(t), means[t]);
            deviations[t] = LabelMoments.deviation(variances[t]);
        }
        Value deviation = g.constant(Names.LABEL_DEVIATION, Shape.of(targets), deviations);
        Value logits = heads.logits(outputs, g.constant(Names.LABEL_OFFSET, Shape.of(targets), offsets));
        Value scores = heads.scores(logits, constant(Names.LABEL_MEAN), deviation);
        Value explain = g.input(OnnxContract.EXPLAIN, ElementType.BOOL);
        Value attributions = attributions(in, logits, heads.unit(deviation));
        return OnnxWriter.model(
                g,
                Map.of(OnnxContract.SCORES, scores),
                new OnnxWriter.Optional(OnnxContract.ATTRIBUTIONS, explain, attributions));
    }

    private Value constant(String name) {
        Tensor tensor = state.tensors().get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the state has no tensor " + name);
        }
        return g.constant(name, Shape.of(tensor.shape()), tensor.values());
    }

    /** [N, T, D + K + I] over the inputs the model has. */
    private Value attributions(Encoded in, Value logits, Value unit) {
        g.scope("attributions");
        List<Value> points = new ArrayList<>();
        points.add(in.dense());
        for (Value point : new Value[] {in.steps(), in.embedded(), in.wide()}) {
            if (point != null) {
                points.add(point);
            }
        }
        int targets = blueprint.targets().size();
        List<Value> all = new ArrayList<>();
        for (int target = 0; target < targets; target++) {
            float[] oneHot = new float[targets];
            oneHot[target] = 1f;
            Value seed = g.expandLike(g.mul(g.literal(Shape.of(1, targets), oneHot), unit), logits);
            List<Value> gradients = Gradients.of(g, logits, seed, points);
            Map<Value, Value> contributions = new HashMap<>();
            for (int i = 0; i < points.size(); i++) {
                contributions.put(points.get(i), g.mul(points.get(i), gradients.get(i)));
            }
            List<Value> parts = new ArrayList<>();
            parts.add(Network.given(contributions.get(in.dense())));
            if (in.steps() != null) {
                parts.add(g.sum(Network.given(contributions.get(in.steps())), false, 2));
            }
            if (in.embedded() != null && in.wide() != null) {
                parts.add(g.add(
                        g.sum(Network.given(contributions.get(in.embedded())), false, 2),
                        g.sum(Network.given(contributions.get(in.wide())), false, 2)));
            }
            all.add(g.unsqueeze(g.concat(1, parts), 1));
        }
        return g.concat(1, all);
    }
}
