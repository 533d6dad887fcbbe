package io.livepredict.deploy.console.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsumerLagTest {
    @Test
    void shouldKnowThatKafkaDoesNotAnswer() throws IOException {
        // It listens, and answers nothing.
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ConsumerLag lag = new ConsumerLag(
                        Map.of(
                                "bootstrap.servers", "127.0.0.1:" + silent.getLocalPort(),
                                "default.api.timeout.ms", 500,
                                "request.timeout.ms", 500),
                        "group")) {
            assertThat(lag.records()).isNaN();
            assertThat(lag.answered()).isFalse();
        }
    }
}
