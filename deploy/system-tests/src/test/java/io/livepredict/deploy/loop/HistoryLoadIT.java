package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.load.HistoryLoad;
import io.livepredict.deploy.load.LoadException;
import io.livepredict.deploy.load.Loader;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicSetup;
import io.livepredict.trainer.wiring.TrainerApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A platform's history is loaded before it goes live, by loaders that stop, and two of which run at once. */
class HistoryLoadIT {
    private static final int PLAYS = 4_000;
    private static final int BEYOND = 10;
    private static final String MEANING = """
            targets:
              - {name: quit-1h, kind: player, none-of: [MATCH_END], within: 1h, snapshot-on: [MATCH_END], at-most-every: 0s}
            """;

    @TempDir
    Path directory;

    /** Waits for nothing and hears how much was sent. */
    private static HistoryLoad.Listener hearing(AtomicLong sent) {
        return new HistoryLoad.Listener() {
            @Override
            public void loading(double share, long all, long taken) {
                sent.set(all);
            }

            @Override
            public void waiting(String forWhat) {}
        };
    }

    /** Plays of forty players, who come back within the hour or not, up to ten minutes before going live; and ten behind. */
    private Path log(Instant liveFrom) throws IOException {
        Random random = new Random(5);
        List<String> rows = new ArrayList<>(List.of("t,p"));
        long second = liveFrom.getEpochSecond() - 600 - PLAYS * 120L;
        for (int i = 0; i < PLAYS; i++) {
            rows.add(second + i * 120L + ",p" + random.nextInt(i / 100 % 2 == 0 ? 5 : 80));
        }
        for (int i = 0; i < BEYOND; i++) {
            rows.add(liveFrom.getEpochSecond() + i + ",p1");
        }
        return Files.write(directory.resolve("plays.csv"), rows);
    }

    private static MappingSettings mapping() {
        return YamlFile.parse(
                "{kind: player, time: {column: t, unit: seconds}, id: p, type: {always: MATCH_END}}",
                "mapping",
                MappingSettings.class);
    }

    @Test
    void shouldLoadEachEventOnceHoweverOftenItStopsAndGoLiveWithALearnedModel() throws Exception {
        Instant liveFrom = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Path log = log(liveFrom);
        String time = "time: {grace: 3s, idle-after: 5s, live-from: \"" + liveFrom + "\"}\n";
        try (Installation installation = new Installation(directory, "history", time, MEANING)) {
            Files.writeString(installation.trainerConfig(), "checkpoint: {every: 500ms}\n", StandardOpenOption.APPEND);
            TopicSetup.ensure(
                    installation.kafka(), List.of(installation.topics().loads()), 1);
            Loader loader = new Loader(installation.streams(), installation.registry(), System::currentTimeMillis);
            HistoryLoad.Ahead ahead = loader.ahead(800);
            AtomicLong sent = new AtomicLong();

            // Before the app runs: a load waits for it, and can be stopped.
            HistoryLoad.Result first;
            try (Loader.Log opened = loader.open(log, mapping(), null)) {
                first = loader.run(opened, ahead, () -> sent.get() >= 800, hearing(sent));
            }
            assertThat(first.finished()).isFalse();
            assertThat(first.sent()).isBetween(800L, 1_200L);

            try (StreamsApp app = StreamsApp.start(installation.streams());
                    TrainerApp trainer = TrainerApp.start(installation.trainer())) {
                assertThat(app.metrics().scrape())
                        .contains("livepredict_history_awaited{topic=\"history.player-events\"} 1");
                // Two at once: the one that comes later goes on, the other ends.
                AtomicLong second = new AtomicLong();
                CompletableFuture<HistoryLoad.Result> overtaken = CompletableFuture.supplyAsync(() -> {
                    try (Loader.Log opened = loader.open(log, mapping(), null)) {
                        return loader.run(opened, loader.ahead(400), () -> false, overtaken(second, sent));
                    }
                });
                await().atMost(Installation.PATIENCE).until(() -> second.get() > first.sent());
                HistoryLoad.Result last;
                try (Loader.Log opened = loader.open(log, mapping(), null)) {
                    last = loader.run(opened, ahead, () -> false, hearing(sent));
                    assertThat(loader.remarks(opened, last))
                            .singleElement()
                            .asString()
                            .contains("10 events at or after");
                }
                assertThatThrownBy(overtaken::join)
                        .hasCauseInstanceOf(LoadException.class)
                        .hasMessageContaining("taken over");
                assertThat(last.before()).isGreaterThan(first.sent());
                assertThat(last)
                        .returns(true, HistoryLoad.Result::finished)
                        .returns((long) PLAYS, HistoryLoad.Result::sent);
                assertThat(ids(installation)).hasSize(PLAYS).doesNotHaveDuplicates();
                assertThat(predictions(installation)).isEmpty();
                await().atMost(Installation.PATIENCE)
                        .untilAsserted(() -> assertThat(app.metrics().scrape())
                                .contains("livepredict_history_awaited{topic=\"history.player-events\"} 0"));

                // Again it is done at once, also in place, and another log of the same time is refused.
                try (Loader.Log opened = loader.open(log, mapping(), null)) {
                    assertThat(loader.run(opened, ahead, () -> false, hearing(sent))
                                    .before())
                            .isEqualTo(PLAYS);
                }
                try (Loader.Log inPlace =
                        loader.inPlace(installation.topics().events(Kind.PLAYER).name())) {
                    assertThat(loader.run(inPlace, ahead, () -> false, hearing(sent)))
                            .returns(true, HistoryLoad.Result::finished)
                            .returns((long) PLAYS, HistoryLoad.Result::sent);
                }
                Path other = Files.copy(log, directory.resolve("other.csv"));
                try (Loader.Log opened = loader.open(other, mapping(), null)) {
                    assertThatThrownBy(() -> loader.run(opened, ahead, () -> false, hearing(sent)))
                            .isInstanceOf(LoadException.class)
                            .hasMessageContaining("is loaded already");
                }

                await().atMost(Installation.PATIENCE)
                        .until(() -> app.activeVersions().getOrDefault(Kind.PLAYER, 0L) > 0);
                Topic<String, CanonicalEvent> events = installation.topics().events(Kind.PLAYER);
                for (int i = 0; i < 50; i++) {
                    installation.send(
                            events,
                            "p" + i,
                            new CanonicalEvent(
                                    "live-" + i,
                                    "p" + i,
                                    "",
                                    System.currentTimeMillis(),
                                    "MATCH_END",
                                    Map.of(),
                                    Map.of(),
                                    null));
                }
                installation.flush();
                await().atMost(Installation.PATIENCE)
                        .untilAsserted(
                                () -> assertThat(predictions(installation)).hasSize(50));
                assertThat(predictions(installation)).allMatch(prediction -> prediction.getModelVersion() > 0);
                JsonNode report = installation.report(app);
                assertThat(report.at("/predictions_check/withheld/history").asLong())
                        .isEqualTo(PLAYS);
                assertThat(report.at("/predictions_check/missing").asLong()).isZero();
                assertThat(report.at("/predictions_check/expected").asLong()).isEqualTo(PLAYS + 50);
            }
        }
    }

    /** Goes on when another one has taken over. */
    private static HistoryLoad.Listener overtaken(AtomicLong sent, AtomicLong another) {
        return new HistoryLoad.Listener() {
            @Override
            public void loading(double share, long all, long taken) {
                sent.set(all);
                await().atMost(Installation.PATIENCE).until(() -> another.get() > all);
            }

            @Override
            public void waiting(String forWhat) {}
        };
    }

    private static List<String> ids(Installation installation) {
        Topic<String, CanonicalEvent> topic = installation.topics().events(Kind.PLAYER);
        List<String> ids = new ArrayList<>();
        TopicScan.scan(
                installation.client(),
                topic.name(),
                TopicPositions.beginning(),
                each -> ids.add(String.valueOf(topic.value()
                        .deserializer()
                        .deserialize(topic.name(), each.value())
                        .eventId())));
        return ids;
    }

    private static List<Prediction> predictions(Installation installation) {
        Topic<String, Prediction> topic = installation.topics().predictions();
        List<Prediction> predictions = new ArrayList<>();
        TopicScan.scan(
                installation.client(),
                topic.name(),
                TopicPositions.beginning(),
                each -> predictions.add(topic.value().deserializer().deserialize(topic.name(), each.value())));
        return predictions;
    }
}
