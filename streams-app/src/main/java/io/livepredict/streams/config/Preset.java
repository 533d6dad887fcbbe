package io.livepredict.streams.config;

import java.time.Duration;

/** Settings that trade latency against throughput together; each can still be set by itself. */
public enum Preset {
    /** Predictions within tens of milliseconds: commits every 20 ms, no lingering, batches of at most 64 rows. */
    LATENCY(Duration.ofMillis(20), 0, 16 * 1024, 64),
    /** The default: commits every 100 ms, lingers a little within one, batches of at most 256 rows. */
    BALANCED(Duration.ofMillis(100), 5, 256 * 1024, 256),
    /** Most events per second: commits every 500 ms, producer batches of 256 KB, scoring batches of at most 512 rows. */
    THROUGHPUT(Duration.ofMillis(500), 5, 256 * 1024, 512);

    private final Duration commitInterval;
    private final int lingerMillis;
    private final int producerBatchBytes;
    private final int scoreBatchSize;

    Preset(Duration commitInterval, int lingerMillis, int producerBatchBytes, int scoreBatchSize) {
        this.commitInterval = commitInterval;
        this.lingerMillis = lingerMillis;
        this.producerBatchBytes = producerBatchBytes;
        this.scoreBatchSize = scoreBatchSize;
    }

    /** How often tasks commit: under exactly-once no prediction can be read earlier. */
    public Duration commitInterval() {
        return commitInterval;
    }

    /** How long the producer waits for more records of a batch. */
    public int lingerMillis() {
        return lingerMillis;
    }

    /** The producer's batch size. */
    public int producerBatchBytes() {
        return producerBatchBytes;
    }

    /** The largest number of rows scored in one call. */
    public int scoreBatchSize() {
        return scoreBatchSize;
    }
}
