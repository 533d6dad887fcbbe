package io.livepredict.deploy.bench.peers;

import io.livepredict.deploy.bench.BatchLearner;
import java.util.LinkedHashMap;
import java.util.Map;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/** XGBoost's histogram gradient boosting: 300 trees of depth 5, learning rate 0.05. */
public final class Boosting implements BatchLearner {
    private static final int ROUNDS = 300;

    @Override
    public String name() {
        return "xgboost";
    }

    @Override
    public double[] trainThenScore(float[][] train, float[] labels, float[][] test) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("objective", "binary:logistic");
        parameters.put("tree_method", "hist");
        parameters.put("max_depth", 5);
        parameters.put("eta", 0.05);
        parameters.put("min_child_weight", 20);
        parameters.put("subsample", 0.8);
        parameters.put("colsample_bytree", 0.8);
        parameters.put("nthread", 1);
        parameters.put("seed", 1);
        try {
            DMatrix known = matrix(train);
            known.setLabel(labels);
            Booster booster = XGBoost.train(known, parameters, ROUNDS, Map.of(), null, null);
            DMatrix unknown = matrix(test);
            float[][] predicted = booster.predict(unknown);
            double[] scores = new double[predicted.length];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = predicted[i][0];
            }
            booster.dispose();
            known.dispose();
            unknown.dispose();
            return scores;
        } catch (XGBoostError e) {
            throw new IllegalStateException("XGBoost failed: " + e.getMessage(), e);
        }
    }

    private static DMatrix matrix(float[][] rows) throws XGBoostError {
        int width = rows[0].length;
        float[] flat = new float[rows.length * width];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * width, width);
        }
        return new DMatrix(flat, rows.length, width, Float.NaN);
    }
}
