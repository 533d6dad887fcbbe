package io.livepredict.deploy.backtest;

import io.livepredict.contract.ModelManifest;
import java.util.Set;

/** What an app that lacks some of a model's features holds at their mean, counted independently. */
final class HeldInputs {
    private HeldInputs() {}

    /** How much of a model's weight hangs on features that are not among these; without any weight, how many of them. */
    static double share(ModelManifest manifest, Set<String> dense) {
        boolean unlearned = manifest.usual().stream().allMatch(usual -> usual.share() == 0);
        double share = 0;
        for (int i = 0; i < manifest.dense().size(); i++) {
            ModelManifest.Feature feature = manifest.dense().get(i);
            if (!dense.contains(feature.name() + ' ' + feature.definition())) {
                share += unlearned
                        ? 1.0 / manifest.dense().size()
                        : manifest.usual().get(i).share();
            }
        }
        return share;
    }
}
