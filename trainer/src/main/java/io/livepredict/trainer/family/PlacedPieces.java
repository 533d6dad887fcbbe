package io.livepredict.trainer.family;

import io.livepredict.trainer.graph.ElementType;
import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.Op;
import io.livepredict.trainer.graph.Shape;
import io.livepredict.trainer.graph.Value;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The {@link Pieces} of a state that are placed, as constants of a graph; their means are in the first layer's bias. */
final class PlacedPieces {
    private final Graph g;
    private final Value feature;
    private final Value low;
    private final Value scale;
    private final Value centre;
    private final Map<String, Value> parameters;

    private PlacedPieces(Graph g, ModelState state, int[] placed) {
        this.g = g;
        float[] of = picked(state, Pieces.FEATURE, placed);
        int[] features = new int[of.length];
        for (int p = 0; p < features.length; p++) {
            features[p] = (int) of[p];
        }
        Shape shape = Shape.of(placed.length, 1);
        feature = g.literal(Shape.of(placed.length), features);
        low = g.constant(Pieces.LOW, shape, picked(state, Pieces.LOW, placed));
        scale = g.constant(Pieces.SCALE, shape, picked(state, Pieces.SCALE, placed));
        float[] means = picked(state, Pieces.CENTRE, placed);
        centre = g.constant(Pieces.CENTRE, shape, means);

        float[] bias =
                States.values(state, Names.parameter(Network.Layers.FIRST_BIAS)).clone();
        float[] all = States.values(state, Names.parameter(Pieces.WEIGHT));
        float[] weights = new float[placed.length * bias.length];
        for (int p = 0; p < placed.length; p++) {
            System.arraycopy(all, placed[p] * bias.length, weights, p * bias.length, bias.length);
            for (int h = 0; h < bias.length; h++) {
                bias[h] -= means[p] * weights[p * bias.length + h];
            }
        }
        parameters = Map.of(
                Pieces.WEIGHT,
                g.constant(Names.parameter(Pieces.WEIGHT), Shape.of(placed.length, bias.length), weights),
                Network.Layers.FIRST_BIAS,
                g.constant(Names.parameter(Network.Layers.FIRST_BIAS), Shape.of(bias.length), bias));
    }

    /** Null where the network has none or none is placed yet. */
    static @Nullable PlacedPieces of(Graph g, Blueprint blueprint, ModelState state) {
        if (blueprint.network().pieces() == 0) {
            return null;
        }
        float[] scales = States.values(state, Pieces.SCALE);
        int[] placed =
                IntStream.range(0, scales.length).filter(p -> scales[p] > 0).toArray();
        return placed.length == 0 ? null : new PlacedPieces(g, state, placed);
    }

    private static float[] picked(ModelState state, String name, int[] placed) {
        float[] all = States.values(state, name);
        float[] some = new float[placed.length];
        for (int p = 0; p < some.length; p++) {
            some[p] = all[placed[p]];
        }
        return some;
    }

    /** What takes the place of the network's parameters, by name. */
    Map<String, Value> parameters() {
        return parameters;
    }

    /** [P, N] of the scaled features by feature, [D, N]. */
    Value passed(Encoder encoder, Value scaled) {
        return encoder.pieces(scaled, feature, low, scale);
    }

    /**
     * What the pieces of each feature contribute, [N, D].
     *
     * @param passed [P, N]
     * @param gradient of the outputs by it
     * @param like of that shape
     */
    Value contributions(Value passed, Value gradient, Value like) {
        Value each = g.mul(g.sub(passed, centre), gradient);
        Value rows = g.unsqueeze(g.cast(feature, ElementType.INT64), 1);
        Value none = g.zerosLike(g.transpose(like, 1, 0));
        return g.transpose(g.apply(new Op.ScatterND(true), none, rows, each), 1, 0);
    }
}
