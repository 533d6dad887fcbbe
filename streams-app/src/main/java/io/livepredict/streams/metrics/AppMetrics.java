package io.livepredict.streams.metrics;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.http.Api;
import io.livepredict.model.Refusal;
import io.livepredict.streams.activity.ActivityCounters;
import io.livepredict.streams.choice.ChoiceCounters;
import io.livepredict.streams.ingest.IngestCounters;
import io.livepredict.streams.mapping.Skip;
import io.livepredict.streams.model.Activation;
import io.livepredict.streams.model.ModelCounters;
import io.livepredict.streams.outcome.OutcomeCounters;
import io.livepredict.streams.score.FlushCause;
import io.livepredict.streams.score.ScoreCounters;
import io.livepredict.streams.time.OutputGate;
import io.livepredict.streams.topology.KindFlow;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Counts what the steps report, as {@link Metric} declares it. Safe for use from many threads. */
public final class AppMetrics implements AutoCloseable {
    private static final Duration FINEST = Duration.ofNanos(50_000);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Counter threadsReplaced = counter(Metric.THREADS_REPLACED);
    private final Counter restoredRecords = counter(Metric.RESTORED_RECORDS);

    /** Everything in the form that Prometheus reads. */
    public String scrape() {
        return registry.scrape();
    }

    /** The registry, for meters of the JVM and of Kafka's clients. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /**
     * The sum of a counter over all meters that have these label values; for timers and summaries how often they were
     * recorded.
     *
     * @param labels name, value, name, value …
     */
    public long sum(Metric metric, String... labels) {
        double sum = 0;
        for (Meter meter : registry.find(metric.id()).tags(labels).meters()) {
            sum += switch (meter) {
                case Counter counter -> counter.count();
                case Timer timer -> timer.count();
                case DistributionSummary summary -> summary.count();
                case Gauge gauge -> gauge.value();
                default -> 0;
            };
        }
        return Math.round(sum);
    }

    /** Sums of a counter by the value of one of its labels. */
    public Map<String, Long> by(Metric metric, String label) {
        Map<String, Long> sums = new HashMap<>();
        for (Meter meter : registry.find(metric.id()).meters()) {
            String value = meter.getId().getTag(label);
            if (value != null && meter instanceof Counter counter && counter.count() > 0) {
                sums.merge(value, Math.round(counter.count()), Long::sum);
            }
        }
        return sums;
    }

    /** A stream thread was replaced. */
    public void threadReplaced() {
        threadsReplaced.increment();
    }

    /** So many records of changelogs were restored. */
    public void restored(long records) {
        restoredRecords.increment(records);
    }

    /** Shows the active model of a kind. */
    public void watch(Kind kind, List<Target> targets, Activation activation, LongSupplier wallClockMillis) {
        for (Target target : targets) {
            Gauge.builder(
                            Metric.SERVED_BY_PRIOR.id(),
                            activation,
                            a -> a.servedByPrior().contains(target.name()) ? 1 : 0)
                    .description(Metric.SERVED_BY_PRIOR.description())
                    .tags(tags(Metric.SERVED_BY_PRIOR, kind.id(), target.name()))
                    .register(registry);
        }
        gauge(Metric.ACTIVE_VERSION, kind, activation, a -> (double) a.activeVersion());
        gauge(Metric.TARGETS_DIFFERING, kind, activation, a ->
                (double) a.targetDifferences().count());
        gauge(
                Metric.MODEL_AGE,
                kind,
                activation,
                a -> a.manifest()
                        .map(manifest -> (wallClockMillis.getAsLong()
                                        - Instant.parse(manifest.createdAt()).toEpochMilli())
                                / 1000.0)
                        .orElse(Double.NaN));
    }

    /** Counters for the steps of one kind. */
    public KindFlow.Counters counters(Kind kind, List<Target> targets) {
        return new KindFlow.Counters(
                new IngestMeters(kind),
                new ActivityMeters(kind),
                new ScoreMeters(kind),
                new OutcomeMeters(kind, targets),
                new ChoiceMeters(kind));
    }

    /** Counts the API's requests. */
    public Api.Requests api() {
        Map<String, Timer> timers = new ConcurrentHashMap<>(); // an operation answers a handful of statuses
        return (operation, status, nanos) -> timers.computeIfAbsent(
                        operation + ' ' + status,
                        key -> timer(Metric.API_REQUESTS, FINEST, operation, Integer.toString(status)))
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Counters for receiving models. */
    public ModelCounters models() {
        return new ModelCounters() {
            @Override
            public void activated(String name, long version) {
                counter(Metric.ACTIVATIONS, name).increment();
            }

            @Override
            public void refused(String name, Refusal reason) {
                counter(Metric.REFUSALS, name, reason.name()).increment();
            }

            @Override
            public void ignored(Refusal reason, long records) {
                counter(Metric.MODEL_RECORDS_IGNORED, reason.name()).increment(records);
            }
        };
    }

    /**
     * Watches whether a source topic's history is still awaited.
     *
     * @param awaited asked whenever metrics are read
     */
    public void historyAwaited(String topic, BooleanSupplier awaited) {
        Gauge.builder(Metric.HISTORY_AWAITED.id(), awaited, now -> now.getAsBoolean() ? 1 : 0)
                .description(Metric.HISTORY_AWAITED.description())
                .tags(tags(Metric.HISTORY_AWAITED, topic))
                .strongReference(true)
                .register(registry);
    }

    @Override
    public void close() {
        registry.close();
    }

    private Counter counter(Metric metric, String... labelValues) {
        return Counter.builder(metric.id())
                .description(metric.description())
                .tags(tags(metric, labelValues))
                .register(registry);
    }

    private void gauge(
            Metric metric, Kind kind, Activation activation, java.util.function.ToDoubleFunction<Activation> value) {
        Gauge.Builder<Activation> builder = Gauge.builder(metric.id(), activation, value)
                .description(metric.description())
                .tags(tags(metric, kind.id()));
        if (metric.unit().equals("seconds")) {
            builder.baseUnit("seconds");
        }
        builder.register(registry);
    }

    /** Buckets double from that on. */
    private Timer timer(Metric metric, Duration first, String... labelValues) {
        return Timer.builder(metric.id())
                .description(metric.description())
                .tags(tags(metric, labelValues))
                .serviceLevelObjectives(IntStream.range(0, 18)
                        .mapToObj(i -> first.multipliedBy(1L << i))
                        .toArray(Duration[]::new))
                .register(registry);
    }

    private static Tags tags(Metric metric, String... values) {
        if (values.length != metric.labels().size()) {
            throw new IllegalArgumentException(metric + " has labels " + metric.labels());
        }
        Tags tags = Tags.empty();
        for (int i = 0; i < values.length; i++) {
            tags = tags.and(metric.labels().get(i), values[i]);
        }
        return tags;
    }

    private static String written(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private final class IngestMeters implements IngestCounters {
        private final Counter refused;
        private final Map<Skip, Counter> skipped = new EnumMap<>(Skip.class);
        private final Map<DeadLetterReason, Counter> reasons = new EnumMap<>(DeadLetterReason.class);
        private final Map<String, Counter> columns = new ConcurrentHashMap<>();
        private final Kind kind;

        IngestMeters(Kind kind) {
            this.kind = kind;
            refused = counter(Metric.EVENTS, kind.id(), "dead-letter");
            for (Skip skip : Skip.values()) {
                skipped.put(skip, counter(Metric.EVENTS, kind.id(), written(skip)));
            }
            for (DeadLetterReason reason : DeadLetterReason.values()) {
                reasons.put(reason, counter(Metric.DEAD_LETTERS, kind.id(), reason.name()));
            }
        }

        @Override
        public void skipped(Skip why) {
            count(skipped.get(why));
        }

        @Override
        public void deadLetter(DeadLetterReason reason) {
            refused.increment();
            count(reasons.get(reason));
        }

        @Override
        public void fieldLeftOut(String column) {
            columns.computeIfAbsent(column, name -> counter(Metric.FIELDS_LEFT_OUT, kind.id(), name))
                    .increment();
        }
    }

    private final class ActivityMeters implements ActivityCounters {
        private final Counter valid;
        private final Counter repeated;
        private final Counter refused;
        private final Counter late;
        private final Counter erased;
        private final Counter heldBack;
        private final Counter looks;
        private final Map<Integer, AtomicLong> looksBehind = new ConcurrentHashMap<>();
        private final Counter staysDropped;
        private final Counter contextWhole;
        private final Counter contextMissing;
        private final Kind kind;
        private final Map<TopicPartition, AtomicLong> held = new ConcurrentHashMap<>();
        private final Counter expired;
        private final Counter unreadable;

        ActivityMeters(Kind kind) {
            this.kind = kind;
            valid = counter(Metric.EVENTS, kind.id(), "valid");
            repeated = counter(Metric.EVENTS, kind.id(), "repeated");
            refused = counter(Metric.EVENTS, kind.id(), "dead-letter");
            late = counter(Metric.DEAD_LETTERS, kind.id(), DeadLetterReason.LATE.name());
            erased = counter(Metric.EVENTS, kind.id(), "erased");
            heldBack = counter(Metric.EVENTS_HELD_BACK, kind.id());
            contextWhole = counter(Metric.CONTEXT_LOOKUPS, kind.id(), "whole");
            contextMissing = counter(Metric.CONTEXT_LOOKUPS, kind.id(), "missing");
            looks = counter(Metric.LOOKS, kind.id());
            staysDropped = counter(Metric.STAYS_DROPPED, kind.id());
            expired = counter(Metric.ENTITIES_EXPIRED, kind.id());
            unreadable = counter(Metric.STATE_UNREADABLE, kind.id());
        }

        @Override
        public void added() {
            valid.increment();
        }

        @Override
        public void repeated() {
            repeated.increment();
        }

        @Override
        public void late() {
            refused.increment();
            late.increment();
        }

        @Override
        public void erasedEvent() {
            erased.increment();
        }

        @Override
        public void heldBack() {
            heldBack.increment();
        }

        @Override
        public void heldUp(TopicPartition source, long millis) {
            held.computeIfAbsent(source, of -> secondsGauge(Metric.TIME_HELD, of.topic(), of.partition() + ""))
                    .set(millis);
        }

        @Override
        public void looked() {
            looks.increment();
        }

        @Override
        public void looksBehind(int task, long millis) {
            looksBehind
                    .computeIfAbsent(task, of -> secondsGauge(Metric.LOOKS_BEHIND, of.toString()))
                    .set(millis);
        }

        private AtomicLong secondsGauge(Metric metric, String... of) {
            AtomicLong now = new AtomicLong();
            String[] values = Stream.concat(Stream.of(kind.id()), Stream.of(of)).toArray(String[]::new);
            Gauge.builder(metric.id(), now, millis -> millis.get() / 1000.0)
                    .description(metric.description())
                    .tags(tags(metric, values))
                    .baseUnit("seconds")
                    .register(registry);
            return now;
        }

        @Override
        public void contextLooked(boolean whole) {
            (whole ? contextWhole : contextMissing).increment();
        }

        @Override
        public void stayDropped() {
            staysDropped.increment();
        }

        @Override
        public void expired() {
            expired.increment();
        }

        @Override
        public void unreadable() {
            unreadable.increment();
        }
    }

    private final class ScoreMeters implements ScoreCounters {
        private final Map<FlushCause, Counter> batches = new EnumMap<>(FlushCause.class);
        private final DistributionSummary rows;
        private final Timer scoring;
        private final Timer latency;
        private final Timer learningLag;
        private final Counter failed;
        private final Counter explained;

        ScoreMeters(Kind kind) {
            for (FlushCause cause : FlushCause.values()) {
                batches.put(cause, counter(Metric.BATCHES, kind.id(), written(cause)));
            }
            rows = DistributionSummary.builder(Metric.BATCH_ROWS.id())
                    .description(Metric.BATCH_ROWS.description())
                    .tags(tags(Metric.BATCH_ROWS, kind.id()))
                    .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
                    .register(registry);
            scoring = timer(Metric.SCORING, FINEST, kind.id());
            latency = timer(Metric.LATENCY, FINEST, kind.id());
            learningLag = timer(Metric.LEARNING_LAG, Duration.ofMillis(125), kind.id());
            failed = counter(Metric.DEAD_LETTERS, kind.id(), DeadLetterReason.SCORING_FAILED.name());
            explained = counter(Metric.EXPLAINED, kind.id());
        }

        @Override
        public void batch(int count, long nanos, FlushCause cause) {
            Counter counter = batches.get(cause);
            if (counter != null) {
                counter.increment();
            }
            if (count > 0) {
                rows.record(count);
                scoring.record(nanos, TimeUnit.NANOSECONDS);
            }
        }

        @Override
        public void latency(long millis) {
            latency.record(Math.max(0, millis), TimeUnit.MILLISECONDS);
        }

        @Override
        public void learningLag(long millis) {
            learningLag.record(Math.max(0, millis), TimeUnit.MILLISECONDS);
        }

        @Override
        public void failed() {
            failed.increment();
        }

        @Override
        public void explained(int count) {
            explained.increment(count);
        }
    }

    private final class ChoiceMeters implements ChoiceCounters {
        private final Kind kind;
        private final Counter unreadable;
        /** Made at the first choice: a kind without choices has none. */
        private final Map<Boolean, Counter> chosen = new ConcurrentHashMap<>();

        ChoiceMeters(Kind kind) {
            this.kind = kind;
            unreadable = counter(Metric.STATE_UNREADABLE, kind.id());
        }

        @Override
        public void chosen(boolean candidate) {
            chosen.computeIfAbsent(candidate, yes -> counter(Metric.CHOICES, kind.id(), yes ? "yes" : "no"))
                    .increment();
        }

        @Override
        public void unreadable() {
            unreadable.increment();
        }
    }

    private final class OutcomeMeters implements OutcomeCounters {
        private final Map<String, Counter> predictions = new HashMap<>();
        private final Map<String, Map<OutputGate.Withheld, Counter>> withheld = new HashMap<>();
        private final Map<String, Counter> positive = new HashMap<>();
        private final Map<String, Counter> negative = new HashMap<>();
        private final Kind kind;
        private final Counter snapshots;
        private final Counter refused;
        private final Counter dropped;
        private final Counter unreadable;
        private final Counter forgotten;
        private final Counter unknown;

        OutcomeMeters(Kind kind, List<Target> targets) {
            this.kind = kind;
            for (Target target : targets) {
                predictions.put(target.name(), counter(Metric.PREDICTIONS, kind.id(), target.name()));
                Map<OutputGate.Withheld, Counter> reasons = new EnumMap<>(OutputGate.Withheld.class);
                for (OutputGate.Withheld why : OutputGate.Withheld.values()) {
                    reasons.put(why, counter(Metric.PREDICTIONS_WITHHELD, kind.id(), target.name(), written(why)));
                }
                withheld.put(target.name(), reasons);
                positive.put(
                        target.name(),
                        counter(Metric.LABELS, kind.id(), target.name(), target.isBinary() ? "positive" : "value"));
                negative.put(
                        target.name(),
                        counter(Metric.LABELS, kind.id(), target.name(), target.isBinary() ? "negative" : "value"));
            }
            snapshots = counter(Metric.SNAPSHOTS, kind.id());
            refused = counter(Metric.SNAPSHOTS_REFUSED, kind.id());
            forgotten = counter(Metric.ERASURES, kind.id(), "removed");
            unknown = counter(Metric.ERASURES, kind.id(), "none");
            dropped = counter(Metric.LABELS_DROPPED, kind.id());
            unreadable = counter(Metric.STATE_UNREADABLE, kind.id());
        }

        @Override
        public void predicted(Target target) {
            count(predictions.get(target.name()));
        }

        @Override
        public void withheld(Target target, OutputGate.Withheld why) {
            count(withheld.getOrDefault(target.name(), Map.of()).get(why));
        }

        @Override
        public void raised(String alert, boolean heldOut) {
            counter(Metric.ALERTS, kind.id(), alert, "raised").increment();
        }

        @Override
        public void cleared(String alert, String cause) {
            counter(Metric.ALERTS, kind.id(), alert, cause).increment();
        }

        @Override
        public void notRaised(String alert) {
            counter(Metric.ALERTS, kind.id(), alert, "not-raised").increment();
        }

        @Override
        public void notFollowed(String alert) {
            counter(Metric.ALERTS, kind.id(), alert, "not-followed").increment();
        }

        @Override
        public void outcome(String alert, boolean heldOut, boolean happened) {
            String group = heldOut ? "held-out" : "alerted";
            counter(Metric.ALERT_OUTCOMES, kind.id(), alert, group, happened ? "happened" : "not")
                    .increment();
        }

        @Override
        public void snapshot() {
            snapshots.increment();
        }

        @Override
        public void refused() {
            refused.increment();
        }

        @Override
        public void labelled(Target target, double label) {
            count((label > 0 ? positive : negative).get(target.name()));
        }

        @Override
        public void erased(boolean held) {
            (held ? forgotten : unknown).increment();
        }

        @Override
        public void targetChanged() {
            dropped.increment();
        }

        @Override
        public void unreadable() {
            unreadable.increment();
        }
    }

    private static void count(@Nullable Counter counter) {
        if (counter != null) {
            counter.increment();
        }
    }
}
