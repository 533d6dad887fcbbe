package io.livepredict.cli;

import java.util.concurrent.CountDownLatch;
import sun.misc.Signal;

/**
 * SIGTERM and SIGINT ask the main thread to end everything in order. A shutdown hook would not do: hooks run beside one another,
 * and one of them is ONNX Runtime's, which frees what a session in another thread still uses; the JVM then dies of SIGSEGV.
 * A second signal ends the process at once.
 */
public final class StopSignals {
    private static final int KILLED = 130;

    private StopSignals() {}

    /** A latch that the first signal counts down. */
    public static CountDownLatch latch() {
        CountDownLatch stop = new CountDownLatch(1);
        for (String name : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(name), signal -> {
                if (stop.getCount() == 0) {
                    Runtime.getRuntime().halt(KILLED);
                }
                stop.countDown();
            });
        }
        return stop;
    }
}
