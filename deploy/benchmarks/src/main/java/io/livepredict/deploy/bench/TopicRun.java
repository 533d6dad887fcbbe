package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.avro.DenseFeatureRecord;
import io.livepredict.avro.FeatureSchemaRecord;
import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.local.EmbeddedBroker;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.TargetSettings;
import io.livepredict.topics.TopicSetup;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.config.TrainerConfig;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.learner.KindTrainer;
import io.livepredict.trainer.learner.LoopSettings;
import io.livepredict.trainer.wiring.TrainerApp;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.DoubleStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The trainer end to end: labelled examples from the topic of an embedded broker in this process, decoded, learned from,
 * checkpointed and published one version per second, one learner at a time.
 */
final class TopicRun implements AutoCloseable {
    /** The first part of the topic, in which everything is loaded and compiled, is not timed. */
    private static final double WARM_UP = 0.25;

    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final SyntheticExamples data;
    private final int batchSize;
    private final EmbeddedBroker broker = EmbeddedBroker.start(EmbeddedBroker.Options.throwaway());
    private final SigningKey key = SigningKey.generate();
    private final InProcessRegistry registry = new InProcessRegistry();

    TopicRun(SyntheticExamples data, int batchSize) {
        this.data = data;
        this.batchSize = batchSize;
    }

    /** One learner, by itself, from the beginning of a topic of its own. */
    ObjectNode run(String name, LearnerEntry learner) {
        KafkaSettings kafka = KafkaSettings.of(broker.bootstrapServers());
        Topics topics = new Topics(new Namespace(name.replace('_', '-')), 1, new AvroSerdes(registry));
        TopicSetup.ensure(
                kafka,
                List.of(
                        topics.labelledExamples(Kind.VIEWER),
                        topics.models(),
                        topics.learnerState(),
                        topics.featureSchemas(),
                        topics.drifts()),
                1);
        TrainerSettings config = config(kafka, topics.namespace(), learner);
        produce(kafka, topics, config);
        try (KindTrainer trainer = new KindTrainer(
                new LoopSettings(
                        Kind.VIEWER, config.closeAfterMillis(), false, config.checkpoint(), config.retention(), true),
                kafka,
                "no registry",
                topics,
                new ModelSigner(topics.namespace(), key),
                new ModelVerifier(topics.namespace(), TrustedKeys.of(List.of(key.publicKey()))),
                (schemas, ledger) -> TrainerApp.learner(config, Kind.VIEWER, schemas, ledger),
                Clock.systemUTC(),
                published -> {})) {
            trainer.start();
            return timed(trainer);
        }
    }

    private ObjectNode timed(KindTrainer trainer) {
        long begin = (long) (data.count * WARM_UP);
        long from = 0;
        long fromNanos = 0;
        long fromCpu = 0;
        long deadline = System.nanoTime() + LONGEST.toNanos();
        while (true) {
            long at = trainer.positions().getOrDefault(0, 0L);
            if (from == 0 && at >= begin) {
                from = at;
                fromNanos = System.nanoTime();
                fromCpu = trainerCpuNanos();
            }
            if (at >= data.count) {
                ObjectNode node = JsonNodeFactory.instance.objectNode();
                Spread.of(DoubleStream.of((at - from) / ((trainerCpuNanos() - fromCpu) / 1e9)))
                        .put(node, "examples_per_second");
                node.put("examples_per_second_by_the_clock", (at - from) / ((System.nanoTime() - fromNanos) / 1e9));
                return node;
            }
            if (trainer.finished().isDone() || System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "the trainer came to example " + at + " of " + data.count + ": " + trainer.phaseDescription());
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Processor time of the thread that reads, learns, checkpoints and publishes. */
    private static long trainerCpuNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (ThreadInfo info : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (info != null && info.getThreadName().equals("trainer-" + Kind.VIEWER.id())) {
                return threads.getThreadCpuTime(info.getThreadId());
            }
        }
        throw new IllegalStateException("the trainer's thread is gone");
    }

    private TrainerSettings config(KafkaSettings kafka, Namespace namespace, LearnerEntry learner) {
        List<TargetSettings> targets =
                SyntheticExamples.targets(learner.family() == LearnerEntry.Family.LOGISTIC ? 1 : 4).stream()
                        .map(target -> TargetSettings.builder(target.name(), target.kind(), target.within())
                                .anyOf(List.copyOf(target.eventTypes()))
                                .prior(target.prior())
                                .build())
                        .toList();
        return TrainerConfig.builder(kafka, RegistrySettings.of("http://none.invalid:9"), targets, Path.of("none"))
                .namespace(namespace.value())
                .learners(List.of(learner))
                .batch(TrainerConfig.Batch.of(batchSize, Duration.ZERO))
                .build()
                .resolve();
    }

    private void produce(KafkaSettings kafka, Topics topics, TrainerSettings config) {
        FeatureSchema schema = SyntheticExamples.schema();
        List<Target> targets = config.kinds().targets();
        Map<String, Object> client = new HashMap<>(kafka.producer("bench-examples"));
        client.put("linger.ms", 20);
        client.put("batch.size", 256 << 10);
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(client, new StringSerializer(), new ByteArraySerializer())) {
            FeatureSchemaRecord announced = FeatureSchemaRecord.newBuilder()
                    .setKind(schema.kind().id())
                    .setDense(schema.dense().stream()
                            .map(f -> new DenseFeatureRecord(
                                    f.name(), f.words(), f.scale().name(), f.definition()))
                            .toList())
                    .setEventTypes(schema.eventTypes())
                    .setSequenceLength(0)
                    .setSequenceDefinition("")
                    .setIds(List.of())
                    .build();
            var schemas = topics.featureSchemas();
            var unused = producer.send(new ProducerRecord<>(
                    schemas.name(), schema.id(), schemas.value().serializer().serialize(schemas.name(), announced)));
            var topic = topics.labelledExamples(Kind.VIEWER);
            ByteBuffer nothing = ByteBuffer.allocate(0);
            for (int i = 0; i < data.count; i++) {
                List<TargetLabel> labels = new ArrayList<>();
                for (int t = 0; t < targets.size(); t++) {
                    Target target = targets.get(t);
                    labels.add(new TargetLabel(
                            target.name(), target.definition(), (double) data.labels[t][i], 0.25, false));
                }
                LabelledExample example = new LabelledExample(
                        "v" + SyntheticExamples.entity(i),
                        "room",
                        "e" + i,
                        (long) i,
                        (long) i,
                        30_000L,
                        schema.id(),
                        ByteBuffer.wrap(FeatureVector.bytes(data.dense[i])),
                        nothing,
                        nothing,
                        nothing,
                        labels,
                        0L,
                        "",
                        (long) i);
                unused = producer.send(new ProducerRecord<>(
                        topic.name(),
                        0,
                        example.getEntityId(),
                        topic.value().serializer().serialize(topic.name(), example)));
            }
        }
    }

    @Override
    public void close() {
        broker.close();
        registry.close();
    }
}
