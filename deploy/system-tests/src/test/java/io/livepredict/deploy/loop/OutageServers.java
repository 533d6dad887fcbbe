package io.livepredict.deploy.loop;

import static org.awaitility.Awaitility.await;

import io.livepredict.deploy.local.Ports;
import io.livepredict.deploy.local.RegistryProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/** A broker and a registry of one's own, as processes that may be stopped, killed and started again on what they had. */
final class OutageServers implements AutoCloseable {
    private final Path directory;
    private final int brokerPort = Ports.free();
    private final int registryPort = Ports.free();
    private final ProcessBuilder brokerBuilder;
    private Process broker;
    private RegistryProcess registry;

    OutageServers(Path directory) throws IOException {
        this.directory = directory;
        brokerBuilder = Programs.java(
                        BrokerChild.class.getName(),
                        Integer.toString(brokerPort),
                        directory.resolve("broker").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("broker.log").toFile()));
        Files.createDirectories(directory);
        broker = brokerBuilder.start();
        registry = startedRegistry();
        awaitBroker();
    }

    private RegistryProcess startedRegistry() {
        return RegistryProcess.start(registryPort, directory.resolve("registry"), directory.resolve("registry.log"));
    }

    private void awaitBroker() {
        await().atMost(Installation.PATIENCE).until(() -> {
            try (Admin admin = Admin.create(Map.of(
                    "bootstrap.servers", kafka(), "default.api.timeout.ms", 5_000, "request.timeout.ms", 5_000))) {
                admin.describeCluster().nodes().get(5, TimeUnit.SECONDS);
                return true;
            } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
                return false;
            }
        });
    }

    String kafka() {
        return "127.0.0.1:" + brokerPort;
    }

    Installation.Place place(int partitions) {
        return new Installation.Place(kafka(), registry.url(), partitions);
    }

    long brokerPid() {
        return broker.pid();
    }

    long registryPid() {
        return registry.pid();
    }

    /** Waits until the broker has ended, and starts it again. */
    void restartBroker() throws IOException, InterruptedException {
        broker.waitFor();
        broker = brokerBuilder.start();
        awaitBroker();
    }

    /** Waits until the registry has ended, and starts it again. */
    void restartRegistry() {
        await().atMost(Installation.PATIENCE).until(() -> !registry.isAlive());
        registry = startedRegistry();
    }

    /** Sends a process a signal. */
    static void signal(String name, long pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                .inheritIO()
                .start()
                .waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        registry.close();
        broker.destroyForcibly().waitFor();
    }
}
