package io.livepredict.trainer.family;

import io.livepredict.trainer.family.ModelState.Tensor;
import io.livepredict.trainer.optimiser.Optimiser;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** States as tensors by name: fresh ones, what a model's memory looks like in one, and whether one fits a family. */
final class States {
    /** The features' running means and variances in a state. */
    static final List<String> MOMENTS = List.of(Names.MEAN, Names.VARIANCE, Names.WEIGHT);

    /** A count is two floats, as a float can't tell large ones apart: how often this fits into it, and the rest. */
    private static final long COUNT_BASE = 1L << 24;

    private States() {}

    /** A learner that has seen nothing. */
    static ModelState fresh(Blueprint blueprint, long seed) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Optimiser optimiser = blueprint.settings().training().parameterRule();
        for (Parameter p : blueprint.network().parameters()) {
            tensors.put(
                    Names.parameter(p.name()),
                    new Tensor(p.shape(), p.initialiser().fresh(p.name(), p.size(), seed)));
        }
        for (int i = 0; i < optimiser.slots().size(); i++) {
            for (Parameter p : blueprint.network().parameters()) {
                float[] values = values(tensors, Names.parameter(p.name()));
                tensors.put(
                        Names.slot(optimiser.slots().get(i), Names.parameter(p.name())),
                        new Tensor(p.shape(), optimiser.initialSlot(i, values)));
            }
        }
        int features = blueprint.schema().dense().size();
        int targets = blueprint.targets().size();
        tensors.put(Names.MEAN, filled(features, 0f));
        tensors.put(Names.VARIANCE, filled(features, 1f));
        tensors.put(Names.WEIGHT, filled(features, 0f));
        float[] priors = new float[targets];
        float[] weights = new float[targets];
        for (int i = 0; i < targets; i++) {
            priors[i] = (float) blueprint.targets().get(i).prior();
            // Nothing is known of how far a sum strays, so its first labels decide.
            weights[i] = blueprint.targets().get(i).isBinary() ? LabelMoments.PRIOR_WEIGHT : 0f;
        }
        tensors.put(Names.LABEL_MEAN, new Tensor(new long[] {targets}, priors));
        tensors.put(Names.LABEL_VARIANCE, filled(targets, 1f));
        tensors.put(Names.LABEL_WEIGHT, new Tensor(new long[] {targets}, weights));
        for (RowTable table : blueprint.network().tables()) {
            float[] rows = new float[table.rows() * table.width()];
            int next = 0;
            for (RowTable.Block block : table.blocks()) {
                float[] values = table.fresh(block, seed);
                System.arraycopy(values, 0, rows, next, values.length);
                next += values.length;
            }
            long[] shape = {table.rows(), table.width()};
            tensors.put(Names.table(table.name()), new Tensor(shape, rows));
            for (int i = 0; i < table.optimiser().slots().size(); i++) {
                tensors.put(
                        Names.slot(table.optimiser().slots().get(i), Names.table(table.name())),
                        new Tensor(shape, table.optimiser().initialSlot(i, rows)));
            }
        }
        if (blueprint.network().pieces() > 0) {
            Pieces.fresh(blueprint.network().pieces(), features, tensors);
        }
        tensors.put(Names.STEPS, filled(2, 0f));
        tensors.put(Names.AVERAGED_FROM, filled(2, 0f));
        tensors.put(Names.AVERAGE_GAIN, filled(3, 0f));
        return new ModelState(tensors);
    }

    private static Tensor filled(int size, float value) {
        float[] values = new float[size];
        Arrays.fill(values, value);
        return new Tensor(new long[] {size}, values);
    }

    /** The state with the parameters' running averages in their places. */
    static ModelState averaged(Blueprint blueprint, ModelState state) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(state.tensors());
        for (Parameter p : blueprint.network().parameters()) {
            String name = Names.parameter(p.name());
            tensors.put(name, Objects.requireNonNull(tensors.get(Names.slot(Optimiser.Averaged.AVERAGE, name)), name));
        }
        return new ModelState(tensors);
    }

    /** The values of that tensor. */
    static float[] values(ModelState state, String name) {
        return values(state.tensors(), name);
    }

    private static float[] values(Map<String, Tensor> tensors, String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the state has no tensor " + name);
        }
        return tensor.values();
    }

    /** Puts every parameter's part of a flat vector into the tensors, under the name made of the parameter's. */
    static void split(
            Blueprint blueprint, FloatBuffer flat, UnaryOperator<String> nameOf, Map<String, Tensor> tensors) {
        for (Parameter p : blueprint.network().parameters()) {
            float[] part = new float[p.size()];
            flat.get(part);
            tensors.put(nameOf.apply(p.name()), new Tensor(p.shape(), part));
        }
    }

    /** Fills a flat vector with the parameters' tensors: the inverse of {@link #split}. */
    static void join(Blueprint blueprint, ModelState state, UnaryOperator<String> nameOf, FloatBuffer flat) {
        for (Parameter p : blueprint.network().parameters()) {
            flat.put(values(state, nameOf.apply(p.name())));
        }
    }

    /** A count as a tensor. */
    static Tensor count(long count) {
        return new Tensor(
                new long[] {2},
                new float[] {(float) Math.floorDiv(count, COUNT_BASE), (float) Math.floorMod(count, COUNT_BASE)});
    }

    /** The count that {@link #count} wrote. */
    static long counted(ModelState state, String name) {
        float[] values = values(state, name);
        return ((long) values[0]) * COUNT_BASE + (long) values[1];
    }

    /**
     * Refuses a state of another family, size or optimiser.
     *
     * @throws IllegalArgumentException naming the first tensor that differs
     */
    static void requireSameLayout(Blueprint blueprint, ModelState state) {
        Map<String, Tensor> wanted = fresh(blueprint, 0).tensors();
        wanted.forEach((name, tensor) -> {
            Tensor given = state.tensors().get(name);
            if (given == null || !Arrays.equals(given.shape(), tensor.shape())) {
                throw new IllegalArgumentException("the state does not fit family "
                        + blueprint.settings().id() + ": tensor " + name + " must be "
                        + Arrays.toString(tensor.shape()) + ", got "
                        + (given == null ? "none" : Arrays.toString(given.shape())));
            }
        });
        state.tensors().keySet().forEach(name -> {
            if (!wanted.containsKey(name)) {
                throw new IllegalArgumentException("the state does not fit family "
                        + blueprint.settings().id() + ": it has a tensor " + name + " that this family does not");
            }
        });
    }
}
