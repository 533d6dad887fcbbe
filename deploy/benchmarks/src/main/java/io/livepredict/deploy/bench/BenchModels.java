package io.livepredict.deploy.bench;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.streams.wiring.FlowPlan;
import io.livepredict.streams.wiring.ServedModels;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.learner.KindLearner;
import io.livepredict.trainer.learner.SchemaSource;
import io.livepredict.trainer.publish.ModelsView;
import io.livepredict.trainer.publish.Publication;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.RetentionPolicy;
import io.livepredict.trainer.publish.VersionLedger;
import io.livepredict.trainer.wiring.TrainerApp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The models that everyone in a run scores with: learned from the examples of its first round, activated as in production. */
final class BenchModels implements AutoCloseable {
    private final SigningKey key = SigningKey.generate();
    private final ModelSigner signer;
    private final ModelVerifier verifier;
    private final AppMetrics metrics = new AppMetrics();
    private final ServedModels served;
    private final StreamsAppSettings config;

    BenchModels(StreamsAppSettings config) {
        this.config = config;
        signer = new ModelSigner(config.namespace(), key);
        verifier = new ModelVerifier(config.namespace(), TrustedKeys.of(List.of(key.publicKey())));
        served = new ServedModels(
                FlowPlan.of(config, Map.of()).kinds(),
                OnnxRuntime.onCpu(),
                verifier,
                metrics,
                System::currentTimeMillis);
    }

    /** All of them, for the topology that the streams app runs. */
    ServedModels served() {
        return served;
    }

    /** What a kind is scored with. */
    ActiveModel active(Kind kind) {
        return served.active(kind);
    }

    /**
     * Learns from a kind's examples and activates the model.
     *
     * @return what was published
     */
    Published learn(TrainerSettings trainer, Kind kind, List<LabelledExample> examples) {
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
            ModelsView view = new ModelsView(kind.id(), verifier, ledger, Clock.systemUTC());
            for (Publication.Entry entry : Publication.of(
                    published,
                    view,
                    RetentionPolicy.defaults(),
                    signer,
                    Instant.parse(published.manifest().createdAt()))) {
                ModelRecord record = entry.value();
                served.intake().accept(entry.key(), record);
            }
            var missing = served.intake().settle();
            if (missing.isPresent()
                    || active(kind).identity().version() != published.manifest().version()) {
                throw new IllegalStateException(kind.id() + ": the model was not activated");
            }
            return published;
        }
    }

    @Override
    public void close() {
        served.close();
        metrics.close();
    }
}
