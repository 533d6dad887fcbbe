package io.livepredict.streams.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each mistake is one line that says what to do, and an exit code. Those that need a broker are tested in deploy. */
class MainTest {
    @TempDir
    Path dir;

    private record Run(int exitCode, String err) {}

    private static Run run(String... args) {
        PrintStream before = System.err;
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try {
            System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
            return new Run(Main.execute(Map.of(), args), err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setErr(before);
        }
    }

    private String config(String bootstrap) throws IOException {
        Path keyFile = dir.resolve("trainer.pub.pem");
        io.livepredict.model.SigningKey.generate().write(dir.resolve("trainer.pem"), keyFile);
        Path file = dir.resolve("streams-app.yaml");
        Files.writeString(file, """
                kafka:
                  bootstrap.servers: %s
                  default.api.timeout.ms: "1000"
                  request.timeout.ms: "500"
                registry: {url: "http://localhost:1"}
                targets:
                  - {name: leave-30s, kind: viewer, any-of: [LEAVE], within: 30s}
                models: {trusted-keys: [%s]}
                http: {port: 0}
                """.formatted(bootstrap, keyFile));
        return file.toString();
    }

    @Test
    void shouldNameTheFileThatIsNotThere() {
        Run run = run("run", "--config", dir.resolve("none.yaml").toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("streams-app: ")
                .contains("none.yaml: there is no such file")
                .hasLineCount(1);
    }

    @Test
    void shouldNameTheLineOfAWrongKey() throws IOException {
        Path file = dir.resolve("wrong.yaml");
        Files.writeString(file, "namespace: x\nkafak: {}\n");
        Run run = run("run", "--config", file.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("wrong.yaml:2: kafak: ")
                .contains("did you mean kafka?")
                .hasLineCount(1);
    }

    @Test
    void shouldNameTheBrokerThatDoesNotAnswer() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            taken.close();
            Run run = run("run", "--config", config("127.0.0.1:" + port));
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err().lines().filter(line -> line.startsWith("streams-app: ")))
                    .singleElement()
                    .asString()
                    .contains("127.0.0.1:" + port)
                    .contains("kafka.bootstrap.servers");
            assertThat(run.err()).doesNotContain("\tat ");
        }
    }

    @Test
    void shouldShowWhereAnErrorCameFromWhenAsked() {
        Run run =
                run("--stacktrace", "run", "--config", dir.resolve("none.yaml").toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("\tat ");
    }

    @Test
    void shouldTellWrongUsageApart() {
        assertThat(run("run").exitCode()).isEqualTo(2);
        assertThat(run("rum").exitCode()).isEqualTo(2);
    }
}
