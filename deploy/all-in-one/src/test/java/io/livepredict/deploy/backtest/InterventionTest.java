package io.livepredict.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.deploy.simulator.Intervention;
import io.livepredict.deploy.simulator.SimulatedEvent;
import io.livepredict.deploy.simulator.SimulatedPlatform;
import io.livepredict.deploy.simulator.SimulatorSettings;
import io.livepredict.settings.TargetSettings;
import io.livepredict.streams.config.AlertConfig;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.trainer.config.LearnerEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Alerts of the whole loop over a simulated platform on which someone acts on them, or nobody does: half of the viewers are
 * held out, and the difference of the two halves is what acting does.
 */
class InterventionTest {
    private static final long START = 1_700_000_000_000L;
    private static final int FEW = 10_000;
    private static final int MANY = 100_000;
    private static final double DEVIATIONS = 3;
    private static final TargetSettings LEAVES = TargetSettings.builder(
                    "leave-30s", Kind.VIEWER, Duration.ofSeconds(30))
            .anyOf(List.of("LEAVE"))
            .prior(0.1)
            .build();

    /** How many alerts of a group, and of how many the target came true. */
    private record Group(double n, double happened) {
        double rate() {
            return happened / n;
        }

        double variance() {
            return rate() * (1 - rate()) / n;
        }
    }

    /** @param alert what a backtest's report has of it */
    private record Found(Group alerted, Group heldOut, JsonNode alert) {
        double difference() {
            return alerted.rate() - heldOut.rate();
        }

        double deviation() {
            return Math.sqrt(alerted.variance() + heldOut.variance());
        }
    }

    private static Found run(double keep, int events) {
        BacktestConfig config = BacktestConfig.builder()
                .grace(Duration.ofSeconds(3))
                .learners(List.of(LearnerEntry.of(LearnerEntry.Family.LOGISTIC)))
                .alerts(List.of(
                        new AlertConfig("leaving", "leave-30s", 0.05, null, null, Duration.ofMinutes(1), null, 0.5)))
                .build();
        SimulatedPlatform platform = new SimulatedPlatform(SimulatorSettings.of(
                3, START, 150, null, List.of(LEAVES.target(KindDefinition.defaults(Kind.VIEWER)))));
        Intervention intervention = new Intervention(platform, keep);
        try (Backtest backtest = new Backtest(config, Kind.VIEWER, Map.of(), List.of(LEAVES))) {
            backtest.hear((name, bytes) -> {
                if (name.equals("alerts")) {
                    intervention.take(backtest.alert(bytes));
                }
            });
            for (int i = 0; i < events; i++) {
                SimulatedEvent event = platform.next();
                if (event.kind() == Kind.VIEWER) {
                    backtest.accept(event.canonical());
                }
            }
            ObjectNode alerts = JsonNodeFactory.instance.objectNode();
            backtest.alerts().put(alerts);
            return new Found(group(backtest, "alerted"), group(backtest, "held-out"), alerts.path("leaving"));
        }
    }

    private static Group group(Backtest backtest, String name) {
        long happened = count(backtest, name, "happened");
        return new Group(happened + count(backtest, name, "not"), happened);
    }

    private static long count(Backtest backtest, String group, String outcome) {
        return backtest.metrics().sum(Metric.ALERT_OUTCOMES, "group", group, "outcome", outcome);
    }

    @Test
    void shouldShowWhatActingDoes() {
        Found found = run(1, FEW);
        assertLift(1, found);
        assertThat(found.alert().at("/alerted/happened").asLong()).isZero();
        assertInterval(found, -found.alert().at("/held_out/rate").asDouble());
        assertThat(found.alert().at("/lift/high").asDouble()).isNegative();
    }

    /** Of each person the first alert counts, so there are fewer, and the interval is wider. */
    private static void assertInterval(Found found, double lift) {
        JsonNode alert = found.alert();
        assertThat(alert.at("/alerted/n").asDouble())
                .as(alert.toString())
                .isPositive()
                .isLessThanOrEqualTo(found.alerted().n());
        assertThat(lift)
                .as(alert.toString())
                .isBetween(
                        alert.at("/lift/low").asDouble(), alert.at("/lift/high").asDouble());
    }

    @Test
    @Tag("soak")
    void shouldShowNoLiftWhereNobodyActsAndTheTrueOneWhereItHelpsSome() {
        Found nobody = run(0, MANY);
        assertThat(Math.abs(nobody.difference())).as(nobody.toString()).isLessThan(DEVIATIONS * nobody.deviation());
        assertInterval(nobody, 0);
        Found helped = run(0.6, MANY);
        assertLift(0.6, helped);
        assertInterval(helped, -0.6 * helped.alert().at("/held_out/rate").asDouble());
    }

    private static void assertLift(double keep, Found found) {
        System.out.printf(
                "%.0f %% kept: came true of %.3f of %.0f alerted and %.3f of %.0f held out%n",
                100 * keep,
                found.alerted().rate(),
                found.alerted().n(),
                found.heldOut().rate(),
                found.heldOut().n());
        double expected = -keep * found.heldOut().rate();
        assertThat(found.difference())
                .as(found.toString())
                .isLessThan(-DEVIATIONS * found.deviation())
                .isBetween(expected - DEVIATIONS * found.deviation(), expected + DEVIATIONS * found.deviation());
    }
}
