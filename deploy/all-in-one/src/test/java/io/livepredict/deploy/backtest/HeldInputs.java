package io.livepredict.deploy.backtest;

import io.livepredict.contract.ModelManifest;
import java.util.Set;

/** What an app that lacks some of a model's features holds at their mean, counted anew. */
final class HeldInputs {
    private HeldInputs() {}

    /** How much of a model's weight hangs on features that are not among these. */
    static double share(ModelManifest manifest, Set<String> dense) {
        double share = 0;
        for (int i = 0; i < manifest.dense().size(); i++) {
            ModelManifest.Feature feature = manifest.dense().get(i);
            if (!dense.contains(feature.name() + ' ' + feature.definition())) {
                share += manifest.usual().get(i).share();
            }
        }
        return share;
    }
}
