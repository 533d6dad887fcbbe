package io.livepredict.trainer.wiring;

import io.livepredict.contract.Topics;
import io.livepredict.model.SigningKey;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.serde.NamedSerdes;
import io.livepredict.serde.SchemaRegistry;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.config.TrainerConfig;
import io.livepredict.trainer.learner.ExampleExport;
import io.livepredict.trainer.learner.LearnerFactory;
import io.livepredict.trainer.ort.OrtRuntime;
import io.livepredict.trainer.publish.ModelOperator;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** What the commands other than {@code run} need, joined. */
public final class OperatorTools implements AutoCloseable {
    private final TrainerConfig config;
    private final SchemaRegistry registry;
    private final Topics topics;

    private OperatorTools(TrainerConfig config, SchemaRegistry registry) {
        this.config = config;
        this.registry = registry;
        topics = new Topics(config.resolvedNamespace(), 1, NamedSerdes.from(config.registry(), registry));
    }

    public static OperatorTools open(TrainerConfig config) {
        return new OperatorTools(config, new ConfluentRegistryClient(config.registry()));
    }

    /** The models topic, with the rights of the configured signing key. */
    public ModelOperator models() {
        SigningKey key = SigningKey.read(config.signingKey());
        Duration look = Duration.ofMillis(Math.max(200, config.publishSettings().everyMillis() * 6 / 10));
        return new ModelOperator(
                config.kafka(), topics.models(), key, TrainerApp.trusted(config, key), Clock.systemUTC(), look);
    }

    /** The configured learners, for an offline study. */
    public static LearnerFactory learners(List<LearnerEntry> entries) {
        return new GraphLearners(entries, new OrtRuntime());
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
