package io.livepredict.deploy.training;

import io.livepredict.avro.DenseFeatureRecord;
import io.livepredict.avro.DriftRecord;
import io.livepredict.avro.FeatureSchemaRecord;
import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.LearnerStateRecord;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.SignedManifest;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Scale;
import io.livepredict.contract.SerdeSource;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topics;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.TargetSettings;
import io.livepredict.topics.TopicReader;
import io.livepredict.topics.TopicSetup;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.config.TrainerConfig;
import io.livepredict.trainer.config.TrainerConfigPublishBuilder;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.learner.CheckpointSettings;
import io.livepredict.trainer.learner.KindTrainer;
import io.livepredict.trainer.learner.LoopSettings;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.RetentionPolicy;
import io.livepredict.trainer.wiring.TrainerApp;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** One namespace on a real broker with examples to learn, and a trainer for it as the product makes one. */
final class TrainingGround {
    static final FeatureSchema SCHEMA = new FeatureSchema(
            Kind.VIEWER,
            List.of(
                    new DenseFeature("count", "count", Scale.COUNT, "d1"),
                    new DenseFeature("share", "share", Scale.PLAIN, "d2")),
            List.of("JOIN", "LEAVE"),
            0,
            "",
            List.of());

    /** The world changes with this example, for those who produce so many at once. */
    static final int DRIFT_AT = 4_000;

    /** Record timestamps start here: a broker deletes records that are stamped in the past. */
    private static final long BASE_MILLIS = System.currentTimeMillis();

    final KafkaSettings kafka;
    final Topics topics;
    final SigningKey key;

    /** @param partitions of the examples topic */
    TrainingGround(String bootstrapServers, String namespace, int partitions, SigningKey key) {
        this(bootstrapServers, namespace, partitions, key, Map.of());
    }

    /** @param clients further settings of all Kafka clients */
    TrainingGround(
            String bootstrapServers, String namespace, int partitions, SigningKey key, Map<String, String> clients) {
        this(bootstrapServers, namespace, partitions, key, clients, new AvroSerdes(registry()));
    }

    /** @param serdes of another registry than that of this JVM */
    TrainingGround(
            String bootstrapServers,
            String namespace,
            int partitions,
            SigningKey key,
            Map<String, String> clients,
            SerdeSource serdes) {
        Map<String, String> properties = new TreeMap<>(clients);
        properties.put("bootstrap.servers", bootstrapServers);
        kafka = new KafkaSettings(properties);
        topics = new Topics(new Namespace(namespace), partitions, serdes);
        this.key = key;
    }

    /** The same ids in every process: schemas are registered in one order. */
    private static InProcessRegistry registry() {
        InProcessRegistry registry = new InProcessRegistry();
        registry.register("", LabelledExample.getClassSchema());
        registry.register("", FeatureSchemaRecord.getClassSchema());
        registry.register("", ModelRecord.getClassSchema());
        registry.register("", LearnerStateRecord.getClassSchema());
        registry.register("", DriftRecord.getClassSchema());
        return registry;
    }

    void createTopics() {
        TopicSetup.ensure(
                kafka,
                List.of(
                        topics.labelledExamples(Kind.VIEWER),
                        topics.models(),
                        topics.learnerState(),
                        topics.featureSchemas(),
                        topics.drifts()),
                1);
    }

    TrainerSettings config(boolean reproducible) {
        return TrainerConfig.builder(
                        kafka,
                        RegistrySettings.of("http://localhost:1"),
                        List.of(TargetSettings.builder("leave-30s", Kind.VIEWER, Duration.ofSeconds(30))
                                .anyOf(List.of("LEAVE"))
                                .build()),
                        Path.of("none.pem"))
                .namespace(topics.namespace().value())
                .learners(List.of(
                        LearnerEntry.of(LearnerEntry.Family.LOGISTIC),
                        LearnerEntry.of(LearnerEntry.Family.MLP).with("mlp", 0.003)))
                .batch(TrainerConfig.Batch.of(50, Duration.ZERO))
                .publish(
                        reproducible
                                ? TrainerConfig.Publish.every(Duration.ZERO, 1_000)
                                : TrainerConfigPublishBuilder.builder()
                                        .every(Duration.ofMillis(100))
                                        .newsExamples(0L)
                                        .build())
                .reproducible(reproducible)
                .build()
                .resolve();
    }

    KindTrainer trainer(boolean reproducible, Consumer<Published> onPublished) {
        return trainer(reproducible, RetentionPolicy.defaults(), onPublished);
    }

    KindTrainer trainer(boolean reproducible, RetentionPolicy retention, Consumer<Published> onPublished) {
        TrainerSettings config = config(reproducible);
        return new KindTrainer(
                new LoopSettings(
                        Kind.VIEWER,
                        config.closeAfterMillis(),
                        reproducible,
                        new CheckpointSettings(200, 1_000_000, 100_000_000),
                        retention,
                        false),
                kafka,
                "no registry",
                topics,
                signer(),
                verifier(),
                (schemas, ledger) -> TrainerApp.learner(config, Kind.VIEWER, schemas, ledger),
                Clock.systemUTC(),
                onPublished);
    }

    ModelSigner signer() {
        return new ModelSigner(topics.namespace(), key);
    }

    ModelVerifier verifier() {
        return new ModelVerifier(topics.namespace(), TrustedKeys.of(List.of(key.publicKey())));
    }

    KafkaProducer<String, byte[]> producer() {
        return new KafkaProducer<>(kafka.producer("ground"), new StringSerializer(), new ByteArraySerializer());
    }

    void announceSchema() {
        announceSchema(SCHEMA);
    }

    void announceSchema(FeatureSchema schema) {
        FeatureSchemaRecord record = FeatureSchemaRecord.newBuilder()
                .setKind("viewer")
                .setDense(schema.dense().stream()
                        .map(f -> new DenseFeatureRecord(
                                f.name(), f.words(), f.scale().name(), f.definition()))
                        .toList())
                .setEventTypes(schema.eventTypes())
                .setSequenceLength(0)
                .setSequenceDefinition("")
                .setIds(List.of())
                .build();
        try (KafkaProducer<String, byte[]> producer = producer()) {
            var topic = topics.featureSchemas();
            producer.send(new ProducerRecord<>(
                    topic.name(), schema.id(), topic.value().serializer().serialize(topic.name(), record)));
        }
    }

    /**
     * Produces so many examples, the same for the same seed, record timestamps a millisecond apart. From {@link #DRIFT_AT} on
     * the count means the opposite of what it meant.
     */
    void produce(long seed, int count, int partitions) {
        produce(seed, 0, count, partitions);
    }

    /** Of those, the ones from one position up to another. */
    void produce(long seed, int from, int to, int partitions) {
        produce(seed, from, to, partitions, i -> SCHEMA.id());
    }

    /** The same, each with the id of its feature schema. */
    void produce(long seed, int from, int to, int partitions, IntFunction<String> schema) {
        produce(Kind.VIEWER, seed, from, to, partitions, schema);
    }

    /** Of a kind that may have no such schema and no such target. */
    void produce(Kind kind, long seed, int count) {
        produce(kind, seed, 0, count, 1, i -> SCHEMA.id());
    }

    private void produce(Kind kind, long seed, int from, int to, int partitions, IntFunction<String> schema) {
        Target target = config(true).kinds().targets().get(0);
        int[] next = {0};
        var topic = topics.labelledExamples(kind);
        try (KafkaProducer<String, byte[]> producer = producer()) {
            examples(seed, to, (dense, label) -> {
                int i = next[0]++;
                if (i < from) {
                    return;
                }
                LabelledExample example = LabelledExample.newBuilder()
                        .setEntityId("v" + i % 97)
                        .setContextId("room")
                        .setEventId("e" + i)
                        .setEventTime(i)
                        .setAsOf(i)
                        .setHorizonMs(30_000)
                        .setFeatureSchema(schema.apply(i))
                        .setDense(ByteBuffer.wrap(FeatureVector.bytes(dense)))
                        .setSequenceTypes(ByteBuffer.allocate(0))
                        .setSequenceGaps(ByteBuffer.allocate(0))
                        .setIds(ByteBuffer.allocate(0))
                        .setLabels(List.of(new TargetLabel(target.name(), target.definition(), label, 0.1, false)))
                        .setModelVersion(0)
                        .setModelHash("")
                        .setEmittedAt(BASE_MILLIS + i)
                        .build();
                producer.send(new ProducerRecord<>(
                        topic.name(),
                        i % partitions,
                        BASE_MILLIS + i,
                        example.getEntityId(),
                        topic.value().serializer().serialize(topic.name(), example)));
            });
        }
    }

    /** What an example says: its dense features and its label. */
    interface Meaning {
        void take(float[] dense, double label);
    }

    /** What those examples say, in order. */
    static void examples(long seed, int count, Meaning meaning) {
        Random random = new Random(seed);
        for (int i = 0; i < count; i++) {
            float[] dense = {random.nextInt(20), random.nextFloat()};
            double logit = Math.log1p(dense[0]) - 2;
            double p = 1 / (1 + Math.exp(i < DRIFT_AT ? -logit : logit));
            meaning.take(dense, random.nextDouble() < p ? 1 : 0);
        }
    }

    /** The offsets in the last checkpoint, by partition; empty before the first. */
    Map<String, Long> checkpointed() {
        Map<String, Long> offsets = new TreeMap<>();
        TopicReader.readToEnd(kafka.consumer("ground"), topics.learnerState(), (recordKey, value) -> {
            if (recordKey.equals("viewer/head") && value != null) {
                offsets.clear();
                offsets.putAll(value.getOffsets());
            }
        });
        return offsets;
    }

    /** SHA-256 of the last checkpoint's state. */
    String stateHash() {
        String[] hash = {""};
        TopicReader.readToEnd(kafka.consumer("ground"), topics.learnerState(), (recordKey, value) -> {
            if (recordKey.equals("viewer/head") && value != null) {
                hash[0] = value.getSha256();
            }
        });
        return hash[0];
    }

    /** The drifts that were told, in order. */
    List<DriftRecord> drifts() {
        List<DriftRecord> drifts = new ArrayList<>();
        TopicReader.readToEnd(kafka.consumer("ground"), topics.drifts(), (recordKey, value) -> drifts.add(value));
        return drifts;
    }

    ModelCollector models() {
        ModelCollector collector = new ModelCollector(verifier(), Set.of("viewer"));
        TopicReader.readToEnd(kafka.consumer("ground"), topics.models(), collector::accept);
        return collector;
    }

    /** Every version that was ever published, with the hash of its bytes, and how often. */
    Map<String, Integer> published() {
        Map<String, Integer> published = new TreeMap<>();
        TopicReader.readToEnd(kafka.consumer("ground"), topics.models(), (recordKey, value) -> {
            if (value != null && value.getBody() instanceof SignedManifest manifest) {
                String json = manifest.getJson();
                published.merge(
                        recordKey + " " + json.replaceAll(".*\"sha256\":\"([0-9a-f]+)\".*", "$1"), 1, Integer::sum);
            }
        });
        return published;
    }
}
