package io.livepredict.deploy.reference;

import io.livepredict.contract.Kind;
import io.livepredict.deploy.console.config.ConsoleConfig;
import io.livepredict.deploy.console.config.ConsoleConfigBuilder;
import io.livepredict.settings.ApiSettings;
import io.livepredict.settings.HttpSettings;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.TargetSettings;
import io.livepredict.streams.choice.ChoiceSettings;
import io.livepredict.streams.config.AlertConfig;
import io.livepredict.streams.config.ChoiceConfig;
import io.livepredict.streams.config.OutlookConfig;
import io.livepredict.streams.config.StreamsAppConfig;
import io.livepredict.streams.config.StreamsAppConfigBuilder;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.config.StreamsProperties;
import io.livepredict.streams.output.AlertRule;
import io.livepredict.streams.score.onnx.Device;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.config.TrainerConfig;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.family.FamilySettings;
import io.livepredict.trainer.wiring.GraphLearner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** What keys mean that are left out: read from settings that were resolved from the smallest configurations. */
final class ShippedDefaults {
    private static final KafkaSettings KAFKA = KafkaSettings.of("localhost:9092");
    private static final RegistrySettings REGISTRY = RegistrySettings.of("http://localhost:8081");
    private static final List<TargetSettings> TARGETS =
            List.of(TargetSettings.builder("leave-30s", Kind.VIEWER, Duration.ofSeconds(30))
                    .anyOf(List.of("LEAVE"))
                    .build());

    private ShippedDefaults() {}

    /** By record and component, such as {@code StreamsAppConfig.Time.grace}. */
    static Map<String, Object> all() {
        StreamsAppSettings streams = streams().build().resolve();
        TrainerSettings trainer = TrainerConfig.builder(KAFKA, REGISTRY, TARGETS, Path.of("signing.pem"))
                .build()
                .resolve();
        Map<String, Object> all = new LinkedHashMap<>();
        streamsApp(all, streams);
        outputs(all);
        trainer(all, trainer);
        learners(all);
        both(all, streams, trainer);
        console(all);
        return all;
    }

    private static StreamsAppConfigBuilder streams() {
        return StreamsAppConfig.builder(
                KAFKA, REGISTRY, TARGETS, new StreamsAppConfig.Models(List.of(Path.of("signing.pub.pem"))));
    }

    private static void streamsApp(Map<String, Object> all, StreamsAppSettings settings) {
        String top = "StreamsAppConfig.";
        all.put(top + "namespace", settings.namespace().value());
        all.put(top + "partitions", settings.partitions());
        all.put(top + "contextFeatures", settings.contextFeatures());
        all.put(top + "erasures", settings.erasures());
        all.put(top + "preset", settings.preset());
        all.put(top + "threads", settings.threads());
        all.put(top + "guarantee", settings.guarantee());
        all.put(top + "commitInterval", settings.commitInterval());
        all.put(
                top + "SourceEntry.rekey",
                StreamsAppConfig.SourceEntry.canonical("events", Kind.VIEWER).rekey());
        all.put(top + "Context.slack", settings.contextSlack());
        String time = top + "Time.";
        all.put(time + "grace", settings.time().grace());
        all.put(time + "idleAfter", settings.time().idleAfter().orElseThrow());
        all.put(time + "replay", !settings.time().isLive());
        all.put(time + "maxAhead", Objects.requireNonNull(settings.timeBounds().maxAhead()));
        all.put(time + "maxBehind", Objects.requireNonNull(settings.timeBounds().maxBehind()));
        all.put(
                top + "Predictions.emitHistory",
                StreamsAppConfig.Predictions.defaults().emitHistory());
        String score = top + "Score.";
        all.put(score + "batchSize", settings.score().batchSize());
        StreamsAppSettings atLeastOnce = streams()
                .guarantee(StreamsAppConfig.Guarantee.AT_LEAST_ONCE)
                .build()
                .resolve();
        all.put(score + "flushAfter", Objects.requireNonNull(atLeastOnce.score().flushAfter()));
        all.put(score + "device", settings.device() instanceof Device.Auto ? "auto" : settings.device());
        all.put(top + "Explain.sampleRate", settings.score().explain().sampleRate());
        String state = top + "State.";
        all.put(state + "dir", settings.stateDirectory());
        all.put(
                state + "store",
                settings.stores().apply("any").metricsScope().startsWith("rocksdb")
                        ? StreamsAppConfig.StoreType.ROCKSDB
                        : StreamsAppConfig.StoreType.IN_MEMORY);
        all.put(state + "retention", settings.time().retention());
        all.put(state + "maxOpenSnapshots", settings.outcome().maxOpen());
        all.put(
                state + "standbyReplicas",
                Objects.requireNonNull(StreamsProperties.of(settings).get("num.standby.replicas")));
        all.put(state + "recentBytes", settings.recentBytes());
        all.put("TopicTimes.compactionLag", settings.privacy().topics().compactionLag());
        all.put(top + "DeadLetterKeeping.payload", settings.privacy().deadLetters());
    }

    private static void outputs(Map<String, Object> all) {
        StreamsAppSettings settings = streams()
                .alerts(List.of(new AlertConfig("any", "leave-30s", 0.5, null, null, null, null, null)))
                .outlook(new OutlookConfig(null))
                .choices(List.of(new ChoiceConfig(Kind.VIEWER, List.of("JOIN"), null, null)))
                .build()
                .resolve();
        AlertRule rule = settings.outputs().alerts().get(0);
        all.put("AlertConfig.clearAfter", rule.clearAfter());
        all.put("AlertConfig.cooldown", rule.cooldown());
        all.put("AlertConfig.holdout", rule.holdout());
        all.put("OutlookConfig.presentFor", settings.outputs().presentFor().orElseThrow());
        ChoiceSettings choices = Objects.requireNonNull(settings.choices().get(Kind.VIEWER));
        all.put("ChoiceConfig.candidates", choices.candidates());
        all.put("ChoiceConfig.endedAfter", choices.endedAfter());
        all.put("StreamsAppConfig.Predictions.layout", settings.outputs().flat() ? "flat" : "wide");
        all.put("TargetSettings.Emit.atLeastEvery", TargetSettings.Emit.DEFAULT_AT_LEAST_EVERY);
    }

    private static void trainer(Map<String, Object> all, TrainerSettings settings) {
        String top = "TrainerConfig.";
        all.put(top + "namespace", settings.namespace().value());
        all.put(
                top + "learners",
                settings.learners().stream().map(ShippedDefaults::words).collect(Collectors.joining(", ")));
        all.put(top + "seed", settings.seed());
        all.put(top + "reproducible", settings.reproducible());
        all.put(top + "Batch.size", settings.batch().size());
        all.put(top + "Batch.span", Duration.ofMillis(settings.batch().spanMillis()));
        all.put(top + "Batch.closeAfter", Duration.ofMillis(settings.closeAfterMillis()));
        all.put(top + "Replay.batches", settings.replay().batches());
        all.put(top + "Replay.snapshots", settings.replay().snapshots());
        all.put(
                top + "Checkpoint.every",
                Duration.ofMillis(settings.checkpoint().everyMillis()));
        all.put(top + "Checkpoint.everyExamples", settings.checkpoint().everyExamples());
        all.put(top + "Checkpoint.bytesPerSecond", settings.checkpoint().bytesPerSecond());
        all.put(top + "Publish.every", Duration.ofMillis(settings.publish().everyMillis()));
        all.put(top + "Publish.everyExamples", settings.publish().everyExamples());
        all.put(top + "Publish.newsExamples", settings.publish().newsExamples());
        all.put(top + "Publish.bytesPerSecond", settings.publish().bytesPerSecond());
        all.put(top + "Publish.keepNewest", settings.retention().newest());
        all.put(top + "Publish.keepMinutely", settings.retention().minutely());
        all.put(top + "Publish.keepHourly", settings.retention().hourly());
        all.put(top + "Publish.keepDaily", settings.retention().daily());
        all.put(top + "Gate.margin", settings.gate().margin());
        all.put(top + "Gate.floor", settings.gate().floor());
        all.put(top + "Gate.leastExamples", settings.gate().leastExamples());
        all.put(top + "Gate.tolerance", settings.gate().tolerance());
        all.put(top + "Gate.goldenRows", settings.gate().goldenRows());
        all.put(top + "Champion.margin", settings.champion().margin());
        all.put(top + "Champion.floor", settings.champion().floor());
        all.put(top + "Champion.dwell", settings.champion().dwell());
        all.put(top + "Champion.divergedAt", settings.champion().divergedAt());
        all.put(top + "Drift.enabled", settings.drift().enabled());
        all.put(top + "Drift.delta", settings.drift().delta());
        all.put(top + "Drift.leastRise", settings.drift().leastRise());
        all.put(top + "Drift.boost", settings.drift().boost());
        all.put(top + "Drift.examples", settings.drift().examples());
        all.put(top + "Evaluation.decay", settings.evaluation().decay());
        all.put(top + "Evaluation.window", settings.evaluation().window());
        all.put(top + "Evaluation.blocks", settings.evaluation().blocks());
        all.put(top + "Evaluation.entities", settings.evaluation().entities());
    }

    private static void learners(Map<String, Object> all) {
        String entry = "LearnerEntry.";
        FamilySettings.Mlp mlp = (FamilySettings.Mlp) shipped(LearnerEntry.Family.MLP);
        FamilySettings.WideAndDeep wide = (FamilySettings.WideAndDeep) shipped(LearnerEntry.Family.WIDE_AND_DEEP);
        FamilySettings.Gru gru = (FamilySettings.Gru) shipped(LearnerEntry.Family.GRU);
        FamilySettings.Cnn cnn = (FamilySettings.Cnn) shipped(LearnerEntry.Family.CNN);
        all.put(
                entry + "hidden",
                "mlp " + mlp.hidden() + ", wide-and-deep " + wide.hidden() + ", gru " + gru.hidden() + ", cnn "
                        + cnn.hidden());
        all.put(entry + "activation", mlp.activation());
        all.put(entry + "embedding", wide.embedding());
        all.put(entry + "units", gru.units());
        all.put(entry + "filters", cnn.filters());
        all.put(entry + "window", cnn.window());
        all.put(
                entry + "optimiser",
                mlp.training().optimiser().getClass().getSimpleName().toLowerCase(Locale.ROOT));
        all.put(
                entry + "learningRate",
                Arrays.stream(LearnerEntry.Family.values())
                        .map(family -> family.id()
                                + ' '
                                + ConfigurationReference.written(shipped(family)
                                        .training()
                                        .learningRate()
                                        .at(1)))
                        .collect(Collectors.joining(", ")));
        all.put(entry + "l2", mlp.training().l2());
        all.put(entry + "clipNorm", mlp.training().clipNorm());
        all.put(entry + "positiveWeight", mlp.training().positiveWeight());
    }

    private static FamilySettings shipped(LearnerEntry.Family family) {
        return GraphLearner.settings(LearnerEntry.of(family), true);
    }

    private static void both(Map<String, Object> all, StreamsAppSettings streams, TrainerSettings trainer) {
        HttpSettings.Address http = streams.http();
        all.put("HttpSettings.host", http.host());
        all.put("ApiSettings.entitiesPerSecond", ApiSettings.defaults().mostPerSecond());
        all.put(
                "HttpSettings.port",
                http.port() + " of the streams app, " + trainer.http().port() + " of the trainer, " + ConsoleConfig.PORT
                        + " of the console");
        all.put("RegistrySettings.retryFor", streams.registry().retryFor());
        all.put(
                "TargetSettings.atMostEvery",
                streams.kinds().targets().getFirst().atMostEvery());
        all.put("TargetSettings.anywhere", TARGETS.getFirst().anywhere());
    }

    private static void console(Map<String, Object> all) {
        ConsoleConfig config = ConsoleConfigBuilder.builder()
                .kafka(KAFKA)
                .registry(REGISTRY)
                .models(new ConsoleConfig.Models(List.of()))
                .build();
        all.put("ConsoleConfig.namespace", config.names().value());
        all.put("ConsoleConfig.presentFor", config.presence());
    }

    private static String words(LearnerEntry learner) {
        return learner.resolvedName() + " ("
                + (learner.hidden() == null ? "" : "hidden " + learner.hidden() + ", ")
                + "learning rate " + ConfigurationReference.written(Objects.requireNonNull(learner.learningRate()))
                + ")";
    }
}
