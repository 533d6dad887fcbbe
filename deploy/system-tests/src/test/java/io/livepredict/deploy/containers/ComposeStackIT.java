package io.livepredict.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * deploy/compose's own file, from nothing: it comes up, parts of it are killed, the count of deploy/compose/kill-test is
 * right, and nothing is left of it. Takes five minutes, so it runs under {@code -Psoak}. Its ports must be free.
 */
@Tag("soak")
class ComposeStackIT {
    private static final Path COMPOSE = Path.of("../compose").toAbsolutePath().normalize();
    private static final String PROJECT = "livepredict-test";
    /** All of it but Grafana, which adds nothing that could be counted. */
    private static final List<String> SERVICES =
            List.of("streams-app", "trainer", "simulator", "connect", "connect-setup", "prometheus");

    @Test
    void shouldComeUpSurviveKillsAndLeaveNothing() throws Exception {
        assumeTrue(Docker.has(
                Docker.image("broker", "apache/kafka:4.3.1"),
                Docker.image("registry", "apicurio/apicurio-registry:3.3.3"),
                Docker.image("postgres", "postgres:17"),
                Docker.image("prometheus", "prom/prometheus:latest"),
                Docker.image("streams-app", "livepredict/streams-app:latest"),
                Docker.image("connect", "livepredict/connect:latest")));
        try {
            Docker.run(images(), compose(concat(List.of("up", "-d"), SERVICES)), 600);
            String said = Docker.run(
                    Map.of("COMPOSE", String.join(" ", compose(List.of())), "PAUSE", "10"),
                    List.of(COMPOSE.resolve("kill-test").toString(), "streams-app", "trainer", "broker"),
                    900);
            assertThat(said).contains("nothing lost, nothing doubled");
        } finally {
            Docker.run(images(), compose(List.of("down", "-v")), 120);
        }
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
        assertThat(Files.exists(COMPOSE.resolve("docker-compose.yml"))).isTrue();
    }

    private static Map<String, String> images() {
        return Map.of(
                "BROKER_IMAGE", Docker.image("broker", "apache/kafka:4.3.1"),
                "REGISTRY_IMAGE", Docker.image("registry", "apicurio/apicurio-registry:3.3.3"),
                "POSTGRES_IMAGE", Docker.image("postgres", "postgres:17"),
                "PROMETHEUS_IMAGE", Docker.image("prometheus", "prom/prometheus:latest"));
    }

    private static List<String> compose(List<String> arguments) {
        return concat(
                concat(
                        Docker.compose(),
                        List.of(
                                "-p",
                                PROJECT,
                                "-f",
                                COMPOSE.resolve("docker-compose.yml").toString())),
                arguments);
    }

    private static List<String> concat(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return Arrays.asList(all.toArray(String[]::new));
    }
}
