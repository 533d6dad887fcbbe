package io.livepredict.streams.score;

import io.livepredict.contract.DurationFormat;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How rows are batched.
 *
 * @param batchSize the largest batch
 * @param flushAfter at-least-once only: how long a row may wait for its batch to fill; null under exactly-once, where a
 *     prediction can't be read before the commit anyway
 * @param explain when reasons are given
 */
public record ScoreSettings(int batchSize, @Nullable Duration flushAfter, Explain explain) {
    public ScoreSettings {
        if (batchSize < 1 || batchSize > 65_536) {
            throw new IllegalArgumentException("batch-size must be in 1..65536, got " + batchSize);
        }
        if (flushAfter != null && flushAfter.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "flush-after must be at least 1ms, got " + DurationFormat.format(flushAfter));
        }
    }

    /**
     * Which rows are explained: those of which some probability reaches the threshold, and a share of all.
     *
     * @param threshold a probability; above 1 for none
     * @param sampleRate between 0 and 1; the event id decides, so that a repetition explains the same rows
     */
    public record Explain(double threshold, double sampleRate) {
        public static final Explain NEVER = new Explain(2, 0);

        public Explain {
            if (!(threshold > 0)) {
                throw new IllegalArgumentException("explain threshold must be positive, got " + threshold);
            }
            if (!(sampleRate >= 0 && sampleRate <= 1)) {
                throw new IllegalArgumentException("explain sample-rate must be in 0..1, got " + sampleRate);
            }
        }

        boolean never() {
            return threshold > 1 && sampleRate == 0;
        }
    }
}
