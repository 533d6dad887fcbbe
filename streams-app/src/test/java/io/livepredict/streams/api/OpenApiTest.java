package io.livepredict.streams.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.livepredict.http.Route;
import io.livepredict.settings.HttpSettings;
import io.livepredict.streams.topology.FlowFixture;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.streams.state.HostInfo;
import org.junit.jupiter.api.Test;

class OpenApiTest {
    @Test
    void shouldDescribeEveryOperationThereIsAndNoOther() throws IOException {
        JsonNode document = new ObjectMapper().readTree(StreamsApi.document());
        Set<String> described = new TreeSet<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(method -> described.add(method.getKey().toUpperCase(Locale.ROOT)
                                + ' '
                                + path.getKey()
                                + ' '
                                + method.getValue().path("operationId").asText()
                                + ' '
                                + method.getValue().path("x-role").asText())));

        assertThat(document.path("openapi").asText()).startsWith("3.1");
        assertThat(described).isEqualTo(routes());
    }

    private static Set<String> routes() {
        try (FlowFixture flow = FlowFixture.canonical();
                StreamsApi api = new StreamsApi(
                        new StreamsApi.Surroundings(
                                List.of(),
                                flow.intake,
                                Optional::empty,
                                "app",
                                new HostInfo("here", 1),
                                Map.of(),
                                true,
                                () -> 0),
                        new HttpSettings.Address("127.0.0.1", 0))) {
            return api.routes().stream().map(OpenApiTest::line).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static String line(Route route) {
        return route.method()
                + ' '
                + route.path()
                + ' '
                + route.operation()
                + ' '
                + route.role().name().toLowerCase(Locale.ROOT);
    }
}
