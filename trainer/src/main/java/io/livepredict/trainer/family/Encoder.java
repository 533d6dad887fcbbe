package io.livepredict.trainer.family;

import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.Scale;
import io.livepredict.trainer.graph.ElementType;
import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.Op;
import io.livepredict.trainer.graph.Shape;
import io.livepredict.trainer.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Raw features as the contract has them → what a network sees. All of it is in the graph, so a model takes raw values. */
final class Encoder {
    private static final float LEAST_VARIANCE = 1e-6f;
    /** ln(1 + x) is 0 in float32 where x · STEEP is below 1. */
    private static final float STEEP = 1e8f;

    private final Graph g;
    private final Blueprint blueprint;

    Encoder(Graph g, Blueprint blueprint) {
        this.g = g;
        this.blueprint = blueprint;
    }

    /** Raw dense features [N, D] by what they measure: sign(x)·ln(1 + |x|), or as they are. */
    Value scaled(Value raw) {
        List<Scale> scales =
                blueprint.schema().dense().stream().map(f -> f.scale()).toList();
        if (scales.stream().allMatch(s -> s == Scale.PLAIN)) {
            return raw;
        }
        // A count or duration is not negative, so one formula serves all three; it never gives NaN.
        Value logarithm = logarithm(raw);
        if (scales.stream().noneMatch(s -> s == Scale.PLAIN)) {
            return logarithm;
        }
        boolean[] plain = new boolean[scales.size()];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = scales.get(i) == Scale.PLAIN;
        }
        return g.where(g.literal(Shape.of(1, plain.length), plain), raw, logarithm);
    }

    /**
     * {@link #scaled}, bit for bit but for a zero's sign, the other way round: [D, N]. Each feature is a row here, so that
     * those a logarithm is taken of can be picked and put back; as columns they lie apart, and a logarithm of all and a choice
     * at the end take longer (RATIONALE.md).
     */
    Value scaledByFeature(Value raw) {
        Value features = g.transpose(raw, 1, 0);
        int[] logged = IntStream.range(0, blueprint.schema().dense().size())
                .filter(i -> blueprint.schema().dense().get(i).scale() != Scale.PLAIN)
                .toArray();
        if (logged.length == 0) {
            return features;
        }
        Value logarithms = logarithm(g.gather(features, g.literal(Shape.of(logged.length), logged)));
        Value places = g.literal(
                Shape.of(logged.length, 1), Arrays.stream(logged).asLongStream().toArray());
        return g.apply(new Op.ScatterND(false), features, places, logarithms);
    }

    /** sign(x)·ln(1 + |x|). */
    private Value logarithm(Value raw) {
        // The sign by a steep ramp, which runs at three times the speed of Sign and differs only where the logarithm is
        // 0.
        Value sign = g.clip(g.mul(raw, STEEP), -1f, 1f);
        return g.mul(sign, g.log(g.add(g.abs(raw), 1f)));
    }

    /** What multiplies the distance from the mean: one over the standard deviation. [D]. */
    Value inverseDeviation(Value variance) {
        return g.div(g.scalar(1f), g.sqrt(g.add(variance, LEAST_VARIANCE)));
    }

    /** 0 for a feature never seen, rising to 1 while its statistics settle. [D]. */
    Value fadeIn(Value weight) {
        return g.clip(
                g.mul(weight, (float)
                        (1 / blueprint.settings().training().normalisation().warmUp())),
                0f,
                1f);
    }

    /** The normalised features from their distance to the mean: [N, D], or [D, N] where the other two are [D, 1]. */
    Value normalised(Value centred, Value inverseDeviation, Value fadeIn) {
        float limit = (float) blueprint.settings().training().normalisation().limit();
        return g.clip(g.mul(centred, g.mul(inverseDeviation, fadeIn)), -limit, limit);
    }

    /**
     * How far each piece is passed: 0 below it, 1 above it. [P, N], since rows are picked faster than columns.
     *
     * @param scaled by feature, [D, N]
     * @param feature [P] int32, which feature each is of
     * @param low [P, 1]
     * @param scale [P, 1]
     */
    Value pieces(Value scaled, Value feature, Value low, Value scale) {
        Value picked = g.gather(scaled, feature);
        return g.clip(g.mul(g.sub(picked, low), scale), 0f, 1f);
    }

    /** Event types and gaps as one tensor [N, K, E + 1]. */
    Value steps(Value types, Value gaps) {
        int[] codes = new int[blueprint.schema().eventTypes().size()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = i + 1;
        }
        Value oneHot = g.cast(
                g.equal(g.unsqueeze(types, 2), g.literal(Shape.of(1, 1, codes.length), codes)), ElementType.FLOAT);
        return g.concat(2, List.of(oneHot, g.unsqueeze(gaps, 2)));
    }

    /** 1 where there is no event, [N, K, 1]. */
    Value padding(Value types) {
        return g.cast(g.equal(g.unsqueeze(types, 2), g.literal(Shape.of(1, 1, 1), new int[] {0})), ElementType.FLOAT);
    }

    /** The row of each id in a table, [N, I] int32: its block's first row plus the id modulo the block's rows. */
    Value rows(Value ids, List<RowTable.Block> blocks) {
        int[] rows = new int[blocks.size()];
        int[] first = new int[blocks.size()];
        int next = 0;
        for (int i = 0; i < rows.length; i++) {
            rows[i] = blocks.get(i).rows();
            first[i] = next;
            next += rows[i];
        }
        Shape shape = Shape.of(1, rows.length);
        return g.add(g.apply(new Op.Mod(), ids, g.literal(shape, rows)), g.literal(shape, first));
    }

    Value rawDense() {
        return g.input(
                OnnxContract.DENSE,
                ElementType.FLOAT,
                Graph.N,
                blueprint.schema().dense().size());
    }

    Value rawTypes() {
        return g.input(
                OnnxContract.SEQUENCE_TYPES,
                ElementType.INT32,
                Graph.N,
                blueprint.schema().sequenceLength());
    }

    Value rawGaps() {
        return g.input(
                OnnxContract.SEQUENCE_GAPS,
                ElementType.FLOAT,
                Graph.N,
                blueprint.schema().sequenceLength());
    }

    Value rawIds() {
        return g.input(
                OnnxContract.IDS,
                ElementType.INT32,
                Graph.N,
                blueprint.schema().ids().size());
    }
}
