package io.livepredict.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import java.util.concurrent.atomic.AtomicReference;

/** ONNX Runtime as the whole process shares it. */
public final class OrtProcess {
    /** ONNX Runtime 1.29 matches the process's command line recursively when it starts: 300 bytes of stack per character. */
    private static final long START_STACK_BYTES = 256L << 20;

    private OrtProcess() {}

    /**
     * The process's one environment. It is first asked for on a thread with a large stack: with a command line of 4,000
     * characters, which a class path easily has, the 1 MB of an ordinary thread overflow and the JVM dies without a word.
     *
     * @throws IllegalStateException if ONNX Runtime can't be started here, or the thread was interrupted
     */
    public static OrtEnvironment environment() {
        AtomicReference<OrtEnvironment> started = new AtomicReference<>();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        started.set(
                                OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "livepredict"));
                    } catch (RuntimeException | LinkageError e) {
                        failed.set(e);
                    }
                },
                "onnxruntime-start",
                START_STACK_BYTES);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while ONNX Runtime was starting", e);
        }
        OrtEnvironment environment = started.get();
        if (environment == null) {
            Throwable cause = failed.get();
            throw new IllegalStateException("ONNX Runtime could not be started: " + cause, cause);
        }
        return environment;
    }
}
