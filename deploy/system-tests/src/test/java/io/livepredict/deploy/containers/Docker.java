package io.livepredict.deploy.containers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The Docker engine of this machine, if it has one. */
final class Docker {
    private static final int ENGINE_ANSWERS_SECONDS = 10;

    private Docker() {}

    /** Whether an engine answers and has these images; says in one line why not. */
    static boolean has(String... images) {
        if (!succeeds("docker", "info")) {
            System.out.println("SKIPPED container tests: no Docker engine answers (docker info)");
            return false;
        }
        for (String image : images) {
            if (!succeeds("docker", "image", "inspect", image)) {
                System.out.println("SKIPPED container tests: there is no image " + image
                        + " (ours are built by deploy/docker/build, public ones pulled by docker pull)");
                return false;
            }
        }
        return true;
    }

    /** The name of an image, which a system property {@code image.NAME} may replace. */
    static String image(String name, String byDefault) {
        return System.getProperty("image." + name, byDefault);
    }

    /** The compose command of this machine: the plugin, or the program of old. */
    static List<String> compose() {
        return succeeds("docker", "compose", "version") ? List.of("docker", "compose") : List.of("docker-compose");
    }

    /** Runs a command to its end and returns what it printed. */
    static String run(Map<String, String> environment, List<String> command, long timeoutSeconds)
            throws IOException, InterruptedException {
        java.nio.file.Path out = java.nio.file.Files.createTempFile("livepredict-docker", ".out");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(
                        "not done after " + timeoutSeconds + " s: " + String.join(" ", command) + "\n" + read(out));
            }
            if (process.exitValue() != 0) {
                throw new IOException("failed: " + String.join(" ", command) + "\n" + read(out));
            }
            return read(out);
        } finally {
            java.nio.file.Files.deleteIfExists(out);
        }
    }

    private static String read(java.nio.file.Path file) throws IOException {
        return java.nio.file.Files.readString(file);
    }

    private static boolean succeeds(String... command) {
        try {
            Process process = new ProcessBuilder(new ArrayList<>(List.of(command)))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(ENGINE_ANSWERS_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return false;
            }
            return process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
