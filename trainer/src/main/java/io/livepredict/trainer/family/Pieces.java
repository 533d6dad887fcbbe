package io.livepredict.trainer.family;

import io.livepredict.trainer.family.ModelState.Tensor;
import io.livepredict.trainer.graph.ElementType;
import io.livepredict.trainer.graph.HostTensor;
import java.util.List;
import java.util.Map;

/**
 * The piecewise-linear inputs of a network (Gorishniy, Rubachev and Babenko, On Embeddings for Numerical Features in Tabular
 * Deep Learning, NeurIPS 2022, eq. 1): a pool of pieces, each of one dense feature, 0 below its low end, 1 above its high end
 * and a straight line between, taken about its mean. The ends lie on the scaled feature, so moving moments do not move them.
 *
 * <p>The pool is shared by all features: pieces go where the examples lie ({@link Distributions#place}). They are placed
 * once the first {@value #FIRST} batches have been seen, three quarters of the pool, and the others, with those that features
 * which are gone have left, whenever four times as many have been. A piece that is placed has weight zero and one that is placed
 * never moves, so what was learned is never changed. A piece that is not placed gives zero. Not safe for use from several
 * threads.
 */
final class Pieces {
    /** The pool's weights, [P, H]. */
    static final String WEIGHT = "pieces.weight";

    static final String FEATURE = "pieces/feature";
    static final String LOW = "pieces/low";
    static final String SCALE = "pieces/scale";
    static final String CENTRE = "pieces/centre";
    static final String TAKEN = "pieces/taken";
    static final String SCALED = "pieces/scaled";

    /** What describes the pool's pieces, [P] each. */
    static final List<String> OF_PIECES = List.of(FEATURE, LOW, SCALE, CENTRE);

    private static final int FIRST = 64;
    private static final int ROWS = 8;

    /** [P]: which feature, int32. */
    private final HostTensor feature;
    /** [P, 1]: where a piece begins. */
    private final HostTensor low;
    /** [P, 1]: one over its width; 0 for a piece that is not placed. */
    private final HostTensor scale;
    /** [P, 1]: its mean. */
    private final HostTensor centre;
    /** [capacity, D]: the batch's features, scaled, as the step leaves them. */
    private final HostTensor scaled;

    private final int features;
    private final Distributions distributions;
    /** Batches seen. */
    private long taken;

    Pieces(int pool, int features, int capacity) {
        this.features = features;
        feature = HostTensor.allocate(ElementType.INT32, pool);
        low = HostTensor.allocate(ElementType.FLOAT, pool, 1);
        scale = HostTensor.allocate(ElementType.FLOAT, pool, 1);
        centre = HostTensor.allocate(ElementType.FLOAT, pool, 1);
        scaled = HostTensor.allocate(ElementType.FLOAT, capacity, features);
        distributions = new Distributions(features);
    }

    private int pool() {
        return feature.size();
    }

    /** Binds what both graphs read. */
    void bind(Map<String, HostTensor> in) {
        in.put(FEATURE, feature);
        in.put(LOW, low);
        in.put(SCALE, scale);
        in.put(CENTRE, centre);
    }

    /** Binds what a step leaves for {@link #take}. */
    void bindScaled(Map<String, HostTensor> out, int rows) {
        out.put(SCALED, scaled.view(0, rows, features));
    }

    /** Takes some rows of the batch that a step has just learned from into account, and places pieces if it is time. */
    void take(int rows) {
        int sampled = Math.min(rows, ROWS);
        for (int i = 0; i < sampled; i++) {
            int from = i * rows / sampled * features;
            for (int j = 0; j < features; j++) {
                distributions.add(j, scaled.floats().get(from + j));
            }
        }
        taken++;
        if (taken >= FIRST && Long.bitCount(taken) == 1 && Long.numberOfTrailingZeros(taken) % 2 == 0) {
            place(taken == FIRST ? pool() - pool() / 4 : pool());
        }
    }

    private void place(int most) {
        float[] lows = values(low);
        float[] scales = values(scale);
        int used = 0;
        for (int p = 0; p < pool(); p++) {
            if (scales[p] > 0) {
                distributions.keep(feature.ints().get(p), lows[p], lows[p] + 1 / scales[p]);
                used++;
            }
        }
        int free = 0;
        for (Distributions.Piece piece : distributions.place(Math.max(0, most - used))) {
            while (scales[free] > 0) {
                free++;
            }
            feature.ints().put(free, piece.feature());
            low.floats().put(free, piece.low());
            scale.floats().put(free, piece.scale());
            centre.floats().put(free, piece.centre());
            free++;
        }
    }

    private static float[] values(HostTensor tensor) {
        float[] values = new float[tensor.size()];
        tensor.floats().get(0, values);
        return values;
    }

    void save(Map<String, Tensor> tensors) {
        float[] features = new float[pool()];
        for (int p = 0; p < features.length; p++) {
            features[p] = feature.ints().get(p);
        }
        long[] shape = {features.length};
        tensors.put(FEATURE, new Tensor(shape, features));
        tensors.put(LOW, new Tensor(shape, values(low)));
        tensors.put(SCALE, new Tensor(shape, values(scale)));
        tensors.put(CENTRE, new Tensor(shape, values(centre)));
        tensors.put(TAKEN, States.count(taken));
        distributions.save(tensors);
    }

    void load(ModelState state) {
        float[] features = States.values(state, FEATURE);
        for (int p = 0; p < features.length; p++) {
            feature.ints().put(p, (int) features[p]);
        }
        low.floats().put(0, States.values(state, LOW));
        scale.floats().put(0, States.values(state, SCALE));
        centre.floats().put(0, States.values(state, CENTRE));
        taken = States.counted(state, TAKEN);
        distributions.load(state);
    }

    /** What a state has of a pool before anything was seen. */
    static void fresh(int pool, int features, Map<String, Tensor> tensors) {
        for (String name : OF_PIECES) {
            tensors.put(name, new Tensor(new long[] {pool}, new float[pool]));
        }
        tensors.put(TAKEN, States.count(0));
        new Distributions(features).save(tensors);
    }
}
