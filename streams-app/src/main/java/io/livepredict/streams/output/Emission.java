package io.livepredict.streams.output;

/**
 * Which predictions of a target are sent on. One that was sent holds for a while: a further one of the same entity and
 * context is then sent only if it differs enough. Below a floor, one is sent only where the one that still holds is not.
 *
 * @param changedBy by how much a score must differ from one that holds; 0 for any
 * @param holdsMillis how long a prediction that was sent holds
 * @param floor the score from which on predictions are sent; negative infinity for any
 */
public record Emission(double changedBy, long holdsMillis, double floor) {
    /** Whether a score is sent while none holds. */
    boolean sends(float score) {
        return score >= floor;
    }

    /** Whether a score is sent while one that was sent holds. */
    boolean sends(float score, float holding) {
        return Math.abs((double) score - holding) >= changedBy && (score >= floor || holding >= floor);
    }
}
