package io.livepredict.streams.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.streams.config.PrivacySettings;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.ingest.PseudonymMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PseudonymGuardTest {
    @Test
    void shouldNoticeThatAKeyFileIsGoneOrAnotherOneWhileTheAppRuns(@TempDir Path directory) throws IOException {
        Path key = directory.resolve("people.key");
        Files.writeString(key, "0123456789abcdef0123456789abcdef\n");
        Path file = directory.resolve("streams-app.yaml");
        Files.writeString(file, """
                kafka: {bootstrap.servers: "nowhere:1"}
                registry: {url: "http://nowhere:1"}
                models: {trusted-keys: [signing.pub.pem]}
                targets: [{name: leave, kind: viewer, any-of: [LEAVE], within: 30s}]
                pseudonyms: {key-file: people.key}
                """);
        PrivacySettings privacy = StreamsAppSettings.read(file, Map.of()).privacy();
        PseudonymMark mark = privacy.read().mark();

        assertThat(PseudonymGuard.changed(privacy, mark)).isNull();
        Files.writeString(key, "fedcba9876543210fedcba9876543210\n");
        assertThat(PseudonymGuard.changed(privacy, mark)).contains("have changed");
        Files.delete(key);
        assertThat(PseudonymGuard.changed(privacy, mark)).contains("people.key", "can't be read");
        Files.writeString(key, "0123456789abcdef0123456789abcdef");
        assertThat(PseudonymGuard.changed(privacy, mark)).isNull();
    }
}
