package io.livepredict.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetsTest {
    private static final Map<Kind, KindDefinition> KINDS = Map.of(
            Kind.VIEWER, KindDefinition.defaults(Kind.VIEWER),
            Kind.PLAYER, KindDefinition.defaults(Kind.PLAYER));

    private static List<Target> read(String lines) {
        return Targets.read(
                YamlFile.parse("targets:\n" + lines.indent(2), "targets.yaml", Targets.File.class)
                        .targets(),
                KINDS);
    }

    private static void assertRefused(String lines, String message) {
        assertThatThrownBy(() -> read(lines))
                .isInstanceOf(SettingsException.class)
                .hasMessage(message);
    }

    @Test
    void shouldReadTheThreeForms() {
        List<Target> targets = read("""
                - {name: leave-30m, kind: viewer, any-of: [LEAVE], within: 30m, snapshot-on: [JOIN]}
                - {name: quit-5m, kind: player, none-of: [MATCH_END], within: 5m, snapshot-on: [MATCH_END], prior: 0.3}
                - name: gifts
                  kind: viewer
                  sum-of: {number: gift_value, over: [GIFT, PURCHASE]}
                  within: 10d
                  anywhere: true
                  predict-on: [JOIN, GIFT]
                  at-most-every: 0s
                """);

        Target leave = targets.get(0);
        assertThat(leave.outcome()).isEqualTo(Target.Outcome.ANY_OF);
        assertThat(leave.eventTypes()).containsExactly("LEAVE");
        assertThat(leave.within()).isEqualTo(Duration.ofMinutes(30));
        assertThat(leave.scope()).isEqualTo(Target.Scope.SAME_CONTEXT);
        assertThat(leave.snapshotOn()).containsExactly("JOIN");
        Target quit = targets.get(1);
        assertThat(quit.kind()).isEqualTo(Kind.PLAYER);
        assertThat(quit.outcome()).isEqualTo(Target.Outcome.NONE_OF);
        assertThat(quit.prior()).isEqualTo(0.3);
        Target gifts = targets.get(2);
        assertThat(gifts.outcome()).isEqualTo(Target.Outcome.SUM_OF);
        assertThat(gifts.number()).isEqualTo("gift_value");
        assertThat(gifts.eventTypes()).containsExactly("GIFT", "PURCHASE");
        assertThat(gifts.scope()).isEqualTo(Target.Scope.ANYWHERE);
        assertThat(gifts.predictOn()).containsExactly("GIFT", "JOIN");
        assertThat(gifts.snapshotOn()).isEqualTo(gifts.predictOn());
        assertThat(gifts.atMostEvery()).isEqualTo(Duration.ZERO);
        assertThat(gifts.prior()).isZero();
    }

    @Test
    void shouldFillDefaultsFromTheKind() {
        Target chat =
                read("- {name: chat, kind: viewer, any-of: [CHAT], within: 1m}").getFirst();
        assertThat(chat.predictOn()).doesNotContain("LEAVE").hasSize(8).contains("JOIN", "CHAT");
        assertThat(chat.snapshotOn()).isEqualTo(chat.predictOn());
        assertThat(chat.atMostEvery()).isEqualTo(Duration.ofSeconds(30));
        assertThat(chat.prior()).isEqualTo(TargetSettings.DEFAULT_PRIOR);
    }

    @Test
    void shouldNameTheLineOfATargetThatMakesNoSense() {
        assertRefused(
                "- {name: a, kind: viewer, any-of: [CHAT], within: 1m}\n- {name: b, kind: viewer, within: 1m}",
                "targets.yaml:3: targets[1]: target b must have exactly one of any-of, none-of and sum-of");
        assertRefused("- {name: b, kind: viewer, any-of: [CHAT]}", "targets.yaml:2: targets[0]: within is missing");
        assertRefused(
                "- {name: b, kind: viewer, any-of: [CHAT], none-of: [CHAT], within: 1m}",
                "targets.yaml:2: targets[0]: target b must have exactly one of any-of, none-of and sum-of");
        assertRefused(
                "- {name: b, kind: viewer, sum-of: {over: [GIFT]}, within: 1m}",
                "targets.yaml:2: targets[0].sum-of: number is missing");
        assertRefused(
                "- {name: b, kind: viewer, any-of: [CHAT], within: 0s}",
                "targets.yaml:2: targets[0]: target b: within must be longer than nothing");
        assertThatThrownBy(() -> YamlFile.parse("targets: []", "t.yaml", Targets.File.class))
                .hasMessage("t.yaml: targets is missing: list at least one target");
    }

    @Test
    void shouldNameTheNearestTypeWhenAnEventTypeIsNotDeclared() {
        assertRefused(
                "- {name: b, kind: viewer, any-of: [LAEVE], within: 1m}",
                "targets: target b: any-of: LAEVE: kind viewer declares no such event type; did you mean LEAVE?; it"
                        + " declares JOIN, HEARTBEAT, CHAT, LIKE, GIFT, FOLLOW, SHARE, PURCHASE, LEAVE");
    }

    @Test
    void shouldRefuseTwoTargetsOfOneName() {
        assertRefused(
                "- {name: b, kind: viewer, any-of: [CHAT], within: 1m}\n- {name: b, kind: player, any-of: [CHAT], within: 1m}",
                "targets: two targets are named b: give each its own name, whatever its kind");
    }

    @Test
    void shouldRefuseAPriorThatIsNoProbability() {
        assertRefused(
                "- {name: b, kind: viewer, any-of: [CHAT], within: 1m, prior: 1}",
                "targets: target b: prior must be between 0 and 1, got 1.0");
    }

    @Test
    void shouldRefuseSnapshotsWhereNothingIsPredicted() {
        assertRefused(
                "- {name: b, kind: viewer, any-of: [CHAT], within: 1m, snapshot-on: [LEAVE]}",
                "targets: target b: every event type in snapshot-on must be in predict-on too");
    }

    @Test
    void shouldSayTheLineInAFileOfTargets(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(
                directory.resolve("targets.yaml"),
                "targets:\n  - {name: b, kind: viewer, any-of: [CHAT], within: 1m}\n"
                        + "  - {name: b, kind: viewer, any-of: [LIKE], within: 1m}\n");
        assertThatThrownBy(() -> Targets.readFile(file, KINDS, Map.of()))
                .isInstanceOf(SettingsException.class)
                .hasMessage(file + ":3: targets: two targets are named b: give each its own name, whatever its kind");
        Files.writeString(file, "targets:\n  - {name: b, kind: viewer, any-of: [CHAT], within: 1m}\n");
        assertThat(Targets.readFile(file, KINDS, Map.of())).hasSize(1);
    }
}
