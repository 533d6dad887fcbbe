package io.livepredict.deploy.local;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.settings.SettingsException;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalConfigTest {
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
