package io.livepredict.trainer.learner;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topics;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.topics.TopicReader;
import io.livepredict.trainer.family.ExampleBatch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** The labelled examples that came last, laid out for the newest feature schema. */
public final class RecentExamples {
    /** Of each partition; half as many may be a transaction's marker each. */
    private static final int OFFSETS = 2_048;

    private static final int ROWS = 4_096;

    private final KafkaSettings kafka;
    private final Topics topics;

    public RecentExamples(KafkaSettings kafka, Topics topics) {
        this.kafka = kafka;
        this.topics = topics;
    }

    /** Rows and what their columns are. */
    public record Rows(FeatureSchema schema, ExampleBatch batch) {}

    /**
     * Reads them; fewer, or none, where the topic has no more that can be used.
     *
     * @throws TrainerException if there is no feature schema of that kind
     */
    public Rows read(Kind kind, List<Target> targets) {
        SequencedMap<String, FeatureSchema> schemas = TopicSchemas.all(kafka.consumer("trainer-recent"), topics, kind);
        FeatureSchema newest = schemas.lastEntry().getValue();
        ExampleBatch batch = new ExampleBatch(ROWS, newest, targets.size());
        Map<String, ExampleReader> readers = new HashMap<>();
        TopicReader.readLast(
                kafka.consumer("trainer-recent"), topics.labelledExamples(kind), OFFSETS, (key, example) -> {
                    FeatureSchema from = example == null ? null : schemas.get(example.getFeatureSchema());
                    if (example == null || from == null || batch.size == batch.capacity) {
                        return;
                    }
                    ExampleReader reader = readers.computeIfAbsent(
                            example.getFeatureSchema(), id -> new ExampleReader(from, newest, targets));
                    if (reader.read(example, batch, batch.size) == null) {
                        batch.size++;
                    }
                });
        return new Rows(newest, batch);
    }
}
