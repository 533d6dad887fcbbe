package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.deploy.simulator.SimulatedEvent;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.trainer.wiring.TrainerApp;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From events to a model that taught itself and was swapped in, on a real broker and a real registry. */
class WholeLoopIT {
    private static final int SECONDS = 150;

    @TempDir
    Path directory;

    @Test
    void shouldPredictEveryEventOnceAndServeWhatItLearned() throws Exception {
        try (Installation installation =
                        new Installation(directory, "whole-loop", Installation.AS_RECORDED, SimulatedMeaning.yaml());
                TrainerApp trainer = TrainerApp.start(installation.trainer());
                StreamsApp app = StreamsApp.start(installation.streams())) {
            // A platform that began some minutes ago, faster than it was: labels come without waiting for the clock.
            long start = System.currentTimeMillis() - (SECONDS + 10) * 1000L;
            List<SimulatedEvent> events = SimulatedMeaning.events(
                    4, start, SECONDS, 250, installation.streams().kinds().targets());
            int half = events.size() * 2 / 3;
            events.subList(0, half).forEach(installation::send);
            installation.flush();
            await().atMost(Installation.PATIENCE)
                    .until(() -> Installation.hasLearned(app) && installation.isAllScored() && isLearned(trainer));
            events.subList(half, events.size()).forEach(installation::send);
            installation.flush();
            await().atMost(Installation.PATIENCE).until(installation::isAllScored);

            // Kafka's own numbers, which alerts and the dashboard ask for.
            assertThat(app.metrics().scrape())
                    .contains("kafka_consumer_fetch_manager_records_lag_max{client_id=")
                    .contains("kafka_stream_client_state{");

            JsonNode report = installation.report(app);
            assertThat(report.at("/events/read").asLong()).isEqualTo(events.size());
            assertThat(report.at("/events/dead_lettered")).isEmpty();
            assertThat(report.at("/events/unaccounted").asLong()).isZero();
            assertThat(report.at("/events/valid").asLong()
                            + report.at("/events/repeats").asLong())
                    .isEqualTo(events.size());
            assertExact(report);
            assertThat(report.at("/models/published").asLong()).isPositive();
            assertThat(report.at("/models/activated").asLong()).isPositive();
            assertThat(report.at("/models/refused")).isEmpty();
            report.at("/targets").properties().forEach(target -> {
                JsonNode all = target.getValue().path("all");
                assertThat(all.path("n").asInt()).as(target.getKey()).isGreaterThan(500);
                // Every example found its oracle: as-of times are exactly those of the events. And the labels are
                // those that the oracle meant: its loss is its own entropy, far below the base rate's.
                assertThat(all.path("oracle_log_loss").isNumber())
                        .as(target.toString())
                        .isTrue();
                assertThat(all.path("oracle_log_loss").asDouble())
                        .as(target.toString())
                        .isLessThan(all.path("base_rate_log_loss").asDouble());
            });
            JsonNode learned = report.at("/targets/chat-10s/last_minute_learned");
            assertThat(learned.path("log_loss").asDouble())
                    .as(learned.toString())
                    .isLessThan(learned.path("base_rate_log_loss").asDouble());
        }
    }

    /** Predictions are the valid events times the targets that predict on them, and every label came once. */
    static void assertExact(JsonNode report) {
        long withheld = 0;
        for (JsonNode each : report.at("/predictions_check/withheld")) {
            withheld += each.asLong();
        }
        assertThat(report.at("/predictions").asLong() + withheld)
                .as(report.at("/predictions_check").toString())
                .isEqualTo(report.at("/predictions_check/expected").asLong())
                .isPositive();
        assertThat(report.at("/predictions_check/missing").asLong()).isZero();
        assertThat(report.at("/predictions_check/doubled").asLong()).isZero();
        assertThat(report.at("/predictions_check/of_no_valid_event").asLong()).isZero();
        assertThat(report.at("/examples_doubled").asLong()).isZero();
    }

    private static boolean isLearned(TrainerApp trainer) {
        return trainer.trainers().stream()
                .allMatch(each ->
                        each.status().map(status -> status.examples() > 1_000).orElse(false));
    }
}
