package io.livepredict.deploy.console.cli;

import io.livepredict.cli.CommandFrame;
import io.livepredict.cli.StopSignals;
import io.livepredict.deploy.console.config.ConsoleConfig;
import io.livepredict.deploy.console.wiring.ConsoleApp;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code console}: what goes on, in a browser. */
@Command(
        name = "console",
        description =
                "What goes on, in a browser: traffic, rooms, how well it predicts, single viewers and players, models.",
        mixinStandardHelpOptions = true,
        version = "LivePredict 0.1.0")
public final class Main implements Callable<Integer> {
    private final Map<String, String> env;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The configuration, YAML.")
    private Path config = Path.of("console.yaml");

    private Main(Map<String, String> env) {
        this.env = env;
    }

    /** Runs the program and ends the process with its exit code. */
    public static void main(String[] args) {
        // Bounds for Avro, as in the other programs; read once, so set before it loads.
        Map.of(
                        "org.apache.avro.limits.collectionItems.maxLength", "65536",
                        "org.apache.avro.limits.bytes.maxLength", "2097152",
                        "org.apache.avro.limits.string.maxLength", "2097152")
                .forEach((property, value) -> System.setProperty(property, System.getProperty(property, value)));
        System.exit(CommandFrame.run(commandLine(System.getenv()), args));
    }

    /**
     * The program.
     *
     * @param env environment variables that may override the configuration
     */
    public static CommandLine commandLine(Map<String, String> env) {
        return new CommandLine(new Main(env));
    }

    @Override
    public Integer call() throws InterruptedException {
        CountDownLatch stop = StopSignals.latch();
        try (ConsoleApp app = ConsoleApp.start(ConsoleConfig.read(config, env))) {
            System.out.println("the console is at " + app.address());
            stop.await();
        }
        return CommandFrame.DONE;
    }
}
