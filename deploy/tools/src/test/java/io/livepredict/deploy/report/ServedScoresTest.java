package io.livepredict.deploy.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class ServedScoresTest {
    private final ServedScores scores = new ServedScores();

    @Test
    void shouldJudgeTheLastThirtyPercentByAsOfTimeWhateverTheOrderTheyCameIn() {
        for (int i = 9; i >= 0; i--) {
            scores.add(i * 1_000L, i < 7 ? 0.5 : 0.9, i % 2, 1);
        }
        JsonNode json = scores.toJson();
        assertThat(json.at("/all/n").asInt()).isEqualTo(10);
        assertThat(json.at("/all/positives").asInt()).isEqualTo(5);
        JsonNode late = json.path("last_30_percent");
        assertThat(late.path("n").asInt()).isEqualTo(3);
        // Labels 1, 0, 1 at a score of 0.9.
        assertThat(late.path("log_loss").asDouble()).isCloseTo(-(2 * Math.log(0.9) + Math.log(0.1)) / 3, within(1e-6));
        assertThat(late.path("oracle_log_loss").isNull()).isTrue();
    }

    @Test
    void shouldMeasureHowMuchOfTheOraclesAdvantageWasReachedInTheLastMinuteThatWasLearned() {
        for (int i = 0; i < 400; i++) {
            double label = i % 4 == 0 ? 1 : 0;
            // The first half was served by the prior; the oracle always knows, the model half does.
            int index = scores.add(i * 500L, label == 1 ? 0.6 : 0.2, label, i < 200 ? 0 : 1);
            scores.setOracle(index, label == 1 ? 0.9 : 0.1);
        }
        JsonNode last = scores.toJson().path("last_minute_learned");
        assertThat(last.path("n").asInt()).isEqualTo(120);
        double base = -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75));
        double served = -(0.25 * Math.log(0.6) + 0.75 * Math.log(0.8));
        double oracle = -Math.log(0.9);
        assertThat(last.path("share_of_oracle").asDouble()).isCloseTo((base - served) / (base - oracle), within(1e-5));
    }

    @Test
    void shouldSayThatThereAreNoExamplesRatherThanPrintZeros() {
        JsonNode all = scores.toJson().path("all");
        assertThat(all.path("n").asInt()).isZero();
        assertThat(all.path("note").asText()).isEqualTo("no examples");
        assertThat(all.path("auc").isNull()).isTrue();
        assertThat(all.path("log_loss").isNull()).isTrue();
    }

    @Test
    void shouldGiveNoOraclesLossWhereOneSnapshotHasNone() {
        scores.setOracle(scores.add(1, 0.5, 1, 1), 0.5);
        scores.add(2, 0.5, 0, 1);
        JsonNode all = scores.toJson().path("all");
        assertThat(all.path("oracle_log_loss").isNull()).isTrue();
        assertThat(all.path("without_oracle").asInt()).isEqualTo(1);
    }
}
