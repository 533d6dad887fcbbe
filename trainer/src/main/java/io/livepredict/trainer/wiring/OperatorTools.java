package io.livepredict.trainer.wiring;

import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topics;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.SigningKey;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.serde.NamedSerdes;
import io.livepredict.serde.SchemaRegistry;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.imports.ChildModelRunner;
import io.livepredict.trainer.imports.ImportMapping;
import io.livepredict.trainer.imports.ModelFile;
import io.livepredict.trainer.imports.ModelImport;
import io.livepredict.trainer.learner.ExampleExport;
import io.livepredict.trainer.learner.LearnerFactory;
import io.livepredict.trainer.learner.RecentExamples;
import io.livepredict.trainer.ort.OrtRuntime;
import io.livepredict.trainer.publish.ModelOperator;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** What the commands other than {@code run} need, joined. */
public final class OperatorTools implements AutoCloseable {
    private final TrainerSettings config;
    private final SchemaRegistry registry;
    private final Topics topics;

    private OperatorTools(TrainerSettings config, SchemaRegistry registry) {
        this.config = config;
        this.registry = registry;
        topics = new Topics(config.namespace(), 1, NamedSerdes.from(config.registry(), registry));
    }

    public static OperatorTools open(TrainerSettings config) {
        return new OperatorTools(config, new ConfluentRegistryClient(config.registry()));
    }

    /** The models topic, with the rights of the configured signing key. */
    public ModelOperator models() {
        return models(config, topics);
    }

    static ModelOperator models(TrainerSettings config, Topics topics) {
        SigningKey key = SigningKey.read(config.signingKey());
        Duration look = Duration.ofMillis(Math.max(200, config.publish().everyMillis() * 6 / 10));
        return new ModelOperator(
                config.kafka(),
                topics.models(),
                new ModelSigner(topics.namespace(), key),
                TrainerApp.verifier(config, key),
                Clock.systemUTC(),
                look,
                topics.namespace().name("trainer-models-import"));
    }

    /**
     * Enters a user's own ONNX file as a version of the kind's model, checked and signed; the pointer stays where it is.
     *
     * @throws ModelOperator.RefusedOperationException if it can't be used; the message is one line
     */
    public Imported importModel(Kind kind, ModelFile file, ImportMapping mapping) {
        List<Target> targets = config.kinds().targets(kind);
        RecentExamples.Rows recent = new RecentExamples(config.kafka(), topics).read(kind, targets);
        ModelImport.Checked checked;
        try (ChildModelRunner child = new ChildModelRunner(TrialProcess.class, ChildModelRunner.Limits.defaults())) {
            checked = new ModelImport(child, config.gate().goldenRows())
                    .check(file, mapping, recent.schema(), targets, recent.batch());
        }
        ModelManifest manifest = models().add(
                        kind.id(),
                        (number, createdAt) ->
                                checked.version(number, createdAt, BuildInfo.gitCommit(), config.hash()));
        return new Imported(manifest, checked.notes());
    }

    /**
     * A model that was entered.
     *
     * @param notes what the user should know of it, a line each
     */
    public record Imported(ModelManifest manifest, List<String> notes) {}

    /** The configured learners, for an offline study. */
    public static List<LearnerFactory> learners(List<LearnerEntry> entries) {
        return GraphLearner.all(entries, new OrtRuntime(), true);
    }

    /** The labelled examples as a table. */
    public ExampleExport examples() {
        return new ExampleExport(config.kafka(), topics);
    }

    @Override
    public void close() {
        registry.close();
    }
}
