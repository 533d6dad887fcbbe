package io.livepredict.streams.model;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.ModelManifest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a change of the features removes, keeps and adds, seen from the model that is served. */
final class FeatureDifferences {
    private static final int SAID = 5;

    private FeatureDifferences() {}

    /** In words for one line; empty if the dense inputs of the model are the features there are. */
    static String words(ModelManifest manifest, FeatureSchema schema) {
        if (manifest.dense().isEmpty() || manifest.family().equals(ModelManifest.IMPORTED)) {
            return ""; // which of them a user's own model takes is the user's choice
        }
        Set<String> here = new HashSet<>();
        schema.dense().forEach(feature -> here.add(feature.name() + '\n' + feature.definition()));
        List<String> removed = new ArrayList<>();
        double share = 0;
        for (int i = 0; i < manifest.dense().size(); i++) {
            ModelManifest.Feature feature = manifest.dense().get(i);
            if (!here.remove(feature.name() + '\n' + feature.definition())) {
                removed.add(feature.name());
                share += i < manifest.usual().size() ? manifest.usual().get(i).share() : 0;
            }
        }
        List<String> added = schema.dense().stream()
                .filter(feature -> here.contains(feature.name() + '\n' + feature.definition()))
                .map(feature -> feature.name())
                .toList();
        if (removed.isEmpty() && added.isEmpty()) {
            return "";
        }
        return "of the model's " + manifest.dense().size() + " features " + removed.size() + " are gone" + some(removed)
                + (removed.isEmpty()
                        ? ""
                        : String.format(Locale.ROOT, " and held at their mean, %.0f %% of its weight", 100 * share))
                + ", " + (manifest.dense().size() - removed.size()) + " stay, and " + added.size()
                + " are new, which its next version learns" + some(added);
    }

    private static String some(List<String> names) {
        return names.isEmpty()
                ? ""
                : " (" + String.join(", ", names.subList(0, Math.min(SAID, names.size())))
                        + (names.size() > SAID ? ", …" : "") + ")";
    }
}
