package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.trainer.wiring.TrainerApp;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Probes and scrapes of both programs are answered while fifty clients write and read as slowly as they can. */
class SlowClientsIT {
    private static final int SLOW_CLIENTS = 50;
    /** Every second client stops in the middle of its request, the others never read their answer. */
    private static final List<String> SENT =
            List.of("GET /ready HTTP/1.1\r\nHost: a\r\nX-Sl", "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");

    @TempDir
    Path directory;

    @Test
    void shouldAnswerProbesWhileOthersAreSlow() throws Exception {
        try (Installation installation =
                        new Installation(directory, "slow-clients", Installation.LIVE, SimulatedMeaning.yaml());
                TrainerApp trainer = TrainerApp.start(installation.trainer());
                StreamsApp app = StreamsApp.start(installation.streams())) {
            await().atMost(Installation.PATIENCE).until(app::isReady);
            await().atMost(Installation.PATIENCE).until(() -> status(trainer.httpPort(), "/ready") == 200);
            for (int port : new int[] {app.httpPort(), trainer.httpPort()}) {
                List<Socket> slow = new ArrayList<>();
                try {
                    for (int i = 0; i < SLOW_CLIENTS; i++) {
                        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                        slow.add(socket);
                        socket.getOutputStream().write(SENT.get(i % SENT.size()).getBytes(StandardCharsets.US_ASCII));
                    }
                    for (String path : List.of("/", "/health", "/ready", "/metrics")) {
                        assertThat(status(port, path)).as(path).isEqualTo(200);
                    }
                } finally {
                    for (Socket socket : slow) {
                        socket.close();
                    }
                }
            }
        }
    }

    private static int status(int port, String path) throws Exception {
        return Probe.get(port, path).statusCode();
    }
}
