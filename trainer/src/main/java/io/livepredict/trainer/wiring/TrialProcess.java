package io.livepredict.trainer.wiring;

import io.livepredict.trainer.imports.TrialServer;
import io.livepredict.trainer.ort.OrtRuntime;
import io.livepredict.trainer.publish.RuntimeModelRunner;
import java.io.IOException;
import java.io.PrintStream;

/** The process that tries a model which a user brings; started by the import, and ends with it. */
public final class TrialProcess {
    private TrialProcess() {}

    public static void main(String[] arguments) throws IOException {
        // A model that never ends must not outlive who asked for it.
        ProcessHandle.current()
                .parent()
                .ifPresent(parent ->
                        parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
        PrintStream replies = System.out;
        System.setOut(System.err); // nothing else may write between the replies
        new TrialServer(new RuntimeModelRunner(new OrtRuntime()), System.in, replies).serve();
        Runtime.getRuntime().halt(0);
    }
}
