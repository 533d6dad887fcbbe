package io.livepredict.deploy.tools;

import io.livepredict.contract.Topics;
import io.livepredict.deploy.simulator.AlertFollower;
import io.livepredict.deploy.simulator.Intervention;
import io.livepredict.deploy.simulator.SimulatedPlatform;
import io.livepredict.deploy.simulator.SimulatorProducer;
import io.livepredict.deploy.simulator.SimulatorSettings;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.topics.TopicSetup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "simulate",
        description = "Send a simulated platform's events to the canonical topics until interrupted.",
        mixinStandardHelpOptions = true)
final class SimulateCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(SimulateCommand.class);
    private static final int STATUS_EVERY_SECONDS = 30;

    private final Map<String, String> env;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The streams app's configuration: where Kafka is and what is predicted.")
    private Path config = Path.of("streams-app.yaml");

    @Option(names = "--rate", paramLabel = "N", defaultValue = "100", description = "Events per second, default 100.")
    private double rate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of everything that is drawn, default 1.")
    private long seed;

    @Option(
            names = "--events",
            paramLabel = "N",
            defaultValue = "0",
            description = "End after about that many, default never.")
    private long events;

    @Option(
            names = "--drift-at",
            paramLabel = "TIME",
            description = "Change the rates of behaviour after this long, such as 5m; default: never.")
    private @Nullable Duration driftAt;

    @Option(
            names = "--silences",
            description = "Let entities also be away, asleep, or gone without a word: silence must then be understood.")
    private boolean silences;

    @Option(
            names = "--keep",
            paramLabel = "SHARE",
            defaultValue = "0",
            description =
                    "Act on alerts: this share of those alerted, 0 to 1, does not leave for a minute; nobody of those held out."
                            + " Default 0.")
    private double keep;

    @Option(
            names = "--alive-file",
            paramLabel = "FILE",
            description = "A file to touch while events go out, for a health check.")
    private @Nullable Path aliveFile;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    SimulateCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (!(keep >= 0 && keep <= 1)) {
            throw new ParameterException(spec.commandLine(), "--keep must be in 0..1, got " + keep);
        }
        StreamsAppSettings read = StreamsAppSettings.read(config, env);
        try (ConfluentRegistryClient registry = new ConfluentRegistryClient(read.registry())) {
            Topics topics = new Topics(read.namespace(), read.partitions(), new AvroSerdes(registry));
            TopicSetup.ensure(read.kafka(), List.of(topics.oracle()), read.replication());
            Clock clock = Clock.systemUTC();
            SimulatorSettings settings = SimulatorSettings.of(
                    seed, clock.millis(), rate, driftAt, read.kinds().targets());
            SimulatorSettings wanted = silences ? settings.withSilences(List.of()) : settings;
            Map<String, Object> client = read.kafka().client(read.namespace().name("simulator"));
            CountDownLatch told = new CountDownLatch(1);
            CountDownLatch closed = new CountDownLatch(1);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                told.countDown();
                                awaitQuietly(closed);
                            },
                            "simulator-shutdown"));
            SimulatedPlatform platform = new SimulatedPlatform(wanted);
            try (SimulatorProducer producer = new SimulatorProducer(platform, client, topics, clock);
                    AlertFollower ignored =
                            AlertFollower.start(client, topics.alerts(), new Intervention(platform, keep))) {
                producer.start();
                LOG.info(
                        "simulating {} events per second to {}",
                        rate,
                        read.kafka().bootstrapServers());
                return watch(producer, told);
            } finally {
                closed.countDown();
            }
        }
    }

    private int watch(SimulatorProducer producer, CountDownLatch told) throws InterruptedException {
        long before = 0;
        for (long second = 1; !told.await(1, TimeUnit.SECONDS); second++) {
            Exception failure = producer.failure();
            if (failure != null) {
                throw new IllegalStateException("the simulator stopped: " + failure.getMessage(), failure);
            }
            long sent = producer.sent();
            if (sent > before) {
                touch();
            }
            before = sent;
            if (second % STATUS_EVERY_SECONDS == 0) {
                LOG.info(
                        "{} events sent, {} s behind the clock",
                        sent,
                        producer.behind().toSeconds());
            }
            if (events > 0 && sent >= events) {
                LOG.info("{} events sent, ending", sent);
                return 0;
            }
        }
        return 0;
    }

    private void touch() {
        if (aliveFile == null) {
            return;
        }
        try {
            Files.writeString(aliveFile, "alive\n");
        } catch (IOException e) {
            throw new UncheckedIOException(aliveFile + " can't be written: " + e.getMessage(), e);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                LOG.warn("not everything that was sent may have arrived");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
