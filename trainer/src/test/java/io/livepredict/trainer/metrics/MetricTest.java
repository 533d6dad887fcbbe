package io.livepredict.trainer.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MetricTest {
    @Test
    void shouldNameMetricsAsPrometheusDoes() {
        assertThat(Arrays.stream(Metric.values()).map(Metric::prometheusName)).doesNotHaveDuplicates();
        for (Metric metric : Metric.values()) {
            assertThat(metric.prometheusName()).matches("livepredict_trainer_[a-z_]+[a-z]");
            assertThat(metric.prometheusName().endsWith("_total"))
                    .as(metric.prometheusName())
                    .isEqualTo(metric.type() == Metric.Type.COUNTER);
            assertThat(metric.description()).endsWith(".");
            assertThat(metric.labels()).first().isIn("kind", "operation"); // a request of the API is of no kind
        }
    }
}
