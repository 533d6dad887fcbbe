package io.livepredict.streams.cli;

import io.livepredict.cli.CommandFrame;
import io.livepredict.cli.StopSignals;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.wiring.StreamsApp;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code streams-app}: events in, predictions and labelled examples out. */
@Command(
        name = "streams-app",
        description = "Events in, predictions and labelled examples out.",
        mixinStandardHelpOptions = true,
        version = "LivePredict 0.1.0",
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /** Runs the program and ends the process with its exit code. */
    public static void main(String[] args) {
        // Bounds for Avro: a few bytes can announce a collection of two billion items. Read once, so set before it
        // loads.
        setDefault("org.apache.avro.limits.collectionItems.maxLength", "65536");
        setDefault("org.apache.avro.limits.bytes.maxLength", "2097152");
        setDefault("org.apache.avro.limits.string.maxLength", "2097152");
        System.exit(execute(System.getenv(), args));
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /**
     * Runs the program and returns its exit code.
     *
     * @param env environment variables that may override the configuration
     */
    static int execute(Map<String, String> env, String... args) {
        return CommandFrame.run(commandLine(env), args);
    }

    /**
     * The program with its commands.
     *
     * @param env environment variables that may override the configuration
     */
    public static CommandLine commandLine(Map<String, String> env) {
        return new CommandLine(new Main())
                .addSubcommand(new Run(env))
                .addSubcommand(new TopicsCommand(env))
                .addSubcommand(new DeadLettersCommand(env))
                .addSubcommand(new EraseCommand(env))
                .addSubcommand(new PseudonymCommand(env));
    }

    @Command(name = "run", description = "Run until interrupted.", mixinStandardHelpOptions = true)
    private static final class Run implements Callable<Integer> {
        /** How soon a signal is seen. */
        private static final Duration LOOK = Duration.ofMillis(200);

        private final Map<String, String> env;

        @Option(names = "--config", required = true, paramLabel = "FILE", description = "The configuration, YAML.")
        private Path config = Path.of("streams-app.yaml");

        Run(Map<String, String> env) {
            this.env = env;
        }

        @Override
        public Integer call() throws InterruptedException {
            CountDownLatch stop = StopSignals.latch();
            StreamsApp app = StreamsApp.start(StreamsAppSettings.read(config, env));
            while (stop.getCount() > 0 && !app.awaitEnd(LOOK)) {
                // Runs until told otherwise.
            }
            end(app, stop.getCount() > 0 ? 1 : 0);
            if (app.failure().isPresent()) {
                throw app.failure().get();
            }
            return 0;
        }

        /** Closes the app; where a thread of it does not end, the process does so at once, without exit handlers. */
        private static void end(StreamsApp app, int otherwise) {
            app.close();
            if (!app.hasEndedOrderly()) {
                LOG.warn("a thread of the app did not end in time; the process ends at once");
                Runtime.getRuntime().halt(otherwise);
            }
        }
    }
}
