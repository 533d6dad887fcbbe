package io.livepredict.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * deploy/compose's own files, from nothing: the stack comes up, parts of it are killed and its broker stands still, the
 * count of deploy/compose/kill-test is right, and nothing is left of it; and the small stack, included as a team would.
 * Takes a quarter of an hour, so it runs under {@code -Psoak}. The ports must be free.
 */
@Tag("soak")
class ComposeStackIT {
    private static final Path COMPOSE = Path.of("../compose").toAbsolutePath().normalize();
    private static final String PROJECT = "livepredict-test";
    /** All of it but Grafana, which adds nothing that could be counted. */
    private static final List<String> SERVICES =
            List.of("streams-app", "trainer", "simulator", "connect", "connect-setup", "prometheus");

    private static final List<String> STEPS =
            List.of("streams-app", "trainer", "broker", "streams-app", "postgres:30", "connect", "broker+75");

    @TempDir
    Path team;

    @Test
    void shouldComeUpSurviveKillsAndLeaveNothing() throws Exception {
        assumeImages();
        List<String> compose = compose(COMPOSE.resolve("docker-compose.yml"));
        try {
            Docker.run(images(), concat(compose, concat(List.of("up", "-d"), SERVICES)), 600);
            assertThat(Docker.run(images(), concat(compose, List.of("run", "--rm", "ready")), 900))
                    .contains("they are there after");
            Map<String, String> environment = new HashMap<>(images());
            environment.put("COMPOSE", String.join(" ", compose));
            environment.put("PAUSE", "10");
            String said = Docker.run(
                    environment, concat(List.of(COMPOSE.resolve("kill-test").toString()), STEPS), 2400);
            System.out.println(said);
            assertThat(said).contains("nothing lost, nothing doubled");
        } finally {
            Docker.run(images(), concat(compose, List.of("down", "-v")), 120);
        }
        assertNothingLeft();
    }

    @Test
    void shouldServeALearnedModelInTheSmallStackThatATeamIncludes() throws Exception {
        assumeImages();
        Path own = Files.writeString(team.resolve("docker-compose.yml"), """
                version: "3.8"
                services:
                  mine:
                    image: %s
                    depends_on: {ready: {condition: service_completed_successfully}}
                    entrypoint: [/opt/kafka/bin/kafka-topics.sh, --bootstrap-server, "broker:19092", --list]
                """.formatted(images().get("BROKER_IMAGE")));
        Map<String, String> environment = new HashMap<>(images());
        String folder = team.toAbsolutePath().relativize(COMPOSE).toString();
        environment.put("LIVEPREDICT", folder);
        environment.put("LIVEPREDICT_CONFIG", folder + "/config");
        environment.put("SOURCE_TOPICS", "chat-events game-events");
        List<String> compose = compose(own, COMPOSE.resolve("docker-compose.test.yml"));
        try {
            String topics = Docker.run(environment, concat(compose, List.of("run", "--rm", "mine")), 900);
            assertThat(topics).contains("chat-events", "game-events", "livepredict.predictions");
            assertThat(Docker.run(environment, concat(compose, List.of("run", "--rm", "ready")), 60))
                    .contains("it serves after");
        } finally {
            Docker.run(environment, concat(compose, List.of("down", "-v")), 120);
        }
        assertNothingLeft();
    }

    private static void assumeImages() {
        assumeTrue(Docker.has(
                Docker.image("broker", "apache/kafka:4.3.1"),
                Docker.image("registry", "apicurio/apicurio-registry:3.3.3"),
                Docker.image("postgres", "postgres:17"),
                Docker.image("prometheus", "prom/prometheus:latest"),
                Docker.image("streams-app", "livepredict/streams-app:latest"),
                Docker.image("console", "livepredict/console:latest"),
                Docker.image("connect", "livepredict/connect:latest")));
    }

    private static void assertNothingLeft() throws Exception {
        for (String kind : List.of("container", "volume", "network")) {
            assertThat(Docker.run(
                            Map.of(),
                            List.of(
                                    "docker",
                                    kind,
                                    "ls",
                                    "-q",
                                    "--filter",
                                    "label=com.docker.compose.project=" + PROJECT),
                            30))
                    .as(kind + "s left")
                    .isBlank();
        }
    }

    private static Map<String, String> images() {
        return Map.of(
                "BROKER_IMAGE", Docker.image("broker", "apache/kafka:4.3.1"),
                "REGISTRY_IMAGE", Docker.image("registry", "apicurio/apicurio-registry:3.3.3"),
                "POSTGRES_IMAGE", Docker.image("postgres", "postgres:17"),
                "PROMETHEUS_IMAGE", Docker.image("prometheus", "prom/prometheus:latest"));
    }

    private static List<String> compose(Path... files) {
        List<String> command = concat(Docker.compose(), List.of("-p", PROJECT));
        for (Path file : files) {
            command = concat(command, List.of("-f", file.toString()));
        }
        return command;
    }

    private static List<String> concat(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return Arrays.asList(all.toArray(String[]::new));
    }
}
