package io.livepredict.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KindsAndTargetsTest {
    private static final List<TargetSettings> LEAVE =
            List.of(TargetSettings.builder("leave-30s", Kind.VIEWER, Duration.ofSeconds(30))
                    .anyOf(List.of("LEAVE"))
                    .build());

    @Test
    void shouldKnowTheKindsThatHaveATarget() {
        KindsAndTargets shipped = KindsAndTargets.of(null, LEAVE);
        assertThat(shipped.active()).containsExactly(Kind.VIEWER);
        assertThat(shipped.targets(Kind.VIEWER)).extracting(Target::name).containsExactly("leave-30s");
        assertThat(shipped.targets(Kind.PLAYER)).isEmpty();
        assertThat(shipped.definition(Kind.PLAYER).eventTypes()).contains("MATCH_START");
    }

    @Test
    void shouldSayWhatStandsInPlaceOfTheShippedLists() {
        assertThat(KindsAndTargets.of(null, LEAVE).replaced()).isEmpty();
        KindSettings windows = KindSettings.builder()
                .windows(List.of(Duration.ofSeconds(10), Duration.ofMinutes(2)))
                .numbers(Map.of())
                .build();
        assertThat(KindsAndTargets.of(Map.of(Kind.VIEWER, windows), LEAVE).replaced())
                .isEqualTo("kinds.viewer.windows [10s, 2m] in place of [10s, 1m, 5m, 30m];"
                        + " kinds.viewer.numbers {} in place of {gift_value: [sum]}");
        assertThat(KindsAndTargets.of(Map.of(Kind.PLAYER, windows), LEAVE).replaced())
                .as("nothing is predicted of players")
                .isEmpty();
    }

    @Test
    void shouldSayAtWhichKeyAKindIsWrong() {
        KindSettings wrong = KindSettings.builder()
                .windows(List.of(Duration.ofMinutes(5), Duration.ofSeconds(90)))
                .build();
        assertThatThrownBy(() -> KindsAndTargets.of(Map.of(Kind.VIEWER, wrong), LEAVE))
                .isInstanceOf(SettingsException.class)
                .hasMessage("kinds.viewer: windows must be positive and ascending, got [5m, 90s]");
    }
}
