package io.livepredict.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** deploy/local as a user starts it, but in this JVM. */
class LocalMainIT {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

    @Test
    void shouldKeepModelsAndTopicsBetweenStartsWithData() throws Exception {
        Path first = directory.resolve("first.json");
        assertThat(run("--data", data(), "--duration", "30s", "--rate", "300", "--report", first.toString()))
                .as(output())
                .isZero();
        JsonNode report = new ObjectMapper().readTree(first.toFile());
        assertThat(report.at("/events/read").asLong()).isPositive();
        assertThat(report.at("/predictions").asLong())
                .isEqualTo(report.at("/predictions_check/expected").asLong())
                .isPositive();
        long learned = report.at("/models/active_version/viewer").asLong();
        assertThat(learned).as(report.toString()).isPositive();

        long secondBegan = System.currentTimeMillis();
        Path second = directory.resolve("second.json");
        assertThat(run("--data", data(), "--duration", "5s", "--rate", "300", "--report", second.toString()))
                .as(output())
                .isZero();
        JsonNode again = new ObjectMapper().readTree(second.toFile());
        // Only this run's events are counted, and the model of the run before served from the first of them.
        assertThat(again.at("/events/read").asLong())
                .isBetween(1L, report.at("/events/read").asLong());
        assertThat(again.at("/predictions").asLong())
                .isEqualTo(again.at("/predictions_check/expected").asLong());
        assertThat(again.at("/models/active_version/viewer").asLong()).isGreaterThanOrEqualTo(learned);
        assertThat(again.at("/targets/chat-10s/all").has("n")).isTrue();
        // The simulated platform is the same one, further on: it brought no viewer back as somebody else.
        assertThat(output()).contains("the simulated platform goes on where it is by now");
        JsonNode kept = new ObjectMapper()
                .readTree(directory.resolve("data/simulated-platform.json").toFile());
        assertThat(kept.at("/startMillis").asLong()).isLessThan(secondBegan);
    }

    @Test
    void shouldReplayALogToItsEnd() throws Exception {
        StringBuilder log = new StringBuilder("ts,player,score\n");
        for (int i = 0; i < 3_000; i++) {
            log.append(1_421_157_288 + i * 20)
                    .append(",p")
                    .append(i % 40)
                    .append(',')
                    .append(i % 7)
                    .append('\n');
        }
        log.append("never,p1,0\n");
        Path file = Files.writeString(directory.resolve("plays.csv"), log);
        Path report = directory.resolve("report.json");
        assertThat(run(
                        "--replay",
                        file.toString(),
                        "--mapping",
                        "../examples/dodgemud.mapping.yaml",
                        "--targets",
                        "../examples/dodgemud.targets.yaml",
                        "--report",
                        report.toString()))
                .as(output())
                .isZero();
        JsonNode json = new ObjectMapper().readTree(report.toFile());
        assertThat(json.at("/events/valid").asLong()).isEqualTo(3_000);
        assertThat(json.at("/predictions").asLong()).isEqualTo(9_000);
        assertThat(json.at("/log/left_out/BAD_FIELD").asLong()).isEqualTo(1);
        assertThat(json.at("/examples/quit-5m/negative").asLong()
                        + json.at("/examples/quit-5m/positive").asLong())
                .isPositive();
        assertThat(output()).contains("plays.csv:3002");
    }

    @Test
    void shouldNameATakenPortAndAWrongFileWithItsLine() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(run("--http-port", Integer.toString(taken.getLocalPort())))
                    .isEqualTo(1);
            assertThat(output()).contains("port " + taken.getLocalPort()).contains("--http-port");
        }
        Path mapping = Files.writeString(directory.resolve("m.yaml"), "kind: player\ntimes: {column: ts}\n");
        assertThat(run(
                        "--replay", "../examples/none.csv",
                        "--mapping", mapping.toString(),
                        "--targets", "../examples/dodgemud.targets.yaml"))
                .isEqualTo(1);
        assertThat(output()).contains("m.yaml:2").contains("times");
        Path targets = Files.writeString(
                directory.resolve("t.yaml"), "targets:\n  - {name: x, kind: player, any-of: [WIN], within: 5m}\n");
        assertThat(run(
                        "--replay", "../examples/none.csv",
                        "--mapping", "../examples/dodgemud.mapping.yaml",
                        "--targets", targets.toString()))
                .isEqualTo(1);
        assertThat(output()).contains("t.yaml").contains("WIN");
        assertThat(run("--duration", "ten")).isEqualTo(2);
        assertThat(output()).contains("--duration").contains("30s").doesNotContain("\tat ");
    }

    private String data() {
        return directory.resolve("data").toString();
    }

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        for (String port :
                List.of("--broker-port", "--registry-port", "--http-port", "--trainer-http-port", "--console-port")) {
            if (!all.contains(port)) {
                all.add(port);
                all.add(Integer.toString(Ports.free()));
            }
        }
        return LocalMain.run(all.toArray(String[]::new), new PrintStream(seen, true, StandardCharsets.UTF_8));
    }

    private String output() {
        return seen.toString(StandardCharsets.UTF_8);
    }
}
