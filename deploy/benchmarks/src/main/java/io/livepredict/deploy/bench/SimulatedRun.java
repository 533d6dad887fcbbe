package io.livepredict.deploy.bench;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.TargetLabel;
import io.livepredict.cli.ProgressLine;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.deploy.backtest.Backtest;
import io.livepredict.deploy.backtest.BacktestConfig;
import io.livepredict.deploy.backtest.BacktestRun;
import io.livepredict.deploy.simulator.SimulatedEvent;
import io.livepredict.deploy.simulator.SimulatedPlatform;
import io.livepredict.deploy.simulator.SimulatorSettings;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.KindSettingsBuilder;
import io.livepredict.settings.KindsAndTargets;
import io.livepredict.settings.TargetSettings;
import io.livepredict.settings.TargetSettingsBuilder;
import io.livepredict.settings.YamlFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Backtests that take in the very same simulated events, side by side: what each of them served, beside what the oracle
 * knew. The topology and the learner in lockstep with the events, in event time; one version per second, as live.
 */
final class SimulatedRun implements AutoCloseable {
    /** Any time will do; a round one is easier to read. */
    private static final long START_MILLIS = 1_700_000_000_000L;
    /** How many events wait to become examples at most; those of a minute at 1,000 a second are 60,000. */
    private static final int LATEST_EVENTS = 200_000;

    private final Kind kind;
    private final List<Target> targets;
    private final List<Backtest> backtests = new ArrayList<>();
    private final SimulatedPlatform platform;
    private final Map<String, Map<String, Double>> oracle = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Map<String, Double>> eldest) {
            return size() > LATEST_EVENTS;
        }
    };
    private final List<Scored> scored = new ArrayList<>();

    /** What the platform's events mean and what is predicted, as deploy/local has it. */
    record Meaning(Map<Kind, KindSettings> kinds, List<TargetSettings> targets) {
        static Meaning read() {
            return YamlFile.parse(yaml(), "platform.yaml", Meaning.class);
        }

        KindsAndTargets resolve() {
            return KindsAndTargets.of(kinds, targets);
        }

        /** The same with looks at that kind, at which each of its targets is predicted too. */
        Meaning withLooks(Kind kind, List<Duration> steps) {
            Map<Kind, KindSettings> looking = new EnumMap<>(kinds);
            looking.computeIfPresent(
                    kind,
                    (each, settings) ->
                            KindSettingsBuilder.builder(settings).looks(steps).build());
            return new Meaning(
                    looking,
                    targets.stream()
                            .map(target -> target.kind() == kind ? alsoAtLooks(target) : target)
                            .toList());
        }

        private static TargetSettings alsoAtLooks(TargetSettings target) {
            List<String> on = new ArrayList<>(Objects.requireNonNull(target.snapshotOn()));
            on.add(KindDefinition.LOOK);
            return TargetSettingsBuilder.builder(target)
                    .predictOn(on)
                    .snapshotOn(on)
                    .build();
        }
    }

    /**
     * One target's label at a snapshot.
     *
     * @param atMillis as-of time of the snapshot, since the start
     * @param example which example it came with, counted in the order in which they were emitted
     * @param look whether it was taken in silence
     * @param label 1 or 0
     * @param oracle the probability of it, given the hidden state
     * @param served by backtest: the score that was served
     */
    @SuppressWarnings("ArrayRecordComponent") // filled by the backtests one after the other, never compared
    record Scored(
            String target, long atMillis, long example, boolean look, double label, double oracle, float[] served) {}

    /**
     * @param rate events a second, of both kinds together, as deploy/local's {@code --rate}
     * @param driftAt when the rates change; null for never
     * @param configs of the backtests
     */
    SimulatedRun(Kind kind, long seed, double rate, @Nullable Duration driftAt, List<BacktestConfig> configs) {
        this(
                kind,
                Meaning.read(),
                configs,
                targets -> SimulatorSettings.of(seed, START_MILLIS, rate, driftAt, targets));
    }

    /** Of a platform on which silence has a meaning, with looks so long after an entity's latest event. */
    static SimulatedRun withLooks(Kind kind, long seed, double rate, List<Duration> steps, BacktestConfig config) {
        return new SimulatedRun(
                kind,
                Meaning.read().withLooks(kind, steps),
                List.of(config),
                targets -> SimulatorSettings.of(seed, START_MILLIS, rate, null, targets)
                        .withSilences(steps));
    }

    private SimulatedRun(
            Kind kind,
            Meaning meaning,
            List<BacktestConfig> configs,
            Function<List<Target>, SimulatorSettings> settings) {
        this.kind = kind;
        targets = meaning.resolve().targets(kind);
        List<TargetSettings> own =
                meaning.targets().stream().filter(t -> t.kind() == kind).toList();
        for (BacktestConfig config : configs) {
            Backtest backtest = new Backtest(config, kind, meaning.kinds(), own);
            int index = backtests.size();
            int[] next = {0};
            backtest.listen((example, now) -> next[0] = take(index, next[0], backtest, example));
            backtests.add(backtest);
        }
        platform = new SimulatedPlatform(settings.apply(targets));
    }

    /** The shipped configuration with live cadences: one version per second, batches of a second at most. */
    static BacktestConfig live() {
        return BacktestConfig.live(Duration.ofSeconds(3), Duration.ofSeconds(1));
    }

    private static String yaml() {
        try (InputStream in = Objects.requireNonNull(
                SimulatedRun.class.getResourceAsStream("/io/livepredict/deploy/local/platform.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first backtest's labels are noted; what the others served is put beside them. */
    private int take(int index, int next, Backtest backtest, LabelledExample example) {
        boolean look = example.getEventId().startsWith(example.getEntityId() + '@');
        Map<String, Double> known = oracle.getOrDefault(
                look ? look(example.getEntityId(), example.getAsOf()) : example.getEventId(), Map.of());
        int at = next;
        for (TargetLabel label : example.getLabels()) {
            Double probability = known.get(label.getTarget());
            if (probability == null) {
                continue; // a late event of an entity that had already left
            }
            if (index == 0) {
                scored.add(new Scored(
                        label.getTarget(),
                        example.getAsOf() - START_MILLIS,
                        backtest.examples(),
                        look,
                        label.getLabel(),
                        probability,
                        new float[backtests.size()]));
            }
            scored.get(at++).served()[index] = (float) label.getServedScore();
        }
        return at;
    }

    /** Under what the oracle's answer at a look is kept: whoever looks names it differently. */
    private static String look(String entityId, long timeMillis) {
        return entityId + '@' + timeMillis;
    }

    /** Takes all backtests through so much of the platform's time. */
    void through(Duration duration, PrintStream out, LongSupplier nanoClock) {
        ProgressLine progress = new ProgressLine(new PrintWriter(out), "simulated " + kind.id() + "s", nanoClock);
        while (true) {
            SimulatedEvent event = platform.next();
            long at = event.sentMillis() - START_MILLIS;
            if (at >= duration.toMillis()) {
                return;
            }
            if (event.kind() != kind) {
                continue;
            }
            if (!event.oracle().isEmpty()) {
                oracle.put(
                        event.isLook() ? look(event.entityId(), event.timeMillis()) : event.eventId(), event.oracle());
            }
            if (event.isLook()) {
                continue; // only the oracle's answer
            }
            CanonicalEvent canonical = event.canonical();
            backtests.forEach(backtest -> backtest.accept(canonical));
            progress.at((double) at / duration.toMillis(), () -> BacktestRun.state(backtests.getFirst(), progress));
        }
    }

    /** Names of the targets, in configuration order. */
    List<String> targets() {
        return targets.stream().map(Target::name).toList();
    }

    /** How far the labels look ahead at most. */
    Duration longestHorizon() {
        return targets.stream()
                .map(Target::within)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** Every label so far with what was served, by as-of time. */
    List<Scored> scored() {
        return scored.stream()
                .sorted(Comparator.comparingLong(Scored::atMillis).thenComparingLong(Scored::example))
                .toList();
    }

    Backtest backtest(int index) {
        return backtests.get(index);
    }

    @Override
    public void close() {
        backtests.forEach(Backtest::close);
    }
}
