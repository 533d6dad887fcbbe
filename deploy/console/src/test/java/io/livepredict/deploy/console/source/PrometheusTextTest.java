package io.livepredict.deploy.console.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {
    @Test
    void shouldReadNamesLabelsAndValues() {
        String text = """
                # HELP livepredict_events_total Source records
                # TYPE livepredict_events_total counter
                livepredict_events_total{kind="viewer",outcome="valid"} 12345.0
                livepredict_model_age_seconds{kind="player"} NaN
                up 1
                odd{words="a \\"quoted\\", b",more="x"} +Inf
                """;
        assertThat(PrometheusText.read(text))
                .containsExactly(
                        new Sample("livepredict_events_total", Map.of("kind", "viewer", "outcome", "valid"), 12345),
                        new Sample("livepredict_model_age_seconds", Map.of("kind", "player"), Double.NaN),
                        new Sample("up", Map.of(), 1),
                        new Sample("odd", Map.of("words", "a \"quoted\", b", "more", "x"), Double.POSITIVE_INFINITY));
    }

    @Property(tries = 200)
    void shouldPassOverWhatIsNotOfTheFormat(@ForAll String text) {
        assertThat(PrometheusText.read(text + "\nup 1\n")).contains(new Sample("up", Map.of(), 1));
    }
}
