package io.livepredict.deploy.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.contract.Kind;
import io.livepredict.deploy.loop.Servers;
import io.livepredict.model.SigningKey;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.topics.TopicSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trainer's process ends in order, whatever ends it: with its exit code, never by a signal of its own making. */
class EndedTrainerIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void shouldStopTheOtherKindFirstWhenOneFails() throws Exception {
        endWhileLearning("failed", 1, true);
    }

    @Test
    @Tag("soak")
    void shouldStopTheOtherKindFirstHoweverOftenOneFails() throws Exception {
        endWhileLearning("failed-soak", 20, true);
    }

    @Test
    void shouldStopEveryKindFirstWhenItIsTold() throws Exception {
        endWhileLearning("told", 1, false);
    }

    @Test
    @Tag("soak")
    void shouldStopEveryKindFirstHoweverOftenItIsTold() throws Exception {
        endWhileLearning("told-soak", 20, false);
    }

    /** Ends a trainer that learns from a long backlog of viewers' examples; players' have none. */
    private void endWhileLearning(String namespace, int times, boolean byFailure) throws Exception {
        Servers servers = Servers.shared();
        SigningKey key = SigningKey.generate();
        key.write(directory.resolve("private.pem"), directory.resolve("public.pem"));
        try (ConfluentRegistryClient registry = new ConfluentRegistryClient(RegistrySettings.of(servers.registry()));
                Admin admin = Admin.create(Map.of("bootstrap.servers", servers.kafka()))) {
            TrainingGround ground =
                    new TrainingGround(servers.kafka(), namespace, 1, key, Map.of(), new AvroSerdes(registry));
            ground.createTopics();
            TopicSetup.ensure(admin, List.of(ground.topics.labelledExamples(Kind.PLAYER)), 1);
            ground.announceSchema();
            for (int i = 1; i <= times; i++) {
                Process child = child(ground, namespace + i);
                try {
                    ground.produce(i, 30_000, 1);
                    long before = ground.published().size();
                    Path log = directory.resolve(namespace + i);
                    await().atMost(SOON).until(() -> {
                        assertThat(child.isAlive())
                                .as(() -> "it runs; it said: " + said(log))
                                .isTrue();
                        return ground.published().size() > before + 1;
                    });
                    if (byFailure) {
                        usurp(admin, ground);
                    } else {
                        child.destroy();
                    }
                    assertThat(child.waitFor(SOON.toSeconds(), TimeUnit.SECONDS))
                            .isTrue();
                } finally {
                    child.destroyForcibly().waitFor();
                }
                String said = said(directory.resolve(namespace + i));
                assertThat(child.exitValue()).as(said).isEqualTo(byFailure ? 1 : 0);
                assertThat(said).doesNotContain("SIGSEGV");
                if (byFailure) {
                    assertThat(said).contains("trainer player: another trainer with namespace " + namespace);
                }
            }
        }
    }

    private static String said(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "nothing (" + e.getMessage() + ")";
        }
    }

    /** As another trainer of the players would: its mark, and then its fence. */
    private static void usurp(Admin admin, TrainingGround ground) throws Exception {
        String id = ground.topics.namespace().name("trainer-player");
        TopicPartition place =
                new TopicPartition(ground.topics.labelledExamples(Kind.PLAYER).name(), 0);
        admin.alterConsumerGroupOffsets(id, Map.of(place, new OffsetAndMetadata(0, "another")))
                .all()
                .get(30, TimeUnit.SECONDS);
        admin.fenceProducers(List.of(id)).all().get(30, TimeUnit.SECONDS);
        ground.produce(Kind.PLAYER, 1, 100);
    }

    private Process child(TrainingGround ground, String log) throws IOException {
        Path config = Files.writeString(directory.resolve("trainer.yaml"), """
                namespace: %s
                kafka: {bootstrap.servers: "%s"}
                registry: {url: "%s"}
                http: {port: 0}
                signing-key: "%s"
                publish: {every: 500ms}
                batch: {size: 32}
                targets:
                  - {name: leave-30s, kind: viewer, any-of: [LEAVE], within: 30s}
                  - {name: quit-30s, kind: player, any-of: [LOGOUT], within: 30s}
                """.formatted(
                        ground.topics.namespace().value(),
                        Servers.shared().kafka(),
                        Servers.shared().registry(),
                        directory.resolve("private.pem")));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:ErrorFile=" + directory.resolve("crash.log"),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "io.livepredict.trainer.cli.Main",
                        "run",
                        "--config",
                        config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(log).toFile())
                .start();
    }
}
