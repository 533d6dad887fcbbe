package io.livepredict.trainer.family;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Scale;
import io.livepredict.trainer.family.ModelState.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a network's dense inputs usually are, and how much of its weight hangs on each: the product of the absolute weights on
 * all ways from the input to the outputs, as a share of that of all inputs of its layers. Inputs are normalised, so their
 * weights compare.
 */
final class UsualInputs {
    private UsualInputs() {}

    static List<ModelManifest.Usual> of(Blueprint blueprint, ModelState state) {
        List<DenseFeature> features = blueprint.schema().dense();
        float[] means = States.values(state, Names.MEAN);
        float[] seen = States.values(state, Names.WEIGHT);
        double warmUp = blueprint.settings().training().normalisation().warmUp();
        double[] influence = influence(blueprint, state);
        for (int i = 0; i < features.size(); i++) {
            influence[i] *= Math.clamp(seen[i] / warmUp, 0, 1); // as its normalisation fades in
        }
        double all = Arrays.stream(influence).sum();
        List<ModelManifest.Usual> usual = new ArrayList<>();
        for (int i = 0; i < features.size(); i++) {
            double share = all > 0 ? influence[i] / all : 0;
            double raw = features.get(i).scale() == Scale.PLAIN
                    ? means[i]
                    : Math.copySign(Math.expm1(Math.abs(means[i])), means[i]);
            if (!Double.isFinite(share) || !Float.isFinite((float) raw)) {
                return List.of();
            }
            usual.add(new ModelManifest.Usual((float) raw, (float) share));
        }
        return usual;
    }

    /** By input of the first layer. */
    private static double[] influence(Blueprint blueprint, ModelState state) {
        int hidden = blueprint.network().layers().hidden().size();
        double[] influence = through(weights(state, "head"), null);
        for (int layer = hidden; layer > 0; layer--) {
            double[] above = influence;
            influence = through(weights(state, "hidden" + layer), above);
            if (layer == 1 && blueprint.network().pieces() > 0) {
                double[] ofPieces = through(weights(state, "pieces"), above);
                float[] features = States.values(state, Pieces.FEATURE);
                for (int p = 0; p < ofPieces.length; p++) {
                    influence[(int) features[p]] += ofPieces[p];
                }
            }
        }
        return influence;
    }

    private static Tensor weights(ModelState state, String layer) {
        String name = Names.parameter(layer + ".weight");
        return Objects.requireNonNull(state.tensors().get(name), name);
    }

    private static double[] through(Tensor weights, double @Nullable [] above) {
        int inputs = Math.toIntExact(weights.shape()[0]);
        int outputs = weights.values().length / Math.max(1, inputs);
        double[] influence = new double[inputs];
        for (int i = 0; i < inputs; i++) {
            for (int o = 0; o < outputs; o++) {
                influence[i] += Math.abs(weights.values()[i * outputs + o]) * (above == null ? 1 : above[o]);
            }
        }
        return influence;
    }
}
