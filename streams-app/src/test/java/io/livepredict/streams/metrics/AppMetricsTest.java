package io.livepredict.streams.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.Kind;
import io.livepredict.model.Refusal;
import io.livepredict.streams.score.FlushCause;
import io.livepredict.streams.topology.FlowFixture;
import io.livepredict.streams.topology.KindFlow;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class AppMetricsTest {
    @Test
    void shouldShowEveryDeclaredMetricUnderItsPrometheusName() {
        try (FlowFixture flow = FlowFixture.canonical()) {
            AppMetrics metrics = flow.metrics;
            KindFlow.Counters counters = metrics.counters(Kind.VIEWER, flow.targets);
            counters.score().batch(3, 1_000_000, FlushCause.COMMIT);
            counters.score().latency(20);
            counters.ingest().fieldLeftOut("price");
            counters.outcome().raised("going", false);
            counters.outcome().cleared("going", "score");
            counters.outcome().outcome("going", false, true);
            metrics.historyAwaited("clicks", () -> true);
            counters.choices().chosen(true);
            metrics.api().answered("getScore", 200, 1_000);
            counters.activity().looked();
            counters.activity().looksBehind(2, 5_000);
            counters.activity().heldUp(new TopicPartition("clicks", 3), 61_000);
            metrics.models().activated("viewer", 1);
            metrics.models().refused("viewer", Refusal.BAD_SIGNATURE);
            metrics.models().ignored(Refusal.UNREADABLE, 1);
            String scrape = metrics.scrape();
            for (Metric metric : Metric.values()) {
                String name = metric.prometheusName();
                String series = switch (metric.type()) {
                    case COUNTER, GAUGE -> name;
                    case TIMER, SUMMARY -> name + "_bucket";
                };
                assertThat(scrape.lines())
                        .as(name)
                        .anyMatch(line -> line.startsWith(series + "{") || line.startsWith(series + " "));
            }
        }
    }

    @Test
    void shouldSumByLabel() {
        try (AppMetrics metrics = new AppMetrics()) {
            KindFlow.Counters counters = metrics.counters(Kind.PLAYER, java.util.List.of());
            counters.ingest().deadLetter(DeadLetterReason.NULL_KEY);
            counters.ingest().deadLetter(DeadLetterReason.NULL_KEY);
            counters.activity().late();
            assertThat(metrics.sum(Metric.DEAD_LETTERS)).isEqualTo(3);
            assertThat(metrics.sum(Metric.DEAD_LETTERS, "reason", "LATE")).isEqualTo(1);
            assertThat(metrics.by(Metric.DEAD_LETTERS, "reason"))
                    .containsOnly(java.util.Map.entry("NULL_KEY", 2L), java.util.Map.entry("LATE", 1L));
            assertThat(metrics.sum(Metric.EVENTS, "outcome", "dead-letter")).isEqualTo(3);
        }
    }
}
