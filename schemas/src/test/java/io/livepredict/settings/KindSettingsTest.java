package io.livepredict.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinition.Aggregate;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KindSettingsTest {
    private static KindDefinition read(String yaml, Kind kind) {
        return YamlFile.parse(yaml, "kind.yaml", KindSettings.class).definition(kind);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldLeaveTheShippedDefinitionWhenNothingIsSaid(Kind kind) {
        assertThat(read("", kind)).isEqualTo(KindDefinition.defaults(kind));
        assertThat(KindSettings.defaults().definition(kind)).isEqualTo(KindDefinition.defaults(kind));
    }

    @Test
    void shouldReplaceWhatIsSaid() {
        KindDefinition definition = read("""
                event-types: [JOIN, CHAT, WAVE]
                windows: [10s, 1h]
                session-gap: 5m
                half-life: 1d
                numbers: {length: [sum, mean], price: [LAST]}
                attributes: {region: 16}
                context-buckets: 32
                text-buckets: 8
                sequence-length: 4
                """, Kind.VIEWER);

        assertThat(definition.eventTypes()).containsExactly("JOIN", "CHAT", "WAVE");
        assertThat(definition.sessionStart()).containsExactly("JOIN");
        assertThat(definition.sessionEnd()).isEmpty();
        assertThat(definition.windows()).containsExactly(Duration.ofSeconds(10), Duration.ofHours(1));
        assertThat(definition.sessionGap()).isEqualTo(Duration.ofMinutes(5));
        assertThat(definition.halfLife()).isEqualTo(Duration.ofDays(1));
        assertThat(definition.numbers().get("length")).containsExactlyInAnyOrder(Aggregate.SUM, Aggregate.MEAN);
        assertThat(definition.numbers().get("price")).containsExactly(Aggregate.LAST);
        assertThat(definition.attributes()).containsEntry("region", 16).hasSize(1);
        assertThat(definition.contextBuckets()).isEqualTo(32);
        assertThat(definition.textBuckets()).isEqualTo(8);
        assertThat(definition.sequenceLength()).isEqualTo(4);
    }

    @Test
    void shouldSayWhichKindMakesNoSense() {
        assertThatThrownBy(() -> read("session-end: [BYE]", Kind.PLAYER))
                .isInstanceOf(SettingsException.class)
                .hasMessage("kinds.player: session-end names BYE, which is not a declared event type");
        assertThatThrownBy(() -> read("windows: [1m, 10s]", Kind.VIEWER))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("kinds.viewer: windows must be positive and ascending");
    }
}
