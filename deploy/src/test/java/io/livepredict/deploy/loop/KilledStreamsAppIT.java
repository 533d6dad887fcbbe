package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.deploy.simulator.SimulatedEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The streams app as a process of its own, ended by SIGKILL while events flow. */
class KilledStreamsAppIT {
    @TempDir
    Path directory;

    @Test
    void shouldLoseAndDoubleNothingThroughThreeKills() throws Exception {
        runWithKills("killed", 3, 11);
    }

    @Test
    @Tag("soak")
    void shouldLoseAndDoubleNothingThroughThirtyKills() throws Exception {
        runWithKills("killed-often", 30, 12);
    }

    private void runWithKills(String namespace, int kills, long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        try (Installation installation =
                new Installation(directory, namespace, Installation.AS_RECORDED, SimulatedMeaning.yaml())) {
            int seconds = 40 * (kills + 1);
            long start = System.currentTimeMillis() - (seconds + 10) * 1000L;
            List<SimulatedEvent> events = SimulatedMeaning.events(
                    seed, start, seconds, 150, installation.streams().resolvedTargets());
            int stretch = events.size() / (kills + 1);
            Process app = start(installation);
            try {
                for (int kill = 0; kill <= kills; kill++) {
                    int from = kill * stretch;
                    int to = kill == kills ? events.size() : from + stretch;
                    // Some of a stretch is scored for certain, and some is under way when the kill comes.
                    int middle = from + (to - from) / 2;
                    events.subList(from, middle).forEach(installation::send);
                    installation.flush();
                    awaitScored(installation, app);
                    if (kill == kills) {
                        events.subList(middle, to).forEach(installation::send);
                        installation.flush();
                        break;
                    }
                    int killAt = random.nextInt(middle, to);
                    events.subList(middle, killAt).forEach(installation::send);
                    installation.flush();
                    app.destroyForcibly().waitFor();
                    events.subList(killAt, to).forEach(installation::send);
                    installation.flush();
                    app = start(installation);
                }
                awaitScored(installation, app);
            } finally {
                app.destroyForcibly().waitFor();
            }
            JsonNode report = installation.report(null);
            assertThat(report.at("/events/read").asLong()).isEqualTo(events.size());
            assertThat(report.at("/events/dead_lettered")).isEmpty();
            WholeLoopIT.assertExact(report);
            // Labels too: with an oracle for each of them, none was made at a time that no event had.
            assertThat(report.at("/targets/chat-10s/all/n").asInt()).isGreaterThan(200);
            assertThat(report.at("/targets/chat-10s/all/oracle_log_loss").isNumber())
                    .isTrue();
        }
    }

    private void awaitScored(Installation installation, Process app) {
        await().atMost(Installation.PATIENCE).until(() -> !app.isAlive() || installation.isAllScored());
        assertThat(app.isAlive())
                .as(() -> {
                    try {
                        return "the app goes on; it said: " + Files.readString(directory.resolve("app.log"));
                    } catch (IOException e) {
                        return "the app goes on";
                    }
                })
                .isTrue();
    }

    private Process start(Installation installation) throws IOException {
        return Programs.streamsApp(
                        "run", "--config", installation.streamsConfig().toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        Files.createDirectories(directory).resolve("app.log").toFile()))
                .start();
    }
}
