package io.livepredict.streams.erasure;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.streams.config.StreamsAppSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemainsTest {
    @TempDir
    Path dir;

    @Test
    void shouldNameEachTopicThatHoldsSomethingOfAViewer() throws IOException {
        Path file = dir.resolve("streams-app.yaml");
        Files.writeString(file, """
                kafka: {bootstrap.servers: "localhost:9092"}
                registry: {url: "http://localhost:8081"}
                targets:
                  - {name: leave-30s, kind: viewer, any-of: [LEAVE], within: 30s}
                models: {trusted-keys: [trainer.pub.pem]}
                erasures: true
                choices:
                  - {kind: viewer, on: [JOIN]}
                """);
        StreamsAppSettings settings = StreamsAppSettings.read(file, Map.of());
        Remains remains = new Remains(settings);
        Topics topics = new Topics(Namespace.defaults(), 4, new AvroSerdes(new InProcessRegistry()));

        assertThat(settings.neededTopics(topics).stream()
                        .map(Topic::name)
                        .filter(topic -> remains.mayHold(topic, Kind.VIEWER)))
                .containsExactlyInAnyOrder(
                        topics.events(Kind.VIEWER).name(),
                        topics.predictions().name(),
                        topics.labelledExamples(Kind.VIEWER).name(),
                        topics.choiceExamples(Kind.VIEWER).name(),
                        topics.deadLetters().name(),
                        topics.erasures().name());
        assertThat(remains.mayHold(topics.choiceExamples(Kind.VIEWER).name(), Kind.PLAYER))
                .isFalse();
    }
}
