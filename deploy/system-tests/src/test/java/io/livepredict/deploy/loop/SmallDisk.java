package io.livepredict.deploy.loop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of some megabytes, in memory, which can be full or read-only. Only root may make one. */
final class SmallDisk implements AutoCloseable {
    private static final String SIZE = "32m";

    private final Path place;
    private final Path filler;

    private SmallDisk(Path place) {
        this.place = place;
        filler = place.resolve("filler");
    }

    /** Makes one at a directory. Where that is not allowed the test is skipped, and says so. */
    static SmallDisk at(Path directory) throws IOException, InterruptedException {
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", directory.toString()),
                "skipped: a small disk can be made by root on Linux only, and not in every container");
        return new SmallDisk(directory);
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // there is no such command
        }
    }

    /** Fills it to the last byte. */
    void fill() throws IOException {
        try (OutputStream out = Files.newOutputStream(filler)) {
            byte[] some = new byte[1 << 12];
            while (true) {
                out.write(some);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw e;
            }
        }
    }

    void free() throws IOException {
        Files.delete(filler);
    }

    void readOnly(boolean only) throws InterruptedException {
        if (!run("mount", "-o", only ? "remount,ro" : "remount,rw", place.toString())) {
            throw new IllegalStateException(place + " can't be mounted anew");
        }
    }

    @Override
    public void close() throws InterruptedException {
        run("umount", "-l", place.toString());
    }
}
