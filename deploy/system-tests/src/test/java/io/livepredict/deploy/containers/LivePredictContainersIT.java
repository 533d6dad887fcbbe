package io.livepredict.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a team's own integration test may look like. Takes minutes, so it runs under {@code -Psoak}. */
@Tag("soak")
class LivePredictContainersIT {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Path CONFIG =
            Path.of("../compose/config").toAbsolutePath().normalize();

    @Test
    void shouldServeALearnedModelAndAnswerForWhoHasTheToken() throws Exception {
        Map<String, String> images = new HashMap<>(Map.of(
                "broker", Docker.image("broker", "apache/kafka:4.3.1"),
                "registry", Docker.image("registry", "apicurio/apicurio-registry:3.3.3")));
        for (String own : List.of("streams-app", "trainer", "simulator")) {
            images.put(own, Docker.image(own, "livepredict/" + own + ":latest"));
        }
        assumeTrue(Docker.has(images.values().toArray(String[]::new)));
        try (LivePredictContainers livepredict = new LivePredictContainers(CONFIG, images)
                .withSourceTopics("chat-events")
                .withSimulator(100, 1)) {
            livepredict.start();
            livepredict.awaitLearnedModel(PATIENCE);

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(livepredict.ask("/v1/kinds/viewer/outlook?target=leave-30s"))
                            .contains("\"complete\":true", "\"present\":"));
            assertThat(livepredict.ask("/v1/models/viewer")).contains("\"active\"");
            try (HttpClient stranger = HttpClient.newHttpClient()) {
                HttpRequest request = HttpRequest.newBuilder(
                                livepredict.streamsApp().resolve("/v1/models"))
                        .build();
                assertThat(stranger.send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode())
                        .isEqualTo(401);
            }
            Properties client = new Properties();
            client.put("bootstrap.servers", livepredict.bootstrapServers());
            try (Admin admin = Admin.create(client)) {
                assertThat(admin.listTopics().names().get()).contains("chat-events", "livepredict.predictions");
            }
        }
    }
}
