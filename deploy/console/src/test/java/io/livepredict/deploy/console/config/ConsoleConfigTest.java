package io.livepredict.deploy.console.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleConfigTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void shouldOperateOnlyWhereNobodyElseReachesIt() throws IOException {
        assertThat(read("").mayOperate()).isTrue();
        ConsoleConfig everywhere = read("http: {host: 0.0.0.0}\nhosts: [console.example]\n");
        assertThat(everywhere.mayOperate()).isFalse();
        assertThat(everywhere.address().port()).isEqualTo(ConsoleConfig.PORT);
        assertThatThrownBy(() -> read("http: {host: 0.0.0.0}\n"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("hosts is missing");
    }

    @Test
    void shouldRefuseTlsThatItWouldNotSpeak() {
        assertThatThrownBy(() -> read("http: {tls: {key-store: k.p12, key-store-password: secret}}\n"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("plain HTTP")
                .hasMessageNotContaining("secret");
    }

    private ConsoleConfig read(String more) throws IOException {
        Path file = folder.resolve("console.yaml");
        Files.writeString(
                file,
                "kafka: {bootstrap.servers: \"localhost:9092\"}\nregistry: {url: \"http://localhost:8081\"}\n"
                        + "models: {trusted-keys: []}\n" + more);
        return ConsoleConfig.read(file, Map.of());
    }
}
