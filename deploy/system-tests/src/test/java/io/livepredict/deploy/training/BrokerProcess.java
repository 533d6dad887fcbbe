package io.livepredict.deploy.training;

import static org.awaitility.Awaitility.await;

import io.livepredict.deploy.local.EmbeddedBroker;
import io.livepredict.deploy.local.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A broker in a process of its own, which can be stopped in its tracks, killed and started again on the same log. */
final class BrokerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final int port = Ports.free();
    private final Path directory;
    private Process process;

    BrokerProcess(Path directory) throws IOException {
        this.directory = directory;
        start();
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    void start() throws IOException {
        Path up = directory.resolve("up");
        Files.deleteIfExists(up);
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        BrokerProcess.class.getName(),
                        Integer.toString(port),
                        directory.resolve("log").toString(),
                        up.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("broker.log").toFile())
                .start();
        await().atMost(PATIENCE).until(() -> Files.exists(up));
    }

    /** It answers nobody until {@link #resume}; its connections stay. */
    void pause() throws Exception {
        signal("-STOP");
    }

    void resume() throws Exception {
        signal("-CONT");
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private void signal(String name) throws Exception {
        new ProcessBuilder("kill", name, Long.toString(process.pid())).start().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    /** PORT DIRECTORY FILE: makes the file when it serves, and ends with its parent. */
    public static void main(String[] arguments) throws IOException {
        EmbeddedBroker.start(EmbeddedBroker.Options.kept(Integer.parseInt(arguments[0]), Path.of(arguments[1]))
                .with("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500"));
        Files.createFile(Path.of(arguments[2]));
        while (System.in.read() >= 0) {}
        Runtime.getRuntime().halt(0);
    }
}
