package io.livepredict.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.settings.SettingsException;
import io.livepredict.streams.output.AlertRule;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalConfigTest {
    @TempDir
    Path data;

    private LocalConfig written(double keep, boolean replay) {
        LocalOptions options = new LocalOptions();
        options.brokerPort = 9092;
        options.partitions = 2;
        options.keep = keep;
        options.replay = replay ? new LocalOptions.Replay() : null;
        try (LocalFiles files = LocalFiles.open(data, false)) {
            files.ensureKeys();
            return LocalConfig.write(options, files, "localhost:1", "http://localhost:2");
        }
    }

    @Test
    void shouldAlertWhereSomebodyIsToActOnIt() {
        assertThat(written(0, false).streams().outputs().alerts()).isEmpty();
        assertThat(written(0.6, false).streams().outputs().alerts())
                .extracting(AlertRule::target)
                .containsExactly("leave-30s");
    }

    @Test
    void shouldRefuseToActOnWhatIsNoShareOrHasHappenedAlready() {
        assertThatThrownBy(() -> written(1.1, false))
                .isInstanceOf(StartException.class)
                .hasMessage("--keep must be in 0..1, got 1.1");
        assertThatThrownBy(() -> written(0.5, true))
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("--keep and --replay exclude each other");
    }

    @Test
    void shouldNameTheOptionThatWasGivenInsteadOfAVariable() {
        List<String> set = List.of("trainer.publish.every=soon", "trainer.publish.every-examples=x");
        assertThatThrownBy(() -> LocalConfig.asSaid(set, "trainer", () -> {
                    throw new SettingsException(
                            "environment variable LIVEPREDICT_PUBLISH__EVERY_EXAMPLES: not a number;"
                                    + " environment variable LIVEPREDICT_PUBLISH__EVERY: not a duration");
                }))
                .isInstanceOf(SettingsException.class)
                .hasMessage("--set trainer.publish.every-examples: not a number;"
                        + " --set trainer.publish.every: not a duration");
    }
}
