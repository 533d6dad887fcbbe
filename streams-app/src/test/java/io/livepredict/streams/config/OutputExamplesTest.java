package io.livepredict.streams.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.streams.output.AlertRule;
import io.livepredict.streams.output.Emission;
import io.livepredict.streams.output.OutputSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/outputs.md, all of them in one configuration, mean what the page says. */
class OutputExamplesTest {
    private static final Path PAGE = Path.of("../docs/outputs.md");
    private static final Pattern EXAMPLE = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);

    @Test
    void shouldMeanWhatThePageSays(@TempDir Path dir) throws IOException {
        String examples = EXAMPLE.matcher(Files.readString(PAGE))
                .results()
                .map(example -> example.group(1))
                .collect(Collectors.joining());
        Path file = Files.writeString(dir.resolve("streams-app.yaml"), """
                kafka: {bootstrap.servers: "localhost:9092"}
                registry: {url: "http://localhost:8081"}
                models: {trusted-keys: [trainer.pub.pem]}
                """ + examples);

        OutputSettings outputs = StreamsAppSettings.read(file, Map.of()).outputs();

        assertThat(outputs.flat()).isFalse();
        assertThat(outputs.rows().orElseThrow().schema().getField("leave_30s")).isNotNull();
        assertThat(outputs.emissions()).isEqualTo(Map.of("leave-30s", new Emission(0.02, 300_000, 0.3)));
        assertThat(outputs.alerts())
                .containsExactly(new AlertRule(
                        "save-the-whale",
                        "leave-30s",
                        0.8,
                        0.6,
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(10),
                        List.of(new AlertRule.Condition("sum.gift_value.30m", 100, Double.POSITIVE_INFINITY)),
                        0.05));
        assertThat(outputs.presentFor()).isEqualTo(Optional.of(Duration.ofMinutes(2)));
    }
}
