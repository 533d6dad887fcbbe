package io.livepredict.streams.activity;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Scale;
import java.util.ArrayList;
import java.util.List;

/** Collects the dense features in vector order while each part of the activity describes its own. */
final class DenseList {
    private final List<DenseFeature> features = new ArrayList<>();

    /**
     * Adds one.
     *
     * @param name stable machine name
     * @param words what a person reads
     * @param meaning exactly what it is, parameters included; hashed into the definition
     */
    void add(String name, String words, Scale scale, String meaning) {
        features.add(new DenseFeature(name, words, scale, Hashes.definition(name + '\n' + scale + '\n' + meaning)));
    }

    List<DenseFeature> features() {
        return List.copyOf(features);
    }
}
