package io.livepredict.trainer.family;

import io.livepredict.contract.OnnxContract;
import io.livepredict.trainer.family.ModelState.Tensor;
import io.livepredict.trainer.graph.Dim;
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
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is served: the forward half with the parameters as constants, and behind a condition the attributions, gradient ×
 * (input − running mean) in the scaled feature, which for a linear model add up to the logit less its bias and base rate. An id's or an
 * event's is the sum over its embedding. Inputs and outputs are those of {@link OnnxContract}.
 */
final class ExportedGraph {
    /**
     * What hedges scores with the base rate: they become share · score + rest, by target.
     *
     * @param share [T]
     * @param rest [T]
     */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    record Hedge(float[] share, float[] rest) {}

    private final Graph g = new Graph();
    private final Blueprint blueprint;
    private final ModelState state;
    private final Encoder encoder;
    private final Map<String, Value> constants = new HashMap<>();
    private final @Nullable PlacedPieces pieces;
    private final Function<String, Value> parameters =
            name -> constants.computeIfAbsent(name, n -> constant(Names.parameter(n)));

    private ExportedGraph(Blueprint blueprint, ModelState state) {
        this.blueprint = blueprint;
        this.state = state;
        encoder = new Encoder(g, blueprint);
        pieces = PlacedPieces.of(g, blueprint, state);
        if (pieces != null) {
            constants.putAll(pieces.parameters());
        }
    }

    /** @param hedge null for scores as the network gives them */
    static byte[] of(Blueprint blueprint, ModelState state, @Nullable Hedge hedge) {
        return new ExportedGraph(blueprint, state).write(hedge);
    }

    private byte[] write(@Nullable Hedge hedge) {
        Value scaled = encoder.scaledByFeature(encoder.rawDense());
        Value centred = g.sub(scaled, g.unsqueeze(constant(Names.MEAN), 1));
        Value dense = g.transpose(
                encoder.normalised(
                        centred,
                        g.unsqueeze(encoder.inverseDeviation(constant(Names.VARIANCE)), 1),
                        g.unsqueeze(encoder.fadeIn(constant(Names.WEIGHT)), 1)),
                1,
                0);
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
                dense,
                steps,
                padding,
                picked.get(Network.WideAndDeep.EMBEDDING),
                picked.get(Network.WideAndDeep.WIDE),
                pieces == null ? null : pieces.passed(encoder, scaled));
        Value outputs = blueprint.network().outputs(g, in, parameters);
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
        if (hedge != null) {
            Value shared = g.mul(scores, g.constant("hedge/share", Shape.of(targets), hedge.share()));
            scores = g.add(shared, g.constant("hedge/rest", Shape.of(targets), hedge.rest()));
        }
        Value explain = g.input(OnnxContract.EXPLAIN, ElementType.BOOL);
        Value attributions = attributions(in, heads.unit(deviation));
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

    /**
     * [N, T, D + K + I] over the inputs the model has. Each row stands T times in a batch of its own, once for each target, so
     * that one pass back serves all of them: a pass for each made a recurrent model's graph so large that a session took over a
     * second to open (RATIONALE.md).
     */
    private Value attributions(Encoded in, Value unit) {
        g.scope("attributions");
        int targets = blueprint.targets().size();
        Dim rows = in.dense().shape().dim(0);
        Encoded each = new Encoded(
                Network.required(forEachTarget(in.dense())),
                forEachTarget(in.steps()),
                forEachTarget(in.padding()),
                forEachTarget(in.embedded()),
                forEachTarget(in.wide()),
                piecesForEachTarget(in.pieces()));
        Value outputs = blueprint.network().outputs(g, each, parameters);
        g.scope("attributions");
        float[] oneHot = new float[targets * targets];
        for (int t = 0; t < targets; t++) {
            oneHot[t * targets + t] = 1f;
        }
        Value seed = g.reshape(
                g.expandLike(
                        g.unsqueeze(g.mul(g.literal(Shape.of(targets, targets), oneHot), unit), 0),
                        g.reshape(outputs, rows, targets, targets)),
                rows.times(targets),
                targets);
        List<Value> points = Stream.of(each.dense(), each.steps(), each.embedded(), each.wide(), each.pieces())
                .filter(Objects::nonNull)
                .toList();
        List<Value> gradients = Gradients.of(g, outputs, seed, points);
        Map<Value, Value> contributions = new HashMap<>();
        for (int i = 0; i < points.size(); i++) {
            contributions.put(points.get(i), g.mul(points.get(i), gradients.get(i)));
        }
        List<Value> parts = new ArrayList<>();
        Value ofDense = Network.required(contributions.get(each.dense()));
        if (pieces != null && each.pieces() != null) {
            Value gradient = gradients.get(points.indexOf(each.pieces()));
            ofDense = g.add(ofDense, pieces.contributions(each.pieces(), gradient, ofDense));
        }
        parts.add(ofDense);
        if (each.steps() != null) {
            parts.add(g.sum(Network.required(contributions.get(each.steps())), false, 2));
        }
        if (each.embedded() != null && each.wide() != null) {
            parts.add(g.add(
                    g.sum(Network.required(contributions.get(each.embedded())), false, 2),
                    g.sum(Network.required(contributions.get(each.wide())), false, 2)));
        }
        Value all = g.concat(1, parts);
        return g.reshape(all, rows, targets, all.shape().size(1));
    }

    /** [P, N] as [P, N · T], each column T times. */
    private @Nullable Value piecesForEachTarget(@Nullable Value passed) {
        if (passed == null) {
            return null;
        }
        int targets = blueprint.targets().size();
        Value repeated = g.add(g.unsqueeze(passed, 2), g.literal(Shape.of(1, 1, targets), new float[targets]));
        return g.reshape(repeated, passed.shape().dim(0), passed.shape().dim(1).times(targets));
    }

    /** [N, …] as [N · T, …], each row T times. */
    private @Nullable Value forEachTarget(@Nullable Value value) {
        if (value == null) {
            return null;
        }
        Shape shape = value.shape();
        int targets = blueprint.targets().size();
        long[] once = LongStream.generate(() -> 1).limit(shape.rank() + 1L).toArray();
        once[1] = targets;
        Value repeated = g.add(g.unsqueeze(value, 1), g.literal(Shape.of(once), new float[targets]));
        List<Object> dims = new ArrayList<>(shape.dims());
        dims.set(0, shape.dim(0).times(targets));
        return g.reshape(repeated, dims.toArray());
    }
}
