package io.livepredict.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryProcessIT {
    /** Signal 2, as a bit. */
    private static final long SIGINT = 1 << 1;

    @TempDir
    Path directory;

    @Test
    void shouldKeepSchemaIdsAcrossARestart() throws Exception {
        Path log = directory.resolve("registry.log");
        int first;
        try (RegistryProcess registry = RegistryProcess.start(Ports.free(), directory.resolve("data"), log)) {
            register(registry, "other", "int");
            first = register(registry, "subject", "string");
        }
        try (RegistryProcess registry = RegistryProcess.start(Ports.free(), directory.resolve("data"), log)) {
            assertThat(register(registry, "subject", "string")).isEqualTo(first);
        }
    }

    /** Ctrl-C reaches every process of a terminal's group, and what ends with it still has schemas to look up. */
    @Test
    void shouldNotEndByCtrlC() throws Exception {
        try (RegistryProcess registry = RegistryProcess.start(Ports.free(), null, directory.resolve("log"))) {
            assertThat(new ProcessBuilder("kill", "-INT", Long.toString(registry.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(register(registry, "subject", "string")).isPositive();
            assertThat(registry.isAlive()).isTrue();
            // It might only be slow to end: where the system tells, the signal is one that the process ignores.
            Path status = Path.of("/proc", Long.toString(registry.pid()), "status");
            if (Files.exists(status)) {
                assertThat(Files.readAllLines(status))
                        .filteredOn(line -> line.startsWith("SigIgn:"))
                        .singleElement()
                        .satisfies(line -> assertThat(
                                        Long.parseUnsignedLong(line.substring(7).strip(), 16) & SIGINT)
                                .isEqualTo(SIGINT));
            }
        }
    }

    @Test
    void shouldNameTheTakenPort() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> RegistryProcess.start(taken.getLocalPort(), null, directory.resolve("log")))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("port " + taken.getLocalPort())
                    .hasMessageContaining("--registry-port");
        }
    }

    private static int register(RegistryProcess registry, String subject, String type) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            String answer = client.send(
                            HttpRequest.newBuilder(URI.create(registry.url() + "/subjects/" + subject + "/versions"))
                                    .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                                    .POST(HttpRequest.BodyPublishers.ofString("{\"schema\": \"\\\"" + type + "\\\"\"}"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            return Integer.parseInt(answer.replaceAll("\\D", ""));
        }
    }
}
