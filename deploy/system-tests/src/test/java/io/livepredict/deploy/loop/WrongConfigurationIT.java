package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.deploy.local.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user gets for a wrong configuration: one line that says what, where and what to do, and no stack trace. */
class WrongConfigurationIT {
    @TempDir
    Path directory;

    @Test
    void shouldSayInOneLineWhatIsWrongAndEndWithAnotherCodeThanZero() throws Exception {
        try (Installation installation = new Installation(
                directory,
                "wrong-configuration",
                Installation.LIVE,
                "targets: [{name: leave-30s, kind: viewer, any-of: [LEAVE], within: 30s}]\n")) {
            String streams = Files.readString(installation.streamsConfig());
            String trainer = Files.readString(installation.trainerConfig());
            String nowhere = "127.0.0.1:" + Ports.free();
            Map<String, Process> running = new LinkedHashMap<>();
            for (String program : new String[] {"streams-app", "trainer"}) {
                String good = program.equals("trainer") ? trainer : streams;
                running.put(program + "/key", start(program, "key", good + "partitons: 3\n"));
                running.put(
                        program + "/broker",
                        start(
                                program,
                                "broker",
                                good.replace(installation.kafka().bootstrapServers(), nowhere)));
                running.put(
                        program + "/topic",
                        start(
                                program,
                                "topic",
                                good.replace("namespace: wrong-configuration", "namespace: not-there")));
            }
            // The trainer asks the registry only when there is an example.
            running.put(
                    "streams-app/registry",
                    start(
                            "streams-app",
                            "registry",
                            streams.replace(Servers.shared().registry(), "http://" + nowhere)));
            running.forEach((what, process) -> assertOneLine(what, process));
            assertThat(output("streams-app/key"))
                    .contains("partitons")
                    .contains("partitions")
                    .contains(".yaml:");
            assertThat(output("trainer/key")).contains("partitons").contains(".yaml:");
            assertThat(output("streams-app/broker")).contains(nowhere);
            assertThat(output("trainer/broker")).contains(nowhere);
            assertThat(output("streams-app/topic"))
                    .contains("not-there.viewer-events")
                    .contains("create");
            assertThat(output("trainer/topic")).contains("not-there.models").contains("create");
            assertThat(output("streams-app/registry")).contains(nowhere);
        }
    }

    @Test
    void shouldCreateASourceTopicOnlyWhereItsPartitionsAreSaid() throws Exception {
        try (Installation installation = new Installation(
                directory,
                "source-topics",
                Installation.LIVE,
                "targets: [{name: leave-30s, kind: viewer, any-of: [LEAVE], within: 30s}]\n")) {
            String own = Files.readString(installation.streamsConfig()) + """
                    sources:
                      - {topic: source-topics.clicks, format: json, mapping: {kind: viewer, id: who,
                         time: {unit: record}, type: {column: what, map: {bye: LEAVE}}}}
                    """;
            assertThat(topics("not-ours", own, "--create"))
                    .contains("source topic source-topics.clicks does not exist: it is yours")
                    .contains("the topics are not as they must be");
            String ours = own.replace("format: json,", "format: json, partitions: 3,");
            assertThat(topics("asked", ours)).contains("which makes it with 3 partitions");
            assertThat(topics("created", ours, "--create"))
                    .contains("created source topic source-topics.clicks with 3 partitions")
                    .contains("topics are as they must be");
            assertThat(topics("there", own)).contains("topics are as they must be");
        }
    }

    private String topics(String what, String yaml, String... options) throws Exception {
        Path folder = Files.createDirectories(directory.resolve("topics").resolve(what));
        Path config = Files.writeString(folder.resolve("config.yaml"), yaml);
        List<String> arguments = new ArrayList<>(List.of("topics", "--config", config.toString()));
        arguments.addAll(List.of(options));
        Path output = folder.resolve("output");
        Process process = Programs.streamsApp(arguments.toArray(String[]::new))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(Installation.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as(what + " ends by itself")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output);
    }

    private Process start(String program, String what, String yaml) throws IOException {
        Path folder = Files.createDirectories(directory.resolve(program).resolve(what));
        Path config = Files.writeString(folder.resolve("config.yaml"), yaml);
        ProcessBuilder builder = program.equals("trainer")
                ? Programs.trainer("run", "--config", config.toString())
                : Programs.streamsApp("run", "--config", config.toString());
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
    }

    private void assertOneLine(String what, Process process) {
        try {
            assertThat(process.waitFor(Installation.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as(what + " ends by itself")
                    .isTrue();
            assertThat(process.exitValue()).as(what + ": " + output(what)).isNotZero();
            // Kafka's client may have complained in the log on its way; the program's own word is the last line.
            assertThat(output(what)).as(what).doesNotContain("\tat ").doesNotContain("Exception in thread");
            assertThat(output(what).strip()).as(what).isNotEmpty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            process.destroyForcibly();
        }
    }

    private String output(String what) throws IOException {
        String[] lines = Files.readString(directory.resolve(what).resolve("output"), StandardCharsets.UTF_8)
                .strip()
                .split("\\R");
        return lines[lines.length - 1];
    }
}
