package io.livepredict.deploy.bench;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import io.livepredict.streams.config.StreamsAppConfig;
import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.model.Activation;
import io.livepredict.streams.model.ModelIntake;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.PriorModel;
import io.livepredict.streams.score.onnx.Device;
import io.livepredict.streams.score.onnx.DeviceException;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.trainer.config.TrainerConfig;
import io.livepredict.trainer.learner.KindLearner;
import io.livepredict.trainer.learner.SchemaSource;
import io.livepredict.trainer.publish.ModelsView;
import io.livepredict.trainer.publish.Publication;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.RetentionPolicy;
import io.livepredict.trainer.publish.VersionLedger;
import io.livepredict.trainer.wiring.TrainerApp;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The models that everyone in a run scores with: learned from the examples of its first round, activated as in production. */
final class BenchModels implements AutoCloseable {
    private final Map<Kind, ActiveModel> active = new EnumMap<>(Kind.class);
    private final Map<String, Activation> activations = new HashMap<>();
    private final SigningKey key = SigningKey.generate();
    private final TrustedKeys trusted = TrustedKeys.of(List.of(key.publicKey()));
    private final AppMetrics metrics = new AppMetrics();
    private final ModelIntake intake;
    private final StreamsAppConfig config;

    BenchModels(StreamsAppConfig config) {
        this.config = config;
        OnnxRuntime runtime;
        try {
            runtime = OnnxRuntime.start(Device.of("cpu"));
        } catch (DeviceException e) {
            throw new IllegalStateException("the CPU is always there", e);
        }
        for (Kind kind : config.activeKinds()) {
            List<Target> targets = Target.of(config.resolvedTargets(), kind);
            ActiveModel model = new ActiveModel(new PriorModel(kind.id(), targets));
            active.put(kind, model);
            activations.put(kind.id(), new Activation(runtime, config.schema(kind), targets, model));
        }
        intake = new ModelIntake(trusted, activations, metrics.models());
    }

    /** What a kind is scored with. */
    ActiveModel active(Kind kind) {
        ActiveModel model = active.get(kind);
        if (model == null) {
            throw new IllegalStateException("no target is for " + kind);
        }
        return model;
    }

    /**
     * Learns from a kind's examples and activates the model.
     *
     * @return what was published
     */
    Published learn(TrainerConfig trainer, Kind kind, List<LabelledExample> examples) {
        FeatureSchema schema = config.schema(kind);
        VersionLedger ledger = new VersionLedger();
        SchemaSource.Announced announced = new SchemaSource.Announced(schema, 0);
        try (KindLearner learner =
                TrainerApp.learner(trainer, kind, id -> id.equals(schema.id()) ? announced : null, ledger)) {
            long offset = 0;
            for (LabelledExample example : examples) {
                learner.accept(0, offset++, example.getEmittedAt(), example);
            }
            learner.closeBatch();
            Published published = learner.maybePublish(Long.MAX_VALUE / 4)
                    .orElseThrow(() -> new IllegalStateException(
                            kind.id() + ": no model from " + examples.size() + " examples; give more --events"));
            ModelsView view = new ModelsView(kind.id(), trusted, ledger);
            for (Publication.Entry entry : Publication.of(published, view, RetentionPolicy.defaults(), key)) {
                ModelRecord record = entry.value();
                intake.accept(entry.key(), record);
            }
            var missing = intake.settle();
            if (missing.isPresent()
                    || active(kind).identity().version() != published.manifest().version()) {
                throw new IllegalStateException(kind.id() + ": the model was not activated");
            }
            return published;
        }
    }

    @Override
    public void close() {
        active.values().forEach(ActiveModel::close);
        metrics.close();
    }
}
