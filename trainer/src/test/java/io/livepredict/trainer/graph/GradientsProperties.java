package io.livepredict.trainer.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Every operator's gradient, as ONNX Runtime computes it, against central differences of its outputs. */
class GradientsProperties {
    private static final double STEP = 1e-2;
    private static final int ROWS = 3;

    /** Builds one operator on random shapes; inputs are asked of the setting. */
    @SuppressWarnings("ImmutableEnumChecker") // functions without state
    enum Case {
        ADD(s -> s.g.add(s.any("a", s.rows, 4), s.any("b", s.broadcast(s.rows, 4)))),
        SUB(s -> s.g.sub(s.any("a", s.broadcast(s.rows, 4)), s.any("b", s.rows, 4))),
        MUL(s -> s.g.mul(s.any("a", s.rows, s.small()), s.any("b", s.broadcast(s.rows, s.last)))),
        DIV(s -> s.g.div(s.any("a", s.rows, s.small()), s.away("b", s.broadcast(s.rows, s.last)))),
        SQUARE(s -> s.g.square(s.any("a", s.rows, s.small()))),
        WHERE(s ->
                s.g.where(s.g.greater(s.fixed("c", s.rows, 4), s.g.scalar(0f)), s.any("a", s.rows, 4), s.any("b", 4))),
        WHERE_LESS(s -> s.g.where(
                s.g.apply(
                        new Op.And(),
                        s.g.apply(new Op.Less(), s.fixed("c", s.rows, 4), s.g.scalar(0.5f)),
                        s.g.apply(new Op.Not(), s.g.greater(s.g.scalar(-0.5f), s.g.input("c")))),
                s.any("a", s.broadcast(s.rows, 4)),
                s.any("b", s.rows, 4))),
        IDENTITY(s -> s.g.apply(new Op.Identity(), s.any("a", s.rows, 2))),
        NEG(s -> s.g.neg(s.any("a", s.rows, s.small()))),
        EXP(s -> s.g.exp(s.any("a", s.rows, s.small()))),
        LOG(s -> s.g.log(s.positive("a", s.rows, s.small()))),
        SQRT(s -> s.g.sqrt(s.positive("a", s.rows, s.small()))),
        ABS(s -> s.g.abs(s.away("a", s.rows, s.small()))),
        SIGN(s -> s.g.mul(s.g.sign(s.away("a", s.rows, 3)), s.any("b", s.rows, 3))),
        RELU(s -> s.g.relu(s.away("a", s.rows, s.small()))),
        SIGMOID(s -> s.g.sigmoid(s.any("a", s.rows, s.small()))),
        TANH(s -> s.g.tanh(s.any("a", s.rows, s.small()))),
        SOFTPLUS(s -> s.g.softplus(s.any("a", s.rows, s.small()))),
        CLIP(s -> s.g.clip(s.away("a", s.rows, s.small()), -0.05f, 0.05f)),
        CLIP_INSIDE(s -> s.g.clip(s.any("a", s.rows, s.small()), -50f, 50f)),
        SOFTMAX(s -> s.g.apply(new Op.Softmax(s.pick(2)), s.any("a", 3, 4))),
        LOG_SOFTMAX(s -> s.g.apply(new Op.LogSoftmax(s.pick(2)), s.any("a", s.rows, 4))),
        REDUCE_SUM(s -> s.g.apply(new Op.ReduceSum(s.axes(3), s.flag()), s.any("a", s.rows, 2, 3))),
        REDUCE_MEAN(s -> s.g.apply(new Op.ReduceMean(s.axes(3), s.flag()), s.any("a", s.rows, 2, 3))),
        REDUCE_MAX(s -> s.g.apply(new Op.ReduceMax(s.axes(3), s.flag()), s.distinct("a", s.rows, 2, 3))),
        RESHAPE(s -> s.g.square(s.g.reshape(s.any("a", s.rows, 2, 3), Graph.N.times(2), 3))),
        SQUEEZE(s -> s.g.squeeze(s.any("a", s.rows, 1, 3), 1)),
        UNSQUEEZE(s -> s.g.unsqueeze(s.any("a", s.rows, 3), s.pick(3))),
        TRANSPOSE(s -> s.g.apply(new Op.Transpose(s.permutation(3)), s.any("a", s.rows, 2, 3))),
        CONCAT(s -> s.g.concat(1, List.of(s.any("a", s.rows, s.small()), s.any("b", s.rows, s.small())))),
        SPLIT(s -> {
            List<Value> parts = s.g.split(s.any("a", s.rows, 5), 1, List.of(2, 1, 2));
            return s.g.mul(parts.get(0), parts.get(2));
        }),
        SLICE(s -> s.g.slice(s.any("a", s.rows, 5), 1, s.pick(2), 3 + s.pick(2))),
        PAD(s -> s.g.apply(new Op.Pad(1, s.pick(3), s.pick(3)), s.any("a", s.rows, 2))),
        EXPAND_LIKE(s -> s.g.expandLike(s.any("a", s.broadcast(s.rows, 4)), s.fixed("like", s.rows, 4))),
        ZEROS_LIKE(s -> s.g.add(s.g.apply(new Op.ZerosLike(), s.any("b", s.rows, 2)), s.any("a", s.rows, 2))),
        DIM_SIZE(s -> s.g.mul(s.any("a", s.rows, 2), s.g.apply(new Op.DimSize(0), s.g.input("a")))),
        CAST(s -> s.g.mul(
                s.any("a", s.rows, 2),
                s.g.cast(
                        s.g.equal(s.ints("i", 2, s.rows, 2), s.g.literal(Shape.of(1), new int[] {1})),
                        ElementType.FLOAT))),
        MAT_MUL(s -> s.g.matMul(s.any("a", s.rows, s.small()), s.any("b", s.last, s.small()))),
        MAT_MUL_BATCHED(s -> s.g.matMul(s.any("a", s.rows, 2, 3), s.any("b", s.flag() ? s.rows : Dim.of(1), 3, 2))),
        MAT_MUL_SHARED(s -> s.g.matMul(s.any("a", s.rows, 2, 3), s.any("b", 3, 2))),
        GEMM(s -> {
            boolean ta = s.flag();
            boolean tb = s.flag();
            Value a = ta ? s.any("a", 3, s.rows) : s.any("a", s.rows, 3);
            Value b = tb ? s.any("b", 2, 3) : s.any("b", 3, 2);
            return s.flag()
                    ? s.g.apply(new Op.Gemm(ta, tb), a, b)
                    : s.g.apply(new Op.Gemm(ta, tb), a, b, s.any("c", s.broadcast(s.rows, 2)));
        }),
        GATHER(s -> s.g.gather(s.any("a", 4, 2), s.ints("i", 4, s.rows, s.small()))),
        GATHER_ELEMENTS(s -> s.g.apply(new Op.GatherElements(1), s.any("a", s.rows, 4), s.ints("i", 4, s.rows, 3))),
        SCATTER_ND_ADD(s -> s.g.apply(
                new Op.ScatterND(true), s.any("a", 4, 2), s.longs(s.ints("i", 4, s.rows, 1)), s.any("b", s.rows, 2))),
        SCATTER_ND(s ->
                s.g.apply(new Op.ScatterND(false), s.any("a", 4, 2), s.distinctRows(4, ROWS), s.any("b", ROWS, 2))),
        SCATTER_ELEMENTS_ADD(s -> s.g.apply(
                new Op.ScatterElements(1, true),
                s.any("a", s.rows, 4),
                s.ints("i", 4, s.rows, 3),
                s.any("b", s.rows, 3))),
        SCATTER_ELEMENTS(s -> s.g.apply(
                new Op.ScatterElements(0, false),
                s.any("a", 4),
                s.g.squeeze(s.distinctRows(4, ROWS), 1),
                s.any("b", ROWS))),
        MOD(s -> s.g.gather(
                s.any("a", 3, 2),
                s.g.apply(new Op.Mod(), s.ints("i", 9, s.rows), s.g.literal(Shape.of(1), new int[] {3})))),
        CONV_1D(s -> {
            int channels = s.small();
            int kernel = 1 + s.pick(3);
            Op.Window window = s.window(1);
            Value x = s.any("x", s.rows, channels, 7 + s.pick(3));
            Value w = s.any("w", s.small(), channels, kernel);
            return s.flag()
                    ? s.g.apply(new Op.Conv(window), x, w)
                    : s.g.apply(new Op.Conv(window), x, w, s.any("b", w.shape().size(0)));
        }),
        CONV_2D(s -> s.g.apply(
                new Op.Conv(s.window(2)),
                s.any("x", s.rows, 2, 5 + s.pick(2), 6),
                s.any("w", 2, 2, 1 + s.pick(2), 1 + s.pick(3)))),
        MAX_POOL_1D(s -> s.g.applyAll(
                        new Op.MaxPool(List.of(2), Windows.strided(1, 1 + s.pick(2))), s.distinct("x", s.rows, 2, 5))
                .get(0)),
        MAX_POOL_2D(s -> s.g.applyAll(
                        new Op.MaxPool(List.of(2, 2), Windows.strided(2, 1 + s.pick(2))),
                        s.distinct("x", s.rows, 1, 4, 5))
                .get(0));

        final Function<Setting, Value> build;

        Case(Function<Setting, Value> build) {
            this.build = build;
        }
    }

    /** A graph under test with the random values of its inputs. */
    static final class Setting {
        final Graph g = new Graph();
        final Dim rows = Graph.N;
        final Random random;
        final Map<String, float[]> floats = new LinkedHashMap<>();
        final Map<String, int[]> ints = new LinkedHashMap<>();
        final List<Value> by = new ArrayList<>();
        int last;

        Setting(long seed) {
            random = new Random(seed);
        }

        int pick(int bound) {
            return random.nextInt(bound);
        }

        boolean flag() {
            return random.nextBoolean();
        }

        /** 1 to 4; remembered in {@link #last}. */
        int small() {
            last = 1 + pick(4);
            return last;
        }

        Value any(String name, Object... sizes) {
            return input(name, sizes, i -> random.nextFloat() * 3 - 1.5f);
        }

        Value positive(String name, Object... sizes) {
            return input(name, sizes, i -> 0.5f + random.nextFloat() * 2);
        }

        /** Not near 0, where the derivative jumps. */
        Value away(String name, Object... sizes) {
            return input(name, sizes, i -> (0.3f + random.nextFloat()) * (random.nextBoolean() ? 1 : -1));
        }

        /** No two alike, so that a maximum is one element. */
        Value distinct(String name, Object... sizes) {
            List<Integer> order = new ArrayList<>(
                    IntStream.range(0, (int) Shape.mixed(sizes).elements().at(ROWS))
                            .boxed()
                            .toList());
            Collections.shuffle(order, random);
            return input(name, sizes, i -> order.get(i) * 0.1f);
        }

        /** Not differentiated by. */
        Value fixed(String name, Object... sizes) {
            Value value = any(name, sizes);
            by.remove(value);
            return value;
        }

        Value ints(String name, int bound, Object... sizes) {
            Value value = g.input(name, ElementType.INT32, sizes);
            int[] values = new int[(int) value.shape().elements().at(ROWS)];
            Arrays.setAll(values, i -> pick(bound));
            ints.put(name, values);
            return value;
        }

        Value longs(Value indices) {
            return g.cast(indices, ElementType.INT64);
        }

        Value distinctRows(int bound, int count) {
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, bound).boxed().toList());
            Collections.shuffle(order, random);
            return g.literal(
                    Shape.of(count, 1),
                    order.subList(0, count).stream().mapToLong(i -> i).toArray());
        }

        /** A shape that broadcasts to [rows, columns]. */
        Object[] broadcast(Dim rows, int columns) {
            return switch (pick(5)) {
                case 0 -> new Object[] {rows, columns};
                case 1 -> new Object[] {columns};
                case 2 -> new Object[] {1, columns};
                case 3 -> new Object[] {rows, 1};
                default -> new Object[] {};
            };
        }

        List<Integer> axes(int rank) {
            Set<Integer> axes = new TreeSet<>();
            axes.add(pick(rank));
            axes.add(pick(rank));
            return List.copyOf(axes);
        }

        List<Integer> permutation(int rank) {
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, rank).boxed().toList());
            Collections.shuffle(order, random);
            return List.copyOf(order);
        }

        Op.Window window(int axes) {
            List<Integer> strides = new ArrayList<>();
            List<Integer> before = new ArrayList<>();
            List<Integer> after = new ArrayList<>();
            List<Integer> dilations = new ArrayList<>();
            for (int i = 0; i < axes; i++) {
                strides.add(1 + pick(3));
                before.add(pick(2));
                after.add(pick(2));
                dilations.add(1 + pick(2));
            }
            return new Op.Window(strides, before, after, dilations);
        }

        private Value input(String name, Object[] sizes, Function<Integer, Float> values) {
            Value value = g.input(name, ElementType.FLOAT, sizes);
            float[] filled = new float[(int) value.shape().elements().at(ROWS)];
            for (int i = 0; i < filled.length; i++) {
                filled[i] = values.apply(i);
            }
            floats.put(name, filled);
            by.add(value);
            return value;
        }
    }

    @Property(tries = 400)
    void shouldAgreeWithFiniteDifferences(@ForAll Case operator, @ForAll long seed) {
        Setting s = new Setting(seed);
        Value output = operator.build.apply(s);
        // Weighted, so that no two elements of the output can stand for each other; from the output itself, so that
        // every
        // input is needed by something.
        Value weights =
                s.g.input("weights", ElementType.FLOAT, output.shape().dims().toArray());
        List<Value> gradients = Gradients.of(s.g, output, weights, s.by);
        Map<String, Value> outputs = new LinkedHashMap<>();
        outputs.put("output", output);
        for (int i = 0; i < s.by.size(); i++) {
            outputs.put("by " + s.by.get(i).name(), s.g.add(gradients.get(i), s.g.mul(s.g.sumAll(weights), 0f)));
        }
        outputs.put("all", everyInput(s));
        try (Evaluation evaluation = new Evaluation(s.g, outputs, ROWS)) {
            s.floats.forEach(evaluation::set);
            s.ints.forEach(evaluation::set);
            float[] w = new float[(int) output.shape().elements().at(ROWS)];
            for (int i = 0; i < w.length; i++) {
                w[i] = s.random.nextFloat() * 2 - 1;
            }
            evaluation.set("weights", w);
            evaluation.run();
            Map<String, float[]> analytic = new LinkedHashMap<>();
            s.by.forEach(v -> analytic.put(v.name(), evaluation.get("by " + v.name())));
            for (Value v : s.by) {
                float[] values = Objects.requireNonNull(s.floats.get(v.name()));
                float[] gradient = Objects.requireNonNull(analytic.get(v.name()));
                assertThat(gradient).hasSameSizeAs(values);
                for (int i = 0; i < gradient.length; i++) {
                    double numeric = (weighted(evaluation, v.name(), values, i, STEP, w)
                                    - weighted(evaluation, v.name(), values, i, -STEP, w))
                            / (2 * STEP);
                    assertThat(Math.abs(gradient[i] - numeric))
                            .as("%s by %s[%d]: %s against %s", operator, v, i, gradient[i], numeric)
                            .isLessThan(0.01 * Math.max(1, Math.abs(numeric)));
                }
            }
        }
    }

    private static Value everyInput(Setting s) {
        Value all = s.g.scalar(0f);
        for (Value input : List.copyOf(s.g.inputs())) {
            all = s.g.add(all, s.g.sumAll(s.g.cast(input, ElementType.FLOAT)));
        }
        return all;
    }

    private static double weighted(Evaluation e, String input, float[] values, int index, double by, float[] weights) {
        float[] moved = values.clone();
        moved[index] += (float) by;
        e.set(input, moved);
        e.run();
        e.set(input, values);
        float[] output = e.get("output");
        double sum = 0;
        for (int i = 0; i < output.length; i++) {
            sum += (double) output[i] * weights[i];
        }
        return sum;
    }

    @Example
    void shouldCheckEveryOperator() {
        Set<Class<?>> checked = new HashSet<>();
        for (Case operator : Case.values()) {
            for (long seed = 0; seed < 10; seed++) {
                Setting s = new Setting(seed);
                assertThat(operator.build.apply(s)).isNotNull();
                s.g.nodes().forEach(node -> checked.add(node.op().getClass()));
            }
        }
        Set<Class<?>> all = new HashSet<>();
        collect(Op.class, all);
        // It only ever appears in a gradient, and has none itself.
        all.remove(Op.ConvTranspose.class);
        assertThat(checked).containsAll(all);
    }

    private static void collect(Class<?> type, Set<Class<?>> into) {
        if (type.isRecord()) {
            into.add(type);
            return;
        }
        for (Class<?> permitted : type.getPermittedSubclasses()) {
            collect(permitted, into);
        }
    }
}
