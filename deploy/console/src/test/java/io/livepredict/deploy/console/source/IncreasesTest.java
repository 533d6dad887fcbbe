package io.livepredict.deploy.console.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IncreasesTest {
    private static final URI ONE = URI.create("http://one:8080");
    private static final URI OTHER = URI.create("http://other:8080");

    private final Increases increases = new Increases();

    @Test
    void shouldCompareEachProgramWithItself() {
        read(ONE, 5);
        read(OTHER, 0);
        assertThat(read(ONE, 5)).containsExactly(0.0);
        assertThat(read(OTHER, 0)).containsExactly(0.0);
        assertThat(read(ONE, 7)).containsExactly(2.0);
    }

    @Test
    void shouldTakeWhatWasCountedWhileNobodyLookedForNoBurst() {
        assertThat(read(ONE, 1_000)).as("at first").isEmpty();
        assertThat(increases.of(ONE, Optional.empty())).isEmpty();
        assertThat(read(ONE, 9_000)).as("after it was away").isEmpty();
        assertThat(read(ONE, 3)).as("begun anew").isEmpty();
        assertThat(read(ONE, 4)).containsExactly(1.0);
    }

    @Test
    void shouldCountTheFirstOfACounterThatWasNotThereBefore() {
        increases.of(ONE, Optional.of(List.of()));
        assertThat(read(ONE, 1)).containsExactly(1.0);
    }

    private List<Double> read(URI program, double value) {
        Sample counter = new Sample("livepredict_model_refusals_total", Map.of("reason", "SIGNATURE"), value);
        Sample gauge = new Sample("livepredict_model_active_version", Map.of(), 3);
        return increases.of(program, Optional.of(List.of(counter, gauge))).stream()
                .map(Sample::value)
                .toList();
    }
}
