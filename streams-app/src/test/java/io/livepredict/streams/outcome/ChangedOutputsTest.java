package io.livepredict.streams.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.Alert;
import io.livepredict.contract.Target;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.output.AlertRule;
import io.livepredict.streams.output.Emission;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.time.OutputGate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Test;

/** What becomes of open alerts and of what was sent when the configuration changes between two starts. */
class ChangedOutputsTest {
    private static final long START = 1_700_000_000_000L;
    private static final int CHAT = OutcomeProperties.DEFINITION.eventTypes().indexOf("CHAT");
    private static final List<Target> TARGETS = OutcomeProperties.TARGETS;

    private final Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
    private int events;

    private Event chat(String entity, String room, double seconds) {
        return Event.of(entity)
                .context(room)
                .id("event-" + events++)
                .at(START + (long) (1000 * seconds))
                .type(CHAT)
                .numbers(new double[] {Double.NaN, Double.NaN, Double.NaN, Double.NaN})
                .attributes(new int[2])
                .build();
    }

    private static AlertRule rule(String name, String target, double raiseAt) {
        return new AlertRule(name, target, raiseAt, 0, Duration.ofMinutes(5), Duration.ofMinutes(10), List.of(), 0);
    }

    private static OutputSettings outputs(AlertRule... rules) {
        return new OutputSettings(OutputGate.OPEN, true, Optional.empty(), Map.of(), List.of(rules), Optional.empty());
    }

    private Loop loop(List<Target> targets, OutputSettings outputs) {
        return new Loop(
                OutcomeProperties.DEFINITION,
                targets,
                OutcomeProperties.grace(0),
                outputs,
                OutcomeSettings.defaults(),
                stores,
                false);
    }

    private List<String> run(List<Target> targets, OutputSettings outputs, Event... some) {
        try (Loop loop = loop(targets, outputs)) {
            loop.pipe(List.of(some));
            loop.settle();
            assertThat(loop.counts.unreadable).hasValue(0);
            return loop.alerts.stream().map(ChangedOutputsTest::words).toList();
        }
    }

    private static String words(Alert alert) {
        return alert.getAlert()
                + ' '
                + alert.getEntityId()
                + ' '
                + alert.getContextId()
                + ' '
                + alert.getState()
                + ' '
                + alert.getCause()
                + ' '
                + (alert.getEventTime().toEpochMilli() - START) / 1000;
    }

    @Test
    void shouldGiveSomeoneInTwoRoomsAnAlertInEach() {
        assertThat(run(TARGETS, outputs(rule("any", "chat-5m", 1e-9)), chat("ada", "a", 0), chat("ada", "b", 1)))
                .containsExactly("any ada a raised score 0", "any ada b raised score 1");
    }

    @Test
    void shouldClearWhatIsNoLongerConfiguredWhenSomethingIsNextDue() {
        run(TARGETS, outputs(rule("old", "chat-5m", 1e-9), rule("kept", "chat-5m", 1e-9)), chat("ada", "a", 0));
        assertThat(run(TARGETS, outputs(rule("kept", "chat-5m", 1e-9)), chat("ada", "b", 10)))
                .contains("old ada a cleared removed 10", "kept ada b raised score 10")
                .doesNotContain("kept ada a raised score 10");
    }

    @Test
    void shouldClearByTheTimerWhatIsNoLongerConfiguredOfSomeoneWhoStaysAway() {
        run(TARGETS, outputs(rule("old", "chat-5m", 1e-9)), chat("ada", "a", 0));
        assertThat(run(TARGETS, outputs(rule("new", "chat-5m", 1)), chat("bob", "a", 1_000)))
                .containsExactly("old ada a cleared removed 300");
    }

    @Test
    void shouldTakeAnAlertOfAnotherTargetForAnotherAlert() {
        run(TARGETS, outputs(rule("any", "chat-5m", 1e-9)), chat("ada", "a", 0));
        assertThat(run(TARGETS, outputs(rule("any", "silent-30s", 1)), chat("ada", "a", 10)))
                .containsExactly("any ada a cleared removed 10");
    }

    @Test
    void shouldJudgeAnOpenAlertByTheNewThresholds() {
        run(TARGETS, outputs(rule("any", "chat-5m", 1e-9)), chat("ada", "a", 0));
        AlertRule higher =
                new AlertRule("any", "chat-5m", 1, 1, Duration.ofMinutes(5), Duration.ofMinutes(10), List.of(), 0);
        assertThat(run(TARGETS, outputs(higher), chat("ada", "a", 10))).containsExactly("any ada a cleared score 10");
    }

    @Test
    void shouldTakeARenamedAlertForAnother() {
        run(TARGETS, outputs(rule("old", "chat-5m", 1e-9)), chat("ada", "a", 0));
        assertThat(run(TARGETS, outputs(rule("new", "chat-5m", 1e-9)), chat("ada", "a", 10)))
                .containsExactly("old ada a cleared removed 10", "new ada a raised score 10");
    }

    @Test
    void shouldClearAnAlertWhoseTargetIsGoneToo() {
        run(TARGETS, outputs(rule("any", "chat-5m", 1e-9)), chat("ada", "a", 0));
        List<Target> others =
                TARGETS.stream().filter(each -> !each.name().equals("chat-5m")).toList();
        assertThat(run(others, outputs(rule("other", "silent-30s", 1)), chat("ada", "a", 10)))
                .containsExactly("any ada a cleared removed 10");
    }

    @Test
    void shouldMarkAnOpenAlertToItsEndAsItWasRaisedWhateverIsHeldOutSince() {
        run(TARGETS, outputs(rule("any", "chat-5m", 1e-9)), chat("ada", "a", 0));
        AlertRule all =
                new AlertRule("any", "chat-5m", 1e-9, 0, Duration.ofMinutes(5), Duration.ofMinutes(10), List.of(), 1);
        try (Loop loop = loop(TARGETS, outputs(all))) {
            loop.pipe(List.of(chat("ada", "a", 10), chat("ada", "b", 11), chat("bob", "a", 1_000)));
            loop.settle();
            assertThat(loop.alerts)
                    .extracting(each -> words(each) + ' ' + each.getWithheld())
                    .contains("any ada a cleared clear-after 310 false", "any ada b raised score 11 true");
        }
    }

    @Test
    void shouldBeginAnewAfterAllAlertsWereTakenOut() {
        run(TARGETS, outputs(rule("any", "chat-5m", 1e-9)), chat("ada", "a", 0));
        assertThat(run(TARGETS, OutputSettings.plain(), chat("ada", "a", 10))).isEmpty();
        assertThat(run(TARGETS, outputs(rule("any", "chat-5m", 1e-9)), chat("ada", "a", 20)))
                .containsExactly("any ada a raised score 20");
    }

    @Test
    void shouldGoOnWhenATargetWithAPolicyIsRemovedAndComesBack() {
        OutputSettings policy = new OutputSettings(
                OutputGate.OPEN,
                true,
                Optional.empty(),
                Map.of("chat-5m", new Emission(0.5, 60_000, 0)),
                List.of(),
                Optional.empty());
        run(TARGETS, policy, chat("ada", "a", 0));
        List<Target> fewer =
                TARGETS.stream().filter(each -> !each.name().equals("chat-5m")).toList();
        assertThat(run(fewer, policy, chat("ada", "a", 10), chat("ada", "a", 100_000)))
                .isEmpty();
        assertThat(run(TARGETS, policy, chat("ada", "a", 200_000))).isEmpty();
    }

    @Test
    void shouldClearBeforeARowThatIsFarAhead() {
        assertThat(run(
                        TARGETS,
                        outputs(rule("any", "chat-5m", 1e-9)),
                        chat("ada", "a", 0),
                        chat("ada", "a", 86_400),
                        chat("ada", "b", 3_600)))
                .containsExactly(
                        "any ada a raised score 0",
                        "any ada a cleared clear-after 300",
                        "any ada a raised score 86400");
    }

    @Test
    void shouldLeaveNothingOfTheOutlookBehindWhenHorizonsGetShorter() {
        OutputSettings outlook = new OutputSettings(
                OutputGate.OPEN, true, Optional.empty(), Map.of(), List.of(), Optional.of(Duration.ofSeconds(10)));
        run(TARGETS, outlook, chat("ada", "a", 0), chat("ada", "a", 100));
        assertThat(stores.get("viewer-outlook-merge")).isNotEmpty();
        List<Target> shorter =
                TARGETS.stream().filter(each -> each.name().endsWith("-30s")).toList();
        run(shorter, outlook, chat("bob", "b", 1_000_000));
        assertThat(stores.get("viewer-outlook-merge")).isEmpty();
    }
}
