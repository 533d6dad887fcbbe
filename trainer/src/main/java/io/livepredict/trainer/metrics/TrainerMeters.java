package io.livepredict.trainer.metrics;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.http.Api;
import io.livepredict.trainer.evaluation.Metrics;
import io.livepredict.trainer.evaluation.PrequentialTable;
import io.livepredict.trainer.learner.ExampleFault;
import io.livepredict.trainer.learner.KindStatus;
import io.livepredict.trainer.learner.KindTrainer;
import io.livepredict.trainer.learner.TransportStatus;
import io.livepredict.trainer.publish.PublishGate;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Reads the trainers' status at each scrape; costs the training threads nothing. */
public final class TrainerMeters implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<Bound> bound = new ArrayList<>();

    /**
     * A kind's trainer.
     *
     * @param scorers those that are always there
     * @param imported by name, the meters of the imported models, which come and go
     */
    private record Bound(
            KindTrainer trainer, List<Target> targets, Set<String> scorers, Map<String, List<Meter>> imported) {}

    /** Registers every metric of one kind. */
    public void bind(KindTrainer trainer, List<Target> targets, List<String> learners) {
        Kind kind = trainer.kind();
        learned(Metric.EXAMPLES, trainer, KindStatus::examples, kind.id());
        learned(Metric.BATCHES, trainer, status -> status.learning().batches(), kind.id());
        learned(
                Metric.EXAMPLES_REPLAYED,
                trainer,
                status -> status.learning().replayed().examples(),
                kind.id());
        learned(
                Metric.BATCHES_WITHOUT_REPLAY,
                trainer,
                status -> status.learning().replayed().batchesPassedOver(),
                kind.id());
        for (ExampleFault fault : ExampleFault.values()) {
            learned(
                    Metric.EXAMPLES_SKIPPED,
                    trainer,
                    status -> status.learning().faults().getOrDefault(fault, 0L),
                    kind.id(),
                    fault.name());
        }
        moved(Metric.EXAMPLES_BEHIND, trainer, TransportStatus::examplesBehind, kind.id());
        List<String> scorers = new ArrayList<>(learners);
        scorers.addAll(List.of(PrequentialTable.SERVED, PrequentialTable.BASE_RATE, PrequentialTable.PREVIOUS_OUTCOME));
        scorers.forEach(scorer -> scored(trainer, targets, scorer));
        bound.add(new Bound(trainer, List.copyOf(targets), Set.copyOf(scorers), new HashMap<>()));
        for (String learner : learners) {
            learned(Metric.CHAMPION, trainer, status -> status.champion().equals(learner) ? 1 : 0, kind.id(), learner);
        }
        learned(Metric.CHAMPION_CHANGES, trainer, status -> status.competition().championChanges(), kind.id());
        learned(Metric.LEARNER_RESETS, trainer, status -> status.competition().resets(), kind.id());
        learned(Metric.DRIFTS, trainer, status -> status.drift().found(), kind.id());
        learned(Metric.DRIFT_SIZE, trainer, status -> status.drift().lastSize(), kind.id());
        learned(Metric.LEARNING_RATE_SCALE, trainer, status -> status.drift().learningRateScale(), kind.id());
        learned(Metric.MODEL_VERSION, trainer, KindStatus::version, kind.id());
        for (PublishGate.Reason reason : PublishGate.Reason.values()) {
            learned(
                    Metric.REFUSALS,
                    trainer,
                    status -> status.versions().refusals().getOrDefault(reason, 0L),
                    kind.id(),
                    reason.name());
        }
        moved(Metric.PUBLISHED, trainer, TransportStatus::published, kind.id());
        moved(Metric.PUBLISHED_BYTES, trainer, TransportStatus::publishedBytes, kind.id());
        moved(
                Metric.LEARNING_LAG,
                trainer,
                t -> t.learningLagMillis() < 0 ? Double.NaN : t.learningLagMillis() / 1000.0,
                kind.id());
        moved(Metric.CHECKPOINTS, trainer, TransportStatus::checkpoints, kind.id());
        moved(Metric.CHECKPOINT_BYTES, trainer, TransportStatus::checkpointBytes, kind.id());
        moved(Metric.RESTARTS, trainer, TransportStatus::restarts, kind.id());
        register(Metric.RECORDS_IGNORED, trainer, KindTrainer::recordsIgnored, kind.id());
        register(Metric.TARGETS_DIFFERING, trainer, t -> t.targetDifferences().count(), kind.id());
        register(Metric.RUNNING, trainer, t -> t.readiness().ready() ? 1 : 0, kind.id());
    }

    /** Counts the API's requests. */
    public Api.Requests api() {
        return (operation, status, nanos) -> Counter.builder(Metric.API_REQUESTS.prometheusName())
                .description(Metric.API_REQUESTS.description())
                .tags("operation", operation, "status", Integer.toString(status))
                .register(registry)
                .increment();
    }

    private void learned(Metric metric, KindTrainer trainer, ToDoubleFunction<KindStatus> value, String... labels) {
        register(
                metric,
                trainer,
                t -> t.status()
                        .map((Function<KindStatus, Double>) value::applyAsDouble)
                        .orElse(0.0),
                labels);
    }

    private List<Meter> scored(KindTrainer trainer, List<Target> targets, String scorer) {
        List<Meter> meters = new ArrayList<>();
        for (Target target : targets) {
            meters.add(scored(Metric.LOSS, trainer, target, scorer, Metrics::loss));
            if (target.isBinary()) {
                meters.add(scored(Metric.AUC, trainer, target, scorer, Metrics::auc));
                meters.add(scored(Metric.CALIBRATION_ERROR, trainer, target, scorer, Metrics::calibrationError));
            }
        }
        return meters;
    }

    private Meter scored(
            Metric metric, KindTrainer trainer, Target target, String scorer, ToDoubleFunction<Metrics> value) {
        return register(
                metric,
                trainer,
                t -> t.status()
                        .map(status -> value.applyAsDouble(status.windowed(target.name(), scorer)))
                        .orElse(Double.NaN),
                trainer.kind().id(),
                target.name(),
                scorer);
    }

    private void moved(Metric metric, KindTrainer trainer, ToDoubleFunction<TransportStatus> value, String... labels) {
        register(metric, trainer, t -> value.applyAsDouble(t.transport()), labels);
    }

    private Meter register(Metric metric, KindTrainer trainer, ToDoubleFunction<KindTrainer> value, String... labels) {
        List<Tag> tags = new ArrayList<>();
        for (int i = 0; i < labels.length; i++) {
            tags.add(Tag.of(metric.labels().get(i), labels[i]));
        }
        return switch (metric.type()) {
            case COUNTER ->
                FunctionCounter.builder(metric.prometheusName(), trainer, value)
                        .description(metric.description())
                        .tags(Tags.of(tags))
                        .register(registry);
            case GAUGE ->
                Gauge.builder(metric.prometheusName(), trainer, value)
                        .description(metric.description())
                        .tags(Tags.of(tags))
                        .register(registry);
        };
    }

    /** Imported models come and go while the trainer runs. */
    private void bindImportedModels() {
        for (Bound each : bound) {
            Set<String> present = new HashSet<>();
            each.trainer
                    .status()
                    .ifPresent(status -> status.competition().lines().forEach(line -> present.add(line.scorer())));
            present.removeAll(each.scorers);
            each.imported.entrySet().removeIf(model -> {
                boolean gone = !present.contains(model.getKey());
                if (gone) {
                    model.getValue().forEach(registry::remove);
                }
                return gone;
            });
            present.forEach(
                    model -> each.imported.computeIfAbsent(model, name -> scored(each.trainer, each.targets, name)));
        }
    }

    /** The metrics in Prometheus' text format. */
    public synchronized String scrape() {
        bindImportedModels();
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }
}
