package io.livepredict.trainer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.Kind;
import io.livepredict.settings.SettingsException;
import io.livepredict.trainer.learner.BatchSettings;
import io.livepredict.trainer.learner.CheckpointSettings;
import io.livepredict.trainer.learner.DriftSettings;
import io.livepredict.trainer.publish.GateSettings;
import io.livepredict.trainer.publish.PublishSettings;
import io.livepredict.trainer.publish.RetentionPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerConfigTest {
    private static final String LEAST = """
            kafka: {bootstrap.servers: localhost:9092}
            registry: {url: http://localhost:8081}
            signing-key: keys/private.pem
            targets:
              - {name: leave-30s, kind: viewer, any-of: [LEAVE], within: 30s}
            """;

    @TempDir
    Path folder = Path.of("");

    private TrainerSettings read(String yaml) throws IOException {
        return read(yaml, Map.of());
    }

    private TrainerSettings read(String yaml, Map<String, String> environment) throws IOException {
        Path file = folder.resolve("trainer.yaml");
        Files.writeString(file, yaml);
        return TrainerSettings.read(file, environment);
    }

    @Test
    void shouldBeAsShippedWhenOnlyWhatIsRequiredIsGiven() throws IOException {
        TrainerSettings settings = read(LEAST);
        assertThat(settings.namespace().value()).isEqualTo("livepredict");
        assertThat(settings.kinds().active()).containsExactly(Kind.VIEWER);
        assertThat(settings.batch()).isEqualTo(BatchSettings.defaults());
        assertThat(settings.closeAfterMillis()).isEqualTo(250);
        assertThat(settings.checkpoint()).isEqualTo(CheckpointSettings.defaults());
        assertThat(settings.publish()).isEqualTo(PublishSettings.defaults());
        assertThat(settings.retention()).isEqualTo(RetentionPolicy.defaults());
        assertThat(settings.gate()).isEqualTo(GateSettings.defaults());
        assertThat(settings.drift()).isEqualTo(DriftSettings.defaults());
        assertThat(settings.learners().stream().map(LearnerEntry::resolvedName))
                .startsWith("mlp")
                .contains("logistic")
                .doesNotHaveDuplicates();
        assertThat(settings.http().port()).isEqualTo(8082);
        assertThat(settings.signingKey()).isEqualTo(folder.resolve("keys/private.pem"));
    }

    @Test
    void shouldTakeWhatIsGiven() throws IOException {
        TrainerSettings settings = read(LEAST + """
                        namespace: shop
                        kinds: {viewer: {event-types: [JOIN, LEAVE]}}
                        learners:
                          - {family: logistic, optimiser: ftrl}
                          - {name: deep, family: mlp, hidden: [32], activation: tanh, learning-rate: 0.002}
                          - {family: wide-and-deep, embedding: 4}
                        batch: {size: 64, close-after: 100ms}
                        publish: {every: 5s, keep-newest: 3}
                        drift: {enabled: false}
                        http: {port: 0}
                        """, Map.of("LIVEPREDICT_GATE__MARGIN", "0.2"));
        assertThat(settings.namespace().value()).isEqualTo("shop");
        assertThat(settings.batch().size()).isEqualTo(64);
        assertThat(settings.closeAfterMillis()).isEqualTo(100);
        assertThat(settings.publish().everyMillis()).isEqualTo(5_000);
        assertThat(settings.retention())
                .isEqualTo(new RetentionPolicy(3, Duration.ofHours(1), Duration.ofDays(1), Duration.ofDays(30)));
        assertThat(settings.drift().enabled()).isFalse();
        assertThat(settings.gate().margin()).isEqualTo(0.2);
        assertThat(settings.learners().stream().map(LearnerEntry::resolvedName))
                .containsExactly("logistic", "deep", "wide-and-deep");
    }

    @Test
    void shouldNeverCloseABatchByTheClockWhenReproducible() throws IOException {
        assertThat(read(LEAST + "reproducible: true\n").closeAfterMillis()).isZero();
        assertThatThrownBy(() -> read(LEAST + "reproducible: true\nbatch: {close-after: 1s}\n"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("reproducible excludes batch.close-after");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "batch: {size: 0}                                      | trainer.yaml:6: batch: batch size must be in 1..65536, got 0",
                "publish: {every: 0s}                                  | publish by time, by examples or by both",
                "gate: {margin: -1}                                    | margin must not be negative",
                "drift: {boost: 0.5}                                   | boost must be in 1..100",
                "champion: {diverged-at: 1}                            | diverged-at must be above 1",
                "evaluation: {entities: 1000}                          | entities must be a power of two",
                "learners: []                                          | learners names none",
                "learners: [{family: mlp}, {family: mlp}]              | two have the same name",
                "learners: [{family: logistic, hidden: [4]}]           | a logistic learner has no hidden layers",
                "learners: [{family: mlp, units: 4}]                   | units goes with family gru",
                "learners: [{family: gru, units: 0}]                   | units must be in 1..4096, got 0",
                "learners: [{family: cnn, window: 2000}]               | window must be in 1..1024, got 2000",
                "learners: [{family: mlp, l2: -1}]                     | l2 must be in 0..100, got -1.0",
                "learners: [{family: mlp, clip-norm: 0}]               | clip-norm must be in 1.0E-6..1000000000, got 0.0",
                "learners: [{family: mlp, learning-rate: 0.1, start-rate: 0.01}] | start-rate must be at least the",
                "learners: [{family: mpl}]                             | must be one of logistic, mlp",
                "http: {port: 70000}                                   | port must be in 0..65535",
                "bacth: {size: 3}                                      | did you mean batch?",
            })
    void shouldRefuseAValueThatDoesNotFitInOneLine(String wrong, String reason) {
        assertThatThrownBy(() -> read(LEAST + wrong + "\n"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("trainer.yaml")
                .hasMessageContaining(reason)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void shouldNameFileAndLineOfAWrongTarget() {
        assertThatThrownBy(() -> read(LEAST.replace("[LEAVE]", "[LAEVE]")))
                .isInstanceOf(SettingsException.class)
                .hasMessage(folder.resolve("trainer.yaml")
                        + ":5: targets: target leave-30s: any-of: LAEVE: kind viewer declares no such event type;"
                        + " did you mean LEAVE?; it declares JOIN, HEARTBEAT, CHAT, LIKE, GIFT, FOLLOW, SHARE,"
                        + " PURCHASE, LEAVE");
    }

    @Test
    void shouldNameTheConfigurationByWhatDecidesTheModel() throws IOException {
        String hash = read(LEAST).hash();
        assertThat(read(LEAST + "http: {port: 1}\n").hash()).isEqualTo(hash);
        assertThat(read(LEAST + "seed: 2\n").hash()).isNotEqualTo(hash);
    }
}
