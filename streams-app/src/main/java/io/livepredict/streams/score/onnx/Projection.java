package io.livepredict.streams.score.onnx;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where each of a model's inputs is found in this app's feature vector, and each of its heads among the configured
 * targets, by name and definition. The app may have features and targets that the model does not know.
 *
 * @param dense for each dense input of the model its place in the vector, or -1 where there is none and it is held at its mean
 * @param held for each dense input what it is held at where it has no place
 * @param ids for each id input its place
 * @param sequenceLength the model's; its steps are the vector's last
 * @param eventTypeCodes for each code of this app (0 is padding) the model's code, 0 where it knows no such type
 * @param targets for each head the configured target's place, or -1 where there is none of that name and definition, and
 *     where the head has not learned yet: then the target's own prior says as much
 */
@SuppressWarnings("ArrayRecordComponent") // computed once per model, never compared
public record Projection(
        int[] dense, float[] held, int[] ids, int sequenceLength, int[] eventTypeCodes, int[] targets) {
    private static final ModelManifest.Usual UNKNOWN = new ModelManifest.Usual(Float.NaN, Float.NaN);

    /** How much of a model's weight may hang on inputs that are gone; with more it is refused. */
    public static final double MOST_HELD = 0.5;

    /**
     * The projection of a model's manifest.
     *
     * @throws MissingInputException if the model needs what this app does not have
     */
    public static Projection of(ModelManifest manifest, FeatureSchema schema, List<Target> configured)
            throws MissingInputException {
        Map<String, Integer> densePlaces = new HashMap<>();
        for (int i = 0; i < schema.dense().size(); i++) {
            DenseFeature feature = schema.dense().get(i);
            densePlaces.put(feature.name() + '\n' + feature.definition(), i);
        }
        Map<String, Integer> idPlaces = new HashMap<>();
        for (int i = 0; i < schema.ids().size(); i++) {
            IdFeature feature = schema.ids().get(i);
            idPlaces.put(feature.name() + '\n' + feature.definition(), i);
        }
        List<String> missing = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        int[] dense = places(manifest.dense(), densePlaces, gone);
        float[] held = new float[dense.length];
        double share = hold(manifest, dense, held);
        if (!(share <= MOST_HELD)) {
            missing.addAll(gone);
        }
        int[] ids = places(manifest.ids(), idPlaces, missing);
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Math.max(0, ids[i]); // where one is missing the model is refused below
        }
        if (manifest.sequenceLength() > 0) {
            if (manifest.sequenceLength() > schema.sequenceLength()) {
                missing.add("a sequence of " + manifest.sequenceLength() + " events (here " + schema.sequenceLength()
                        + ")");
            } else if (!manifest.sequenceDefinition().equals(schema.sequenceDefinition())) {
                missing.add("a sequence of another definition");
            }
        }
        if (!missing.isEmpty()) {
            throw new MissingInputException("it needs inputs that this app does not have: "
                    + String.join(", ", missing.subList(0, Math.min(5, missing.size())))
                    + (missing.size() > 5 ? " and " + (missing.size() - 5) + " more" : "")
                    + (share > MOST_HELD
                            ? String.format(
                                    Locale.ROOT,
                                    ", which carry %.0f %% of its weight, more than %.0f %%",
                                    100 * share,
                                    100 * MOST_HELD)
                            : ""));
        }
        int[] codes = new int[schema.eventTypes().size() + 1];
        for (int i = 0; i < schema.eventTypes().size(); i++) {
            codes[i + 1] = manifest.eventTypes().indexOf(schema.eventTypes().get(i)) + 1;
        }
        int[] targets = new int[manifest.targets().size()];
        for (int head = 0; head < targets.length; head++) {
            ModelManifest.Head of = manifest.targets().get(head);
            targets[head] = of.unlearned() ? -1 : place(of, configured);
        }
        return new Projection(dense, held, ids, manifest.sequenceLength(), codes, targets);
    }

    /** Which of the targets a head predicts, by name and definition; -1 for none. */
    public static int place(ModelManifest.Head head, List<Target> configured) {
        for (int target = 0; target < configured.size(); target++) {
            if (configured.get(target).name().equals(head.name())
                    && configured.get(target).definition().equals(head.definition())) {
                return target;
            }
        }
        return -1;
    }

    /** For each of so many configured targets whether no head gives its score. */
    boolean[] withoutHead(int configured) {
        boolean[] without = new boolean[configured];
        Arrays.fill(without, true);
        for (int target : targets) {
            if (target >= 0) {
                without[target] = false;
            }
        }
        return without;
    }

    private static int[] places(List<ModelManifest.Feature> wanted, Map<String, Integer> places, List<String> missing) {
        int[] found = new int[wanted.size()];
        for (int i = 0; i < found.length; i++) {
            ModelManifest.Feature feature = wanted.get(i);
            Integer place = places.get(feature.name() + '\n' + feature.definition());
            if (place == null) {
                missing.add(feature.name());
                found[i] = -1;
            } else {
                found[i] = place;
            }
        }
        return found;
    }

    /**
     * Sets what inputs without a place are held at; returns their share of the weight, NaN if that is not known. In a model
     * that has no weight yet, each input has the same share.
     */
    private static double hold(ModelManifest manifest, int[] dense, float[] held) {
        boolean known = manifest.usual().size() == dense.length;
        double share = 0;
        double all = 0;
        int gone = 0;
        for (int i = 0; i < dense.length; i++) {
            ModelManifest.Usual usual = known ? manifest.usual().get(i) : UNKNOWN;
            all += Math.max(0, usual.share());
            if (dense[i] < 0) {
                gone++;
                held[i] = usual.mean();
                share += Float.isFinite(usual.mean()) ? Math.max(0, usual.share()) : Double.NaN;
            }
        }
        return all == 0 ? share + (double) gone / Math.max(1, dense.length) : share;
    }

    /** Whether those places are 0, 1, 2 … of a list of that size: then a row is copied whole. */
    static boolean isIdentity(int[] places, int size) {
        if (places.length != size) {
            return false;
        }
        for (int i = 0; i < places.length; i++) {
            if (places[i] != i) {
                return false;
            }
        }
        return true;
    }
}
