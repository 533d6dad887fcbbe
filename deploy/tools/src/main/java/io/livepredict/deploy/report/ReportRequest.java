package io.livepredict.deploy.report;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.SerdeSource;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topics;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.output.OutputSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a report is about.
 *
 * @param source where the records are
 * @param installation what they are about
 * @param observed what no topic tells
 */
public record ReportRequest(Source source, Installation installation, Observed observed) {
    /**
     * Where the records are.
     *
     * @param client configuration of a Kafka client
     * @param serdes of the records
     * @param topics of the installation; the event topics are the canonical ones
     * @param from where the run began; earlier records are not counted
     */
    public record Source(Map<String, Object> client, SerdeSource serdes, Topics topics, TopicPositions from) {}

    /**
     * What the records are about.
     *
     * @param kinds what each kind's events are
     * @param targets what was predicted
     * @param applicationId of the streams app: its changelogs begin with it
     * @param outputs which predictions leave, and what else
     */
    public record Installation(
            Map<Kind, KindDefinition> kinds, List<Target> targets, String applicationId, OutputSettings outputs) {
        /** What a configuration of the streams app says. */
        public static Installation of(StreamsAppSettings streams) {
            return new Installation(
                    streams.kinds().definitions(),
                    streams.kinds().targets(),
                    streams.applicationId(),
                    streams.outputs());
        }
    }

    /**
     * What someone saw who was there while it ran.
     *
     * @param activations what the scorer says of the models it was offered
     * @param latency from an event's record timestamp to the moment a read_committed consumer had its prediction, as such a consumer
     *     measured it while it ran; null where there was none
     * @param withheld predictions that did not leave, by reason; those of history are known without
     * @param lasted how long it took from the first event until all that was sent had been scored
     */
    public record Observed(
            Activations activations, @Nullable Latency latency, Map<String, Long> withheld, Duration lasted) {
        /** Nothing was observed: the report has only what the topics tell. */
        public static Observed nothing() {
            return new Observed(Activations.none(), null, Map.of(), Duration.ZERO);
        }
    }

    /**
     * What became of the models that were offered to the scorer. No topic tells this; it comes from the app.
     *
     * @param activated how many were put into service
     * @param refused how many were refused, by reason
     * @param activeVersion by kind; 0 for the prior
     */
    public record Activations(long activated, Map<String, Long> refused, Map<Kind, Long> activeVersion) {
        public static Activations none() {
            return new Activations(0, Map.of(), Map.of());
        }
    }

    /** Median and 99th percentile, milliseconds. */
    public record Latency(double p50Millis, double p99Millis) {
        /** Significant digits that a histogram of milliseconds keeps. */
        public static final int DIGITS = 3;

        /** Those of recorded milliseconds; null where there are none. */
        public static @Nullable Latency of(Histogram millis) {
            return millis.getTotalCount() == 0
                    ? null
                    : new Latency(millis.getValueAtPercentile(50), millis.getValueAtPercentile(99));
        }
    }
}
