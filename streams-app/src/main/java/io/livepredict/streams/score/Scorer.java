package io.livepredict.streams.score;

import io.livepredict.contract.FeatureVector;
import java.util.List;

/** Scores batches with one model version. Not safe for use from several threads. */
public interface Scorer extends AutoCloseable {
    /**
     * Scores the first {@code count} rows.
     *
     * @param rows vectors in the order of this app's feature schema
     * @param count how many of them, at least 1
     * @param into filled with count × targets scores, row by row, targets in configuration order
     * @throws ScoringException if the batch as a whole failed; a row that failed by itself has NaN or infinite scores
     */
    void score(FeatureVector[] rows, int count, float[] into) throws ScoringException;

    /**
     * Why the first {@code count} rows score as they do: for each row and target at most three reasons, those that moved
     * the score most first. An empty list where the model has no head for a target.
     *
     * @throws ScoringException if it failed
     * @throws UnsupportedOperationException if the model gives no reasons
     */
    List<List<List<Reason>>> explain(FeatureVector[] rows, int count) throws ScoringException;

    /** Frees what this scorer alone uses; the model stays. */
    @Override
    void close();
}
