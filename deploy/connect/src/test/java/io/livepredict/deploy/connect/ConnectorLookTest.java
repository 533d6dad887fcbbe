package io.livepredict.deploy.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.URI;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.health.ConnectorHealth;
import org.apache.kafka.connect.health.ConnectorState;
import org.apache.kafka.connect.health.ConnectorType;
import org.apache.kafka.connect.health.TaskState;
import org.junit.jupiter.api.Test;

class ConnectorLookTest {
    private static final String TRACE = """
            org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception.
            \tat org.apache.kafka.connect.runtime.WorkerSinkTask.deliverMessages(WorkerSinkTask.java:634)
            Caused by: org.apache.kafka.connect.errors.ConnectException: JDBC sink connector failure
            \t... 10 more
            Caused by: java.net.ConnectException: Connection refused
            \t... 20 more
            """;

    @Test
    void shouldCountStatesAndNameWhatFailedWithItsRootCause() {
        ConnectorLook look = ConnectorLook.at(new ConnectorHealth(
                "sink",
                new ConnectorState("RUNNING", "w:8083", null),
                Map.of(
                        1, new TaskState(1, "FAILED", "w:8083", TRACE),
                        0, new TaskState(0, "RUNNING", "w:8083", null)),
                ConnectorType.SINK));

        assertThat(look.states()).isEqualTo(Map.of("RUNNING", 2, "FAILED", 1));
        assertThat(look.failed()).containsExactly("task 1");
        assertThat(look.cause()).isEqualTo("java.net.ConnectException: Connection refused");
    }

    @Test
    void shouldSayTheFirstLineWhereThereIsNoCauseAndNeverAWholeTrace() {
        assertThat(ConnectorLook.cause("java.lang.IllegalStateException: no\n\tat a.B.c(B.java)"))
                .isEqualTo("java.lang.IllegalStateException: no");
        assertThat(ConnectorLook.cause("")).isEqualTo("no reason given");
        assertThat(ConnectorLook.cause("Caused by: " + "x".repeat(5000))).hasSizeLessThan(400);
    }

    @Test
    void shouldFindTheWorkersOwnAddressInItsListeners() {
        assertThat(WorkerRest.address(Map.of())).isEqualTo(URI.create("http://localhost:8083"));
        assertThat(WorkerRest.address(Map.of("listeners", "https://:8443, http://0.0.0.0:8084")))
                .isEqualTo(URI.create("http://localhost:8084"));
        assertThat(WorkerRest.address(Map.of("listeners", "http://connect:8083")))
                .isEqualTo(URI.create("http://connect:8083"));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> WorkerRest.address(Map.of("listeners", "https://:8443")))
                .withMessageContaining("add a listener");
    }
}
