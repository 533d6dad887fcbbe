package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.avro.AuditRecord;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.RefusedException;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicReader;
import io.livepredict.topics.TopicSetup;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.wiring.TrainerApp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator's word is law: what is pinned is served, through later publishing and restarts, until it is promoted. */
class PinnedModelIT {
    private static final String NAME = "viewer";

    @TempDir
    Path directory;

    @Test
    void shouldServeThePinnedVersionThroughPublishingAndRestartsUntilPromotedAndThenTheNewest() throws Exception {
        try (Installation installation =
                        new Installation(directory, "pinned", Installation.AS_RECORDED, SimulatedMeaning.yaml());
                SteadyLoad load = SteadyLoad.start(installation, 9, 150, 5)) {
            long pinned;
            try (StreamsApp app = StreamsApp.start(installation.streams());
                    TrainerApp trainer = TrainerApp.start(installation.trainer())) {
                await().atMost(Installation.PATIENCE)
                        .until(() -> viewerVersion(app) > 0
                                && models(installation).versions(NAME).size() >= 3);
                assertThat(trainer.trainers()).isNotEmpty();
                // The trainer retires versions while the command starts; so it chooses: the one before the one served
                // then.
                CompletableFuture<String> rollback = CompletableFuture.supplyAsync(() -> models("rollback", NAME));
                long followedMillis = awaitStepBack(app);
                assertThat(rollback.get(3, TimeUnit.MINUTES)).contains(" is served and pinned");
                ModelPointer pointer = models(installation).serving(NAME).orElseThrow();
                pinned = pointer.version();
                assertThat(pointer.pinned()).isTrue();
                assertThat(viewerVersion(app)).isEqualTo(pinned);
                System.out.println("the scorer followed a rollback within "
                        + (followedMillis - Instant.parse(pointer.issuedAt()).toEpochMilli()) + " ms");
                assertThat(models("list", NAME))
                        .containsPattern(pinned + " +pinned ")
                        .doesNotContain("served");
                assertThat(models("show", NAME, Long.toString(pinned)))
                        .contains("viewer version " + pinned + ",")
                        .contains("leave-30s");

                awaitMoreVersions(installation, 3);
                assertThat(viewerVersion(app)).isEqualTo(pinned);
            }
            // Both are away and come back; the load goes on. What waited for the app is the first that it scores.
            TopicPositions restarted = installation.ends();
            try (Admin admin = Admin.create(installation.client())) {
                TopicSetup.ensure(admin, List.of(installation.topics().audit()), 1);
            }
            TrainerSettings withApi =
                    TrainerSettings.read(installation.trainerConfig(), Map.of("LIVEPREDICT_API", "{}"));
            try (StreamsApp app = StreamsApp.start(installation.streams());
                    TrainerApp trainer = TrainerApp.start(withApi);
                    Contract api = new Contract(trainer.httpPort())) {
                assertThat(viewerVersion(app)).isEqualTo(pinned);
                awaitMoreVersions(installation, 3);
                assertThat(trainer.trainers()).isNotEmpty();
                await().atMost(Installation.PATIENCE)
                        .until(() ->
                                !servedSince(installation, restarted, pinned).isEmpty());
                assertThat(servedSince(installation, restarted, pinned)).containsExactly(pinned);

                assertThat(api.post("/v1/models/viewer/rollback", Map.of("version", 1_000_000))
                                .status())
                        .isEqualTo(409);
                Contract.Answer promoted = api.post("/v1/models/viewer/promote", Map.of());
                assertThat(promoted.status()).isEqualTo(200);
                assertThat(promoted.body().path("pinned").asBoolean()).isFalse();
                assertThat(audited(installation))
                        .containsExactly(
                                "local rollback viewer {\"version\":1000000} asked",
                                "local rollback viewer {\"version\":1000000} refused",
                                "local promote viewer {} asked",
                                "local promote viewer {} done");
                assertThat(models("promote", NAME)).contains("is served; the trainer moves it");
                await().atMost(Installation.PATIENCE).until(() -> viewerVersion(app) > pinned);
                long newest = viewerVersion(app);
                await().atMost(Installation.PATIENCE).until(() -> viewerVersion(app) > newest);
            }
            // Alone after a restart: the newest version is there before the first prediction.
            long newest = models(installation).serving(NAME).orElseThrow().version();
            assertThat(newest).isEqualTo(models(installation).versions(NAME).last());
            TopicPositions alone = installation.ends();
            int before = load.count();
            await().atMost(Installation.PATIENCE).until(() -> load.count() > before + 100);
            load.stop();
            try (StreamsApp app = StreamsApp.start(installation.streams())) {
                await().atMost(Installation.PATIENCE).until(installation::isAllScored);
                assertThat(servedSince(installation, alone, newest)).containsExactly(newest);
                assertThat(app.failure()).isEmpty();
            }
            new Answers(installation).assertExactAndInOrder();
        }
    }

    private static List<String> audited(Installation installation) {
        Topic<String, AuditRecord> topic = installation.topics().audit();
        List<String> lines = new ArrayList<>();
        TopicScan.scan(installation.client(), topic.name(), TopicPositions.beginning(), each -> {
            AuditRecord record = topic.value().deserializer().deserialize(topic.name(), each.value());
            lines.add(String.join(
                    " ",
                    record.getCaller(),
                    record.getOperation(),
                    record.getKind(),
                    record.getAsked(),
                    record.getOutcome()));
        });
        return lines;
    }

    private static long viewerVersion(StreamsApp app) {
        return app.activeVersions().getOrDefault(Kind.VIEWER, 0L);
    }

    /** When the scorer went back to an earlier version, epoch milliseconds. */
    private static long awaitStepBack(StreamsApp app) {
        AtomicLong highest = new AtomicLong();
        await().atMost(Installation.PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> {
                    long version = viewerVersion(app);
                    return version < highest.accumulateAndGet(version, Math::max);
                });
        return System.currentTimeMillis();
    }

    private static ModelCollector models(Installation installation) {
        ModelCollector collector = new ModelCollector(installation.verifier(), Set.of(NAME));
        TopicReader.readToEnd(
                installation.kafka().consumer("pinned-test"),
                installation.topics().models(),
                collector::accept);
        return collector;
    }

    private static void awaitMoreVersions(Installation installation, int more) {
        long newest = models(installation).maxVersion(NAME);
        await().atMost(Installation.PATIENCE).until(() -> models(installation).maxVersion(NAME) >= newest + more);
    }

    /**
     * The versions that made predictions for viewers from there on, of the targets that the version has learned: an early one may
     * have had no label yet of a target with a long horizon, and that one is served by the prior, as version 0.
     */
    private static Set<Long> servedSince(Installation installation, TopicPositions from, long version) {
        Set<String> learned;
        try {
            learned = models(installation).manifest(NAME, version).targets().stream()
                    .filter(head -> !head.unlearned())
                    .map(ModelManifest.Head::name)
                    .collect(Collectors.toSet());
        } catch (RefusedException e) {
            throw new AssertionError(e);
        }
        assertThat(learned).as("targets that version %d has learned", version).isNotEmpty();
        Set<Long> versions = new TreeSet<>();
        var topic = installation.topics().predictions();
        TopicScan.scan(installation.client(), topic.name(), from, each -> {
            Prediction prediction = topic.value().deserializer().deserialize(topic.name(), each.value());
            if (prediction.getKind().equals(NAME) && learned.contains(prediction.getTarget())) {
                versions.add(prediction.getModelVersion());
            }
        });
        return versions;
    }

    /** Runs {@code trainer models …} and gives what it said. */
    private String models(String what, String... arguments) {
        List<String> command = new ArrayList<>(List.of("models", what));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--config", directory.resolve("trainer.yaml").toString()));
        try {
            Process process = Programs.trainer(command.toArray(String[]::new))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            return said;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
