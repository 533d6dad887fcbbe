package io.livepredict.deploy.local;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.console.wiring.ConsoleApp;
import io.livepredict.deploy.replay.LogSpan;
import io.livepredict.deploy.replay.Recording;
import io.livepredict.deploy.replay.Replayer;
import io.livepredict.deploy.report.ReportRequest;
import io.livepredict.deploy.report.ReportTable;
import io.livepredict.deploy.report.RunReport;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.simulator.AlertFollower;
import io.livepredict.deploy.simulator.Intervention;
import io.livepredict.deploy.simulator.SimulatedPlatform;
import io.livepredict.deploy.simulator.SimulatorProducer;
import io.livepredict.deploy.simulator.SimulatorSettings;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicSetup;
import io.livepredict.trainer.wiring.TrainerApp;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything in one place: a broker, a schema registry, a simulated platform or a replayed log, the streams app and the
 * trainer. Started once, run until it is told to stop, reported on, and closed in the opposite order.
 */
final class LocalPlatform implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalPlatform.class);
    /** How long the end waits for an event to be scored, and for all of them when a person stops it. */
    private static final Duration LONGEST_DRAIN = Duration.ofSeconds(30);

    private static final Duration LONGEST_READY = Duration.ofMinutes(3);

    private final LocalOptions options;
    private final Console console;
    private final Clock clock;
    private final CountDownLatch stop;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private @Nullable ConsoleApp browser;

    /** What runs, once it does. */
    private record Running(
            StreamsAppSettings config,
            ReportRequest.Source source,
            StreamsApp app,
            TrainerApp trainer,
            LiveMonitor monitor,
            PipelineProgress progress) {}

    /** @param stop counted down when a person wants it to end */
    LocalPlatform(LocalOptions options, Console console, Clock clock, CountDownLatch stop) {
        this.options = options;
        this.console = console;
        this.clock = clock;
        this.stop = stop;
    }

    /**
     * Starts everything, runs, and reports.
     *
     * @return whether it ran to its end without failure
     * @throws StartException or another exception whose message is one line, if something can't be started
     */
    boolean run() {
        Ports.requireFree(options.brokerPort, "the broker", "--broker-port");
        Ports.requireFree(options.registryPort, "the schema registry", "--registry-port");
        Ports.requireFree(options.httpPort, "the streams app's HTTP", "--http-port");
        Ports.requireFree(options.trainerHttpPort, "the trainer's HTTP", "--trainer-http-port");
        Ports.requireFree(options.consolePort, "the console", "--console-port");
        LocalFiles files = opened(LocalFiles.open(options.data, options.fresh));
        files.ensureKeys();
        LocalConfig config = LocalConfig.write(
                options,
                files,
                "127.0.0.1:" + options.brokerPort,
                "http://127.0.0.1:" + options.registryPort + "/apis/ccompat/v7");
        Recording recording = recording(config.mapping());
        // First, so that there is something to look at while the others come up.
        ConsoleApp shown = ConsoleApp.start(config.console());
        browser = shown;
        console.line(
                "  console          " + shown.address() + "   open it in a browser; it fills as the parts come up");
        startServers(files);
        if (stop.getCount() == 0) {
            return true;
        }
        Running running = startPrograms(config, files);
        if (stop.getCount() == 0) {
            return true;
        }
        Feed feed = opened(startFeed(running, config, files, recording));
        console.step(
                feed instanceof Feed.Replayed
                        ? "replaying " + options.replay().file
                        : String.format(
                                Locale.ROOT, "simulating a platform at about %,.0f events per second", options.rate));
        addresses(files, shown);
        long began = System.nanoTime();
        boolean well = follow(running, feed, began);
        // A second close does nothing; this one ends the events before the others are asked what became of them.
        feed.close();
        return finish(running, feed, began, well);
    }

    private void startServers(LocalFiles files) {
        console.step("starting Kafka on 127.0.0.1:" + options.brokerPort + " and Apicurio Registry on 127.0.0.1:"
                + options.registryPort);
        CompletableFuture<EmbeddedBroker> broker =
                starting(() -> EmbeddedBroker.start(EmbeddedBroker.Options.kept(options.brokerPort, files.broker())));
        CompletableFuture<RegistryProcess> registry =
                starting(() -> RegistryProcess.start(options.registryPort, files.registry(), files.registryLog()));
        // Whichever comes up is closed at the end, even if the other does not.
        RuntimeException failure = null;
        for (CompletableFuture<? extends AutoCloseable> each : List.of(registry, broker)) {
            try {
                opened(each.join());
            } catch (CompletionException e) {
                failure = e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }
        if (failure != null) {
            throw failure;
        }
        console.step("Kafka and the registry are up");
    }

    private Running startPrograms(LocalConfig config, LocalFiles files) {
        StreamsAppSettings streams = config.streams();
        KafkaSettings kafka = streams.kafka();
        Namespace namespace = streams.namespace();
        AvroSerdes serdes = new AvroSerdes(opened(new ConfluentRegistryClient(streams.registry())));
        Topics topics = new Topics(namespace, streams.partitions(), serdes);
        List<Topic<?, ?>> wanted = streams.neededTopics(topics);
        wanted.add(topics.oracle());
        TopicSetup.ensure(kafka, wanted, 1);
        console.step("topics are there: " + namespace.name("*"));
        Admin admin = opened(Admin.create(kafka.client("local-admin")));
        TopicPositions from = TopicPositions.ends(admin, namespace.name(""));
        // Opened first so that it is closed last: nobody serves the models that it publishes while it stops.
        TrainerApp trainer = opened(TrainerApp.start(config.trainer()));
        StreamsApp app = opened(StreamsApp.start(streams));
        awaitReady(app);
        console.step("streams app and trainer are running, configured by " + files.streamsConfig() + " and "
                + files.trainerConfig());
        LiveMonitor monitor = opened(new LiveMonitor(
                        kafka.client("local-monitor"), topics, streams.kinds().targets(), from, clock)
                .start());
        PipelineProgress progress = new PipelineProgress(
                admin,
                streams.applicationId(),
                topics,
                streams.partitions(),
                streams.kinds().active(),
                from,
                app,
                trainer,
                System::nanoTime);
        ReportRequest.Source source = new ReportRequest.Source(kafka.client("local-report"), serdes, topics, from);
        return new Running(streams, source, app, trainer, monitor, progress);
    }

    private void awaitReady(StreamsApp app) {
        long deadline = System.nanoTime() + LONGEST_READY.toNanos();
        while (!app.isReady() && stop.getCount() > 0) {
            app.failure().ifPresent(e -> {
                throw e;
            });
            if (System.nanoTime() > deadline) {
                throw new StartException("the streams app is not ready after " + LONGEST_READY.toSeconds()
                        + " s; run with --verbose to see why");
            }
            pause(Duration.ofMillis(50));
        }
    }

    private @Nullable Recording recording(@Nullable MappingSettings mapping) {
        if (mapping == null) {
            return null;
        }
        Recording recording = opened(new Recording(options.replay().file, mapping, options.replay().limit));
        LogSpan beginning = recording.beginning();
        console.step("the log begins with " + beginning.words());
        if (beginning.hint() != null) {
            console.line("  " + beginning.hint());
        }
        recording.hints().forEach(hint -> console.line("  " + hint));
        return recording;
    }

    private Feed startFeed(Running running, LocalConfig config, LocalFiles files, @Nullable Recording recording) {
        Map<String, Object> client = running.config().kafka().client("local-events");
        if (recording != null) {
            LocalOptions.Speed speed = options.replay().speed;
            Replayer.Speed pace = new Replayer.Speed(
                    speed != null && speed.unbounded() ? 0 : options.replay().maxAhead,
                    speed == null ? OptionalDouble.empty() : speed.multiple());
            return new Feed.Replayed(
                    recording,
                    new Replayer(
                                    recording,
                                    client,
                                    running.source().topics(),
                                    pace,
                                    running.progress(),
                                    System::nanoTime)
                            .start());
        }
        SimulatedRun run = SimulatedRun.resume(options, files.simulated(), clock.millis());
        SimulatorSettings settings = SimulatorSettings.of(
                options.seed,
                run.startMillis(),
                options.rate,
                options.driftAt,
                config.streams().kinds().targets());
        SimulatedPlatform platform = new SimulatedPlatform(settings);
        Duration old = Duration.ofMillis(clock.millis() - run.startMillis());
        if (old.toSeconds() > 0) {
            console.step("the simulated platform goes on where it is by now, " + StatusLine.words(old)
                    + " after it began; what happened while nobody ran was not sent");
            platform.passOver(clock.millis());
        }
        Topics topics = running.source().topics();
        AlertFollower actor = AlertFollower.start(client, topics.alerts(), new Intervention(platform, options.keep));
        return new Feed.Simulated(new SimulatorProducer(platform, client, topics, clock).start(), actor);
    }

    private void addresses(LocalFiles files, ConsoleApp shown) {
        console.line("");
        console.line("  console          " + shown.address() + "   open it in a browser");
        console.line("  Kafka            127.0.0.1:" + options.brokerPort
                + "   topics livepredict.*; read predictions with isolation.level=read_committed");
        console.line("  schema registry  http://127.0.0.1:" + options.registryPort + "/apis/ccompat/v7");
        console.line(
                "  streams app      http://127.0.0.1:" + options.httpPort + "   /health /ready /metrics /model /v1");
        console.line(
                "  trainer          http://127.0.0.1:" + options.trainerHttpPort + "   /health /ready /metrics /v1");
        console.line("  files            " + files.root()
                + (files.isTemporary() ? "   gone at the end; keep them with --data DIR" : ""));
        console.line("  Ctrl-C ends it.");
        console.line("");
    }

    /** Watches until the time is up, the log is at its end, a person stops it, or something fails. */
    private boolean follow(Running running, Feed feed, long began) {
        StatusLine status = new StatusLine(running.monitor(), running.app(), System::nanoTime);
        Duration every = console.isTerminal() ? Duration.ofSeconds(1) : Duration.ofSeconds(5);
        long next = System.nanoTime() + every.toNanos();
        while (true) {
            boolean ended = feed.isEnded(); // asked first: what failed has ended too
            Exception failed = feed.failure();
            if (failed != null) {
                console.line("events end: " + failed.getMessage());
                return false;
            }
            if (running.app().failure().isPresent()) {
                console.line(String.valueOf(running.app().failure().get().getMessage()));
                return false;
            }
            if (running.trainer().finished().isCompletedExceptionally()) {
                console.line("the trainer ended: " + reason(running.trainer().finished()));
                return false;
            }
            boolean timeIsUp = options.duration != null && System.nanoTime() - began >= options.duration.toNanos();
            if (timeIsUp || ended) {
                return true;
            }
            if (System.nanoTime() >= next) {
                console.status(status.words(feed.sent(), progress(feed)));
                next += every.toNanos();
            }
            try {
                if (stop.await(50, TimeUnit.MILLISECONDS)) {
                    return true;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    private static String progress(Feed feed) {
        return switch (feed) {
            case Feed.Simulated simulated -> {
                Duration behind = simulated.producer().behind();
                yield behind.toMillis() < 1_000
                        ? ""
                        : "events are sent " + behind.toSeconds() + " s late: this machine can't keep the rate";
            }
            case Feed.Replayed replayed -> {
                Duration left = replayed.replayer().timeLeft();
                yield String.format(
                                Locale.ROOT,
                                "%.1f %% of the log",
                                100 * replayed.replayer().progress())
                        + (left == null ? "" : ", " + StatusLine.words(left) + " left");
            }
        };
    }

    private boolean finish(Running running, Feed feed, long began, boolean well) {
        boolean drained = well && drain(running);
        Duration lasted = Duration.ofNanos(System.nanoTime() - began);
        if (feed instanceof Feed.Replayed replayed) {
            Recording recording = replayed.recording();
            console.step(String.format(
                    Locale.ROOT,
                    "the log: %,d rows read, %,d events sent, left out %s",
                    recording.rows(),
                    recording.events(),
                    recording.leftOut()));
            console.line("  " + recording.span().words());
            if (!recording.valuesLeftOut().isEmpty()) {
                console.line("  values left out of events: " + recording.valuesLeftOut());
            }
            recording.faults().forEach(fault -> console.line("  " + fault));
        }
        boolean wanted = options.report != null || options.duration != null || feed.isEnded();
        if (!wanted) {
            return well;
        }
        ReportRequest.Activations activations = new ReportRequest.Activations(
                running.app().metrics().sum(Metric.ACTIVATIONS),
                running.app().metrics().by(Metric.REFUSALS, "reason"),
                running.app().activeVersions());
        ReportRequest.Latency latency = running.monitor().latency();
        console.step("counting what the topics hold");
        ObjectNode report;
        try {
            report = RunReport.of(new ReportRequest(
                    running.source(),
                    ReportRequest.Installation.of(running.config()),
                    new ReportRequest.Observed(
                            activations,
                            latency,
                            running.app().metrics().by(Metric.PREDICTIONS_WITHHELD, "reason"),
                            lasted)));
        } catch (RegistryUnavailableException e) {
            throw new StartException("there is no report: " + e.getMessage(), e);
        }
        if (!drained) {
            report.put("incomplete", "the run ended before everything sent had been scored");
        }
        if (feed instanceof Feed.Replayed replayed) {
            ObjectNode log = report.putObject("log");
            log.put("rows", replayed.recording().rows());
            log.put("events", replayed.recording().events());
            replayed.recording().span().put(log);
            ObjectNode leftOut = log.putObject("left_out");
            replayed.recording().leftOut().forEach(leftOut::put);
        }
        ReportTable.print(report, console::line);
        if (options.report != null) {
            try {
                RunReport.write(report, options.report);
            } catch (IOException e) {
                throw new StartException("the report can't be written to " + options.report + ": " + e.getMessage(), e);
            }
            console.step("the report is in " + options.report);
        }
        if (feed instanceof Feed.Replayed replayed && report.at("/events/valid").asLong() == 0) {
            String hint = replayed.recording().span().hint();
            console.line("error: " + options.replay().file + ": nothing could be used: "
                    + replayed.recording().rows() + " rows gave "
                    + replayed.recording().events()
                    + " events, and none was valid; " + (hint == null ? "see what was left out above" : hint));
            return false;
        }
        return well;
    }

    /** Waits until everything sent has been scored, for as long as that goes on. */
    private boolean drain(Running running) {
        long sent = running.progress().eventsSent();
        long scored = running.progress().eventsConsumed();
        long began = System.nanoTime();
        long advanced = began;
        long told = began;
        while (scored < sent) {
            long now = System.nanoTime();
            long since = stop.getCount() == 0 ? began : advanced;
            if (now - since > LONGEST_DRAIN.toNanos() || running.app().failure().isPresent()) {
                LOG.warn("{} of {} events were scored when the run ended", scored, sent);
                return false;
            }
            if (now - told > Duration.ofSeconds(5).toNanos()) {
                console.status(String.format(Locale.ROOT, "all sent; %,d of %,d events scored", scored, sent));
                told = now;
            }
            pause(Duration.ofMillis(50));
            long before = scored;
            scored = running.progress().eventsConsumed();
            advanced = scored > before ? System.nanoTime() : advanced;
        }
        return true;
    }

    private static String reason(CompletableFuture<Void> ended) {
        try {
            ended.join();
            return "for no reason given";
        } catch (CompletionException e) {
            return String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted", e);
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.push(part);
        return part;
    }

    private static <T> CompletableFuture<T> starting(Supplier<T> start) {
        CompletableFuture<T> future = new CompletableFuture<>();
        Thread.ofPlatform().name("start").daemon().start(() -> {
            try {
                future.complete(start.get());
            } catch (Throwable e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    /** Ends what was started, last first. */
    @Override
    public void close() {
        if (!open.isEmpty()) {
            console.step("ending");
        }
        if (browser != null) {
            browser.close(); // before what it watches
        }
        while (!open.isEmpty()) {
            AutoCloseable part = open.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("while ending: {}", e.toString());
            }
        }
    }
}
