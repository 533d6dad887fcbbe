package io.livepredict.trainer.learner;

import io.soabase.recordbuilder.core.RecordBuilder;

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
@RecordBuilder
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
    public static final TransportStatus NONE = TransportStatusBuilder.builder()
            .published(0)
            .publishedBytes(0)
            .checkpoints(0)
            .checkpointBytes(0)
            .restarts(0)
            .learningLagMillis(-1)
            .learningLagSumMillis(0)
            .examplesBehind(0)
            .build();

    /** The same with one more version. */
    TransportStatus withPublished(long onnxBytes, long lagMillis) {
        return TransportStatusBuilder.builder(this)
                .published(published + 1)
                .publishedBytes(publishedBytes + onnxBytes)
                .learningLagMillis(lagMillis)
                .learningLagSumMillis(learningLagSumMillis + lagMillis)
                .build();
    }

    /** The same with one more checkpoint. */
    TransportStatus withCheckpoint(long bytes) {
        return TransportStatusBuilder.builder(this)
                .checkpoints(checkpoints + 1)
                .checkpointBytes(checkpointBytes + bytes)
                .build();
    }

    /** The same with one more restart. */
    TransportStatus withRestart() {
        return TransportStatusBuilder.builder(this).restarts(restarts + 1).build();
    }

    /** The same with so many examples that wait. */
    TransportStatus withExamplesBehind(long behind) {
        return TransportStatusBuilder.builder(this).examplesBehind(behind).build();
    }
}
