package io.livepredict.deploy.local;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real schema registry beside this JVM: Apicurio Registry from its Maven artifact, as a child process on the
 * loopback interface, on H2 in memory or in a directory (then schema ids survive a restart). It needs a JDK 21 and
 * gets the one this JVM runs on. It ends with {@link #close()}, and by itself when this JVM is gone.
 */
public final class RegistryProcess implements AutoCloseable {
    private static final Duration LONGEST_START = Duration.ofMinutes(3);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(5);

    private final Process process;
    private final int port;

    private RegistryProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts a registry and returns when it answers.
     *
     * @param port where it listens
     * @param directory where it keeps the schemas; null for in memory
     * @param log where its output goes
     * @throws StartException in one line, if it does not come up
     */
    public static RegistryProcess start(int port, @Nullable Path directory, Path log) {
        Ports.requireFree(port, "the schema registry", "--registry-port");
        Path distribution = distribution();
        ProcessBuilder builder = new ProcessBuilder(List.of(
                // Ctrl-C goes to every process of the terminal's group; this one is still needed while the others end.
                "/bin/sh",
                "-c",
                "trap '' INT; exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-cp",
                ownClasses() + File.pathSeparator + distribution.resolve("quarkus-run.jar"),
                RegistryChild.class.getName()));
        var environment = builder.environment();
        environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        // Its management interface would take port 9000 on every interface.
        environment.put("QUARKUS_MANAGEMENT_HOST", "127.0.0.1");
        environment.put("QUARKUS_MANAGEMENT_PORT", "0");
        environment.put("QUARKUS_HTTP_ACCESS_LOG_ENABLED", "false");
        environment.put("APICURIO_STORAGE_KIND", "sql");
        environment.put("APICURIO_STORAGE_SQL_KIND", "h2");
        environment.put("APICURIO_DATASOURCE_JDBC_INITIAL_SIZE", "2");
        environment.put("APICURIO_DATASOURCE_JDBC_MIN_SIZE", "2");
        environment.put(
                "APICURIO_DATASOURCE_URL",
                directory == null
                        ? "jdbc:h2:mem:registry;DB_CLOSE_DELAY=-1"
                        : "jdbc:h2:file:" + directory.toAbsolutePath().resolve("registry") + ";WRITE_DELAY=0");
        builder.redirectErrorStream(true).redirectOutput(log.toFile());
        try {
            if (directory != null) {
                Files.createDirectories(directory);
            }
            RegistryProcess registry = new RegistryProcess(builder.start(), port);
            registry.awaitReady(log);
            return registry;
        } catch (IOException e) {
            throw new StartException("the schema registry can't be started: " + e.getMessage(), e);
        }
    }

    /** The Confluent-compatible API, for clients. */
    public String url() {
        return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
    }

    /** The id of the process. */
    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(LONGEST_STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void awaitReady(Path log) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url() + "/subjects"))
                .timeout(Duration.ofSeconds(5))
                .build();
        long deadline = System.nanoTime() + LONGEST_START.toNanos();
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
            while (process.isAlive() && System.nanoTime() < deadline) {
                try {
                    if (client.send(request, HttpResponse.BodyHandlers.discarding())
                                    .statusCode()
                            == 200) {
                        return;
                    }
                } catch (IOException e) {
                    // Not yet listening.
                }
                if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the schema registry was starting", e);
        }
        boolean ended = !process.isAlive();
        close();
        throw new StartException("the schema registry on port " + port
                + (ended ? " ended while starting" : " did not answer within " + LONGEST_START.toSeconds() + " s")
                + lastLine(log) + "; its log is " + log);
    }

    private static String lastLine(Path log) throws IOException {
        List<String> errors = Files.readAllLines(log, StandardCharsets.UTF_8).stream()
                .filter(line -> line.contains("ERROR"))
                .toList();
        return errors.isEmpty() ? "" : " (" + errors.getLast().strip() + ")";
    }

    /** Where the build unpacked the distribution: beside this class's own jar or folder, or as a system property says. */
    private static Path distribution() {
        String given = System.getProperty("livepredict.registry.home");
        Path home = given != null ? Path.of(given) : ownClasses().resolveSibling("apicurio");
        if (!Files.exists(home.resolve("quarkus-run.jar"))) {
            throw new StartException("the schema registry is not at " + home
                    + ": build with 'mvn package', or say where it is with -Dlivepredict.registry.home=DIR");
        }
        return home;
    }

    private static Path ownClasses() {
        try {
            return Path.of(RegistryProcess.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the class path is made of files", e);
        }
    }
}
