package io.livepredict.trainer.imports;

import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.publish.ModelRunner;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs models that nobody has vouched for in a process of its own: whether they crash, never end or take all memory there is,
 * what they cost is that process, and one line says so. The process is started for the first model and again after it was
 * lost. Not safe for use from several threads.
 */
public final class ChildModelRunner implements ModelRunner, AutoCloseable {
    private static final Path SHELL = Path.of("/bin/sh");
    /** Besides what the model takes: the JVM's heap, code and classes, ONNX Runtime, and the stack it starts on. */
    private static final long OWN_MEGABYTES = 2_048;

    private final Class<?> main;
    private final Limits limits;
    private final ScheduledExecutorService watchdog;
    private @Nullable Child child;
    private int models;

    /**
     * What a model may take.
     *
     * @param time for all that is asked of it
     * @param megabytes of memory; held to where there is a POSIX shell whose system limits address space
     */
    public record Limits(Duration time, long megabytes) {
        /** A minute and 2 GB. */
        public static Limits defaults() {
            return new Limits(Duration.ofMinutes(1), 2_048);
        }
    }

    /** @param main whose main method serves standard input and output by {@link TrialServer} */
    public ChildModelRunner(Class<?> main, Limits limits) {
        this.main = main;
        this.limits = limits;
        watchdog = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("trial-watchdog").factory());
    }

    private static final class Child {
        private final Process process;
        private final DataInputStream in;
        private final DataOutputStream out;
        private volatile boolean outOfTime;

        Child(Process process) {
            this.process = process;
            in = new DataInputStream(new BufferedInputStream(process.getInputStream()));
            out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
        }
    }

    /** Asks something of the process. */
    private interface Exchange<T> {
        T with(DataInputStream in, DataOutputStream out) throws IOException, ModelRunnerException;
    }

    @Override
    public Loaded load(byte[] onnx) throws ModelRunnerException {
        Child in = running();
        int id = models++;
        long deadline = System.nanoTime() + limits.time().toNanos();
        ask(in, deadline, (reply, request) -> {
            request.writeByte(TrialServer.LOAD);
            request.writeInt(id);
            request.writeInt(onnx.length);
            request.write(onnx);
            request.flush();
            return requireDone(reply);
        });
        return new Remote(in, id, deadline);
    }

    private final class Remote implements Loaded {
        private final Child in;
        private final int id;
        private final long deadline;

        Remote(Child in, int id, long deadline) {
            this.in = in;
            this.id = id;
            this.deadline = deadline;
        }

        @Override
        public void scores(ExampleBatch rows, float[] into) throws ModelRunnerException {
            ask(in, deadline, (reply, request) -> {
                request.writeByte(TrialServer.SCORE);
                request.writeInt(id);
                TrialServer.writeRows(request, rows);
                request.flush();
                requireDone(reply);
                for (int i = 0; i < rows.size * rows.targets; i++) {
                    into[i] = reply.readFloat();
                }
                return true;
            });
        }

        @Override
        public void close() {
            if (!in.process.isAlive()) {
                return;
            }
            try {
                ask(in, System.nanoTime() + limits.time().toNanos(), (reply, request) -> {
                    request.writeByte(TrialServer.CLOSE);
                    request.writeInt(id);
                    request.flush();
                    return requireDone(reply);
                });
            } catch (ModelRunnerException e) {
                stop(in); // a process that can't let go of a model is not used again
            }
        }
    }

    private static boolean requireDone(DataInputStream reply) throws IOException, ModelRunnerException {
        if (reply.readByte() == TrialServer.DONE) {
            return true;
        }
        String why = reply.readUTF();
        throw new ModelRunnerException(why, new IllegalStateException(why));
    }

    private <T> T ask(Child of, long deadline, Exchange<T> exchange) throws ModelRunnerException {
        ScheduledFuture<?> late = watchdog.schedule(
                () -> {
                    of.outOfTime = true;
                    of.process.destroyForcibly();
                },
                Math.max(0, deadline - System.nanoTime()),
                TimeUnit.NANOSECONDS);
        try {
            return exchange.with(of.in, of.out);
        } catch (IOException e) {
            stop(of);
            throw new ModelRunnerException(
                    of.outOfTime
                            ? "it did not end within " + limits.time().toSeconds() + " s"
                            : "the process that tried it ended with code " + exitCode(of)
                                    + ": it crashed, or took more than " + limits.megabytes() + " MB of memory",
                    e);
        } finally {
            late.cancel(false);
        }
    }

    private static int exitCode(Child of) {
        try {
            return of.process.waitFor(10, TimeUnit.SECONDS) ? of.process.exitValue() : -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    private Child running() throws ModelRunnerException {
        Child running = child;
        if (running != null && running.process.isAlive()) {
            return running;
        }
        Child started;
        try {
            started = new Child(new ProcessBuilder(command())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
        } catch (IOException e) {
            throw new ModelRunnerException("no process can be started to try it in: " + e.getMessage(), e);
        }
        child = started;
        ask(started, System.nanoTime() + limits.time().toNanos(), (reply, request) -> {
            int last = 0;
            while (last != TrialServer.READY) {
                last = last << 8 | reply.readUnsignedByte();
            }
            return true;
        });
        return started;
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SHELL)) {
            long kilobytes = (limits.megabytes() + OWN_MEGABYTES) * 1_024;
            command.addAll(
                    List.of(SHELL.toString(), "-c", "ulimit -v " + kilobytes + " 2>/dev/null; exec \"$@\"", "sh"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("onnxruntime."))
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx384m",
                "-Xshare:auto",
                "-XX:CompressedClassSpaceSize=64m",
                "-XX:ReservedCodeCacheSize=64m",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + File.separator + "dev" + File.separator + "null",
                "-XX:+DisplayVMOutputToStderr",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        return command;
    }

    private static void stop(Child of) {
        of.process.destroyForcibly();
    }

    @Override
    public void close() {
        if (child != null) {
            stop(child);
        }
        watchdog.shutdownNow();
    }
}
