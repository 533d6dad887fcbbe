package io.livepredict.deploy.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Served values of a sum-of target beside the sums that came. Not safe for use from several threads. */
final class RegressionScores {
    private int size;
    private double sum;
    private double squares;
    private double squaredError;
    private double absoluteError;

    void add(double served, double came) {
        size++;
        sum += came;
        squares += came * came;
        squaredError += (served - came) * (served - came);
        absoluteError += Math.abs(served - came);
    }

    int size() {
        return size;
    }

    ObjectNode toJson() {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        all.put("n", size);
        if (size == 0) {
            all.put("note", "no examples");
        } else {
            double mean = sum / size;
            all.put("mean", mean);
            all.put("mean_squared_error", squaredError / size);
            all.put("mean_absolute_error", absoluteError / size);
            all.put("variance", Math.max(0, squares / size - mean * mean));
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("all", all);
        return json;
    }
}
