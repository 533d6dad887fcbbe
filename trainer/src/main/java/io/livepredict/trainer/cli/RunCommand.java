package io.livepredict.trainer.cli;

import io.livepredict.trainer.wiring.TrainerApp;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
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
        TrainerApp app =
                TrainerApp.start(config.read(), TrainerApp.Options.defaults().fresh(fresh));
        Runtime.getRuntime().addShutdownHook(new Thread(app::close, "trainer-shutdown"));
        LOG.info("trainer runs; health, readiness and metrics at port {}", app.httpPort());
        try {
            app.finished().get();
            return 0;
        } catch (CancellationException e) {
            return 1;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
        }
    }
}
