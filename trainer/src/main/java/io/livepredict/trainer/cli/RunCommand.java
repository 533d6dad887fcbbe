package io.livepredict.trainer.cli;

import io.livepredict.cli.CommandFrame;
import io.livepredict.cli.StopSignals;
import io.livepredict.trainer.wiring.TrainerApp;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "run", description = "Trains until it is stopped.", mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    @Mixin
    ConfigOption config = new ConfigOption();

    @Option(
            names = "--fresh",
            description =
                    "Pass over the saved state: learn anew from the oldest examples there are. Version numbers go on.")
    boolean fresh;

    @Override
    public Integer call() throws InterruptedException {
        Logger LOG = LoggerFactory.getLogger(RunCommand.class);
        CountDownLatch stop = StopSignals.latch();
        TrainerApp app =
                TrainerApp.start(config.read(), TrainerApp.Options.defaults().fresh(fresh));
        LOG.info("trainer runs; health, readiness and metrics at port {}", app.httpPort());
        app.finished().whenComplete((none, failure) -> stop.countDown());
        stop.await();
        // Every kind stops before the process ends, also when another has failed: the end of the process frees what
        // ONNX
        // Runtime's sessions use.
        app.close();
        if (!app.isEnded()) {
            LOG.error(
                    "a kind did not stop; the process ends at once, and the next start goes on from the last checkpoint");
            Runtime.getRuntime().halt(CommandFrame.FAILED);
        }
        try {
            app.finished().getNow(null);
            return CommandFrame.DONE;
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }
}
