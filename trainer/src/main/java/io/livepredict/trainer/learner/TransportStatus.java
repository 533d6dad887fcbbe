package io.livepredict.trainer.learner;

/**
 * What a kind's trainer did with topics; immutable. Made from {@link #NONE} by what happens.
 *
 * @param published versions
 * @param publishedBytes ONNX bytes of them
 * @param checkpoints written
 * @param checkpointBytes of all of them
 * @param restarts from the last checkpoint after trouble with Kafka
 * @param learningLagMillis of the last version: from the newest example it knows being emitted to it being published; −1
 *     before the first
 * @param learningLagSumMillis over all versions
 * @param examplesBehind examples that wait to be read, as far as known
 */
public record TransportStatus(
        long published,
        long publishedBytes,
        long checkpoints,
        long checkpointBytes,
        long restarts,
        long learningLagMillis,
        long learningLagSumMillis,
        long examplesBehind) {
    /** Nothing happened yet. */
    public static final TransportStatus NONE = new TransportStatus(0, 0, 0, 0, 0, -1, 0, 0);

    /** The same with one more version. */
    TransportStatus withPublished(long onnxBytes, long lagMillis) {
        return new TransportStatus(
                published + 1,
                publishedBytes + onnxBytes,
                checkpoints,
                checkpointBytes,
                restarts,
                lagMillis,
                learningLagSumMillis + lagMillis,
                examplesBehind);
    }

    /** The same with one more checkpoint. */
    TransportStatus withCheckpoint(long bytes) {
        return new TransportStatus(
                published,
                publishedBytes,
                checkpoints + 1,
                checkpointBytes + bytes,
                restarts,
                learningLagMillis,
                learningLagSumMillis,
                examplesBehind);
    }

    /** The same with one more restart. */
    TransportStatus withRestart() {
        return new TransportStatus(
                published,
                publishedBytes,
                checkpoints,
                checkpointBytes,
                restarts + 1,
                learningLagMillis,
                learningLagSumMillis,
                examplesBehind);
    }

    /** The same with so many examples that wait. */
    TransportStatus withExamplesBehind(long behind) {
        return new TransportStatus(
                published,
                publishedBytes,
                checkpoints,
                checkpointBytes,
                restarts,
                learningLagMillis,
                learningLagSumMillis,
                behind);
    }
}
