package io.livepredict.deploy.bench.peers;

import io.livepredict.deploy.bench.PeerLearner;
import io.livepredict.deploy.bench.PeerLearners;
import java.util.List;
import moa.classifiers.functions.SGD;
import moa.classifiers.meta.AdaptiveRandomForest;
import moa.classifiers.trees.HoeffdingAdaptiveTree;

/** MOA and Vowpal Wabbit. */
public final class Catalogue implements PeerLearners {
    private static final int LOG_LOSS = 1;

    @Override
    public List<String> names() {
        return List.of(MOA_SGD, MOA_HAT, MOA_ARF, VOWPAL_WABBIT);
    }

    @Override
    public List<Double> rates(String name) {
        return switch (name) {
            case MOA_SGD -> List.of(0.0001, 0.001, 0.01);
            case VOWPAL_WABBIT -> List.of(0.5, 0.1, 0.02);
            default -> List.of();
        };
    }

    @Override
    public PeerLearner create(String name, int width, double rate) {
        return switch (name) {
            case MOA_SGD -> {
                SGD sgd = new SGD();
                sgd.lossFunctionOption.setChosenIndex(LOG_LOSS);
                if (!Double.isNaN(rate)) {
                    sgd.learningRateOption.setValue(rate);
                }
                yield new MoaLearner(sgd, width);
            }
            case MOA_HAT -> new MoaLearner(new HoeffdingAdaptiveTree(), width);
            case MOA_ARF -> {
                AdaptiveRandomForest forest = new AdaptiveRandomForest();
                forest.ensembleSizeOption.setValue(10);
                yield new MoaLearner(forest, width);
            }
            case VOWPAL_WABBIT -> new VowpalWabbitLearner(width, rate);
            default -> throw new IllegalArgumentException("no peer " + name + ", only " + names());
        };
    }
}
