package io.livepredict.deploy.bench.peers;

import com.yahoo.labs.samoa.instances.Attribute;
import com.yahoo.labs.samoa.instances.DenseInstance;
import com.yahoo.labs.samoa.instances.Instances;
import com.yahoo.labs.samoa.instances.InstancesHeader;
import io.livepredict.deploy.bench.PeerLearner;
import java.util.ArrayList;
import java.util.List;
import moa.classifiers.AbstractClassifier;

/** A classifier of MOA. Its votes become a probability as shares of their sum. */
final class MoaLearner implements PeerLearner {
    private final AbstractClassifier classifier;
    private final InstancesHeader header;
    private final int width;

    MoaLearner(AbstractClassifier classifier, int width) {
        this.classifier = classifier;
        this.width = width;
        List<Attribute> attributes = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            attributes.add(new Attribute("x" + i));
        }
        attributes.add(new Attribute("label", List.of("0", "1")));
        header = new InstancesHeader(new Instances("examples", attributes, 0));
        header.setClassIndex(width);
        classifier.setRandomSeed(1);
        classifier.setModelContext(header);
        classifier.prepareForUse();
    }

    @Override
    public double testThenTrain(float[] features, boolean positive) {
        double[] values = new double[width + 1];
        for (int i = 0; i < width; i++) {
            values[i] = features[i];
        }
        values[width] = positive ? 1 : 0;
        DenseInstance instance = new DenseInstance(1, values);
        instance.setDataset(header);
        double[] votes = classifier.getVotesForInstance(instance);
        classifier.trainOnInstance(instance);
        double negative = votes.length > 0 ? votes[0] : 0;
        double sum = negative + (votes.length > 1 ? votes[1] : 0);
        return sum > 0 && Double.isFinite(sum) ? 1 - negative / sum : 0.5;
    }

    @Override
    public void close() {
        classifier.resetLearning();
    }
}
