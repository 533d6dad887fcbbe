package io.livepredict.trainer.family;

import java.util.List;

/**
 * A trained tensor.
 *
 * @param name stable, unique in its network
 * @param axes what its lines belong to
 * @param initialiser its fresh values
 * @param decays whether L2 reaches it (weights, not biases)
 */
record Parameter(String name, List<Axis> axes, Initialiser initialiser, boolean decays) {
    Parameter {
        axes = List.copyOf(axes);
    }

    long[] shape() {
        return axes.stream().mapToLong(Axis::size).toArray();
    }

    int size() {
        return axes.stream().mapToInt(Axis::size).reduce(1, Math::multiplyExact);
    }
}
