package io.livepredict.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
    @TempDir
    Path directory;

    @Test
    void shouldKeepItsTopicsAcrossARestart() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(EmbeddedBroker.Options.kept(Ports.free(), directory));
                Admin admin = admin(broker)) {
            admin.createTopics(List.of(new NewTopic("kept", 3, (short) 1)))
                    .all()
                    .get();
        }
        try (EmbeddedBroker broker = EmbeddedBroker.start(EmbeddedBroker.Options.kept(Ports.free(), directory));
                Admin admin = admin(broker)) {
            assertThat(admin.listTopics().names().get()).contains("kept");
        }
    }

    @Test
    void shouldStartOnWhatAKilledBrokerLeft() throws Exception {
        Path running = directory.resolve("running");
        Path killed = directory.resolve("killed");
        try (EmbeddedBroker broker = EmbeddedBroker.start(EmbeddedBroker.Options.kept(Ports.free(), running));
                Admin admin = admin(broker)) {
            admin.createTopics(List.of(new NewTopic("kept", 3, (short) 1)))
                    .all()
                    .get();
            copy(running, killed); // what a kill at this moment would leave
        }
        assertThat(FormerBroker.wasKilled(running)).isFalse();
        assertThat(FormerBroker.wasKilled(killed)).isTrue();
        try (EmbeddedBroker broker = EmbeddedBroker.start(EmbeddedBroker.Options.kept(Ports.free(), killed));
                Admin admin = admin(broker)) {
            assertThat(admin.describeTopics(List.of("kept")).allTopicNames().get())
                    .extractingByKey("kept")
                    .satisfies(topic -> assertThat(topic.partitions())
                            .hasSize(3)
                            .allSatisfy(each -> assertThat(each.leader()).isNotNull()));
        }
        assertThat(FormerBroker.wasKilled(killed)).isFalse();
    }

    /** Copies what a running broker has there; it may delete files and finish temporary ones meanwhile. */
    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) throws IOException {
                Files.createDirectories(to.resolve(from.relativize(each)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path each, BasicFileAttributes attributes) throws IOException {
                if (!each.toString().endsWith(".tmp")) {
                    try {
                        Files.copy(each, to.resolve(from.relativize(each)));
                    } catch (NoSuchFileException e) {
                        return visitFileFailed(each, e);
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path each, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
    }

    @Test
    void shouldNotWaitForTheDeathOfABrokerThatWasKilledBeforeItRegistered() throws Exception {
        EmbeddedBroker.Options options = EmbeddedBroker.Options.kept(Ports.free(), directory);
        EmbeddedBroker.format(directory);
        assertThat(FormerBroker.wasKilled(directory)).isTrue();
        assertThat(FormerBroker.bury(EmbeddedBroker.properties(options))).isTrue();
    }

    @Test
    void shouldNameTheTakenPort() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            EmbeddedBroker.Options options = EmbeddedBroker.Options.kept(taken.getLocalPort(), directory);
            assertThatThrownBy(() -> EmbeddedBroker.start(options))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("port " + taken.getLocalPort())
                    .hasMessageContaining("--broker-port");
        }
    }

    private static Admin admin(EmbeddedBroker broker) {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }
}
