package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.deploy.local.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One instance of the streams app as a process of its own, with state and a log of its own. */
final class AppProcess implements AutoCloseable {
    private final ProcessBuilder builder;
    private final Path log;
    private final int port = Ports.free();
    private Process process;

    private AppProcess(ProcessBuilder builder, Path log) throws IOException {
        this.builder = builder;
        this.log = log;
        builder.environment().put("LIVEPREDICT_HTTP__PORT", Integer.toString(port));
        this.process = builder.start();
    }

    /** Starts an instance; the name tells it from others of the same installation. */
    static AppProcess start(Installation installation, Path directory, String name) throws IOException {
        return start(installation, directory, name, Map.of());
    }

    /**
     * The same.
     *
     * @param environment variables that override the configuration
     */
    static AppProcess start(Installation installation, Path directory, String name, Map<String, String> environment)
            throws IOException {
        Path log = directory.resolve(name + ".log");
        ProcessBuilder builder = Programs.streamsApp(
                        "run", "--config", installation.streamsConfig().toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment()
                .put(
                        "LIVEPREDICT_STATE__DIR",
                        directory.resolve("state-" + name).toString());
        builder.environment().putAll(environment);
        return new AppProcess(builder, log);
    }

    /** Starts the trainer of an installation in the same way. */
    static AppProcess trainer(Installation installation, Path directory, String name) throws IOException {
        Path log = directory.resolve(name + ".log");
        return new AppProcess(
                Programs.trainer("run", "--config", installation.trainerConfig().toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())),
                log);
    }

    /** Where it serves health, readiness and metrics. */
    int port() {
        return port;
    }

    /** Waits until its tasks run. */
    void awaitRunning() {
        await().atMost(Installation.PATIENCE).until(() -> {
            assertAlive();
            return said().contains("streams are RUNNING");
        });
    }

    /** SIGKILL, and waits until it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM, and waits until it has left the group and ended. */
    void leave() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(Installation.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("the app ends when asked to")
                .isTrue();
    }

    /** Waits until it has ended, for whatever cause. */
    void awaitEnd() throws InterruptedException {
        process.waitFor();
    }

    /** Starts it again, on the state it left. */
    void restart() throws IOException {
        process = builder.start();
    }

    long pid() {
        return process.pid();
    }

    /** Why it is not ready, in its words; empty when it is. */
    String trouble() {
        try {
            return Probe.trouble(port);
        } catch (IOException e) {
            return "no answer: " + e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Fails with what it said if it has ended by itself. */
    void assertAlive() {
        assertThat(process.isAlive())
                .as(() -> "the app goes on; it said: " + said())
                .isTrue();
    }

    /** Everything it has said so far. */
    String said() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "nothing (" + e.getMessage() + ")";
        }
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
