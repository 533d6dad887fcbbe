package io.livepredict.deploy.loop;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.model.ModelPacker;
import io.livepredict.trainer.family.Activation;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.FamilySettings;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.family.TrainableModels;
import io.livepredict.trainer.family.Training;
import io.livepredict.trainer.optimiser.Optimiser;
import io.livepredict.trainer.ort.OrtRuntime;
import io.livepredict.trainer.publish.Manifests;
import io.livepredict.trainer.publish.ModelRunner;
import io.livepredict.trainer.publish.Origin;
import io.livepredict.trainer.publish.RuntimeModelRunner;
import io.livepredict.trainer.publish.TrainingProgress;
import java.nio.IntBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Versions of one kind's model that score very differently from each other: the trainer's own networks, which learn from
 * turn to turn that everything happens, then that nothing does, and so on. Every third version is a wide-and-deep network, the
 * others are two MLPs, so that inputs and sizes change too. Keeps the bytes of all of them.
 */
final class DistinctModels implements AutoCloseable {
    private static final int ROWS = 32;
    private static final int STEPS = 6;

    private final Installation installation;
    private final Kind kind;
    private final FeatureSchema schema;
    private final List<Target> targets;
    private final List<TrainableModel> networks;
    private final ModelRunner runner = new RuntimeModelRunner(new OrtRuntime());
    private final SplittableRandom random = new SplittableRandom(5);
    private final Map<Long, byte[]> onnxOfVersion = new HashMap<>();

    DistinctModels(Installation installation, Kind kind) {
        this.installation = installation;
        this.kind = kind;
        schema = installation.streams().schema(kind);
        targets = installation.streams().kinds().targets(kind);
        Training training = Training.adam(0.03);
        networks = List.of(
                network(new FamilySettings.Mlp(List.of(16), Activation.RELU, training)),
                network(new FamilySettings.WideAndDeep(
                        List.of(16), Activation.RELU, 4, 1 << 10, Optimiser.Ftrl.defaults(), training)));
    }

    private TrainableModel network(FamilySettings settings) {
        return TrainableModels.create(settings, schema, targets, ROWS, 1, new OrtRuntime());
    }

    /** The records of a version and of the pointer to it. */
    List<ModelPacker.Entry> version(long version) throws ModelRunner.ModelRunnerException {
        return version(version, false);
    }

    /** The same, with a pointer that the trainer may not move if it is pinned. */
    List<ModelPacker.Entry> version(long version, boolean pinned) throws ModelRunner.ModelRunnerException {
        TrainableModel network = networks.get((int) (version % networks.size()));
        float label = version / networks.size() % 2;
        float[] scores = new float[ROWS * targets.size()];
        for (int step = 0; step < STEPS; step++) {
            network.step(rows(ROWS, label), 1, scores);
        }
        byte[] onnx = network.export();
        onnxOfVersion.put(version, onnx);
        ExampleBatch golden = rows(4, label);
        Manifests.Facts facts = new Manifests.Facts(
                new Manifests.Identity(kind.id(), version, version - 1, Instant.now()),
                network.family(),
                new TrainingProgress(Map.of(), version, 0),
                Map.of(),
                new Origin("test", "test"));
        List<ModelPacker.Entry> entries = new ArrayList<>(ModelPacker.pack(
                Manifests.make(facts, schema, targets, onnx, golden, runner.scores(onnx, golden)),
                onnx,
                installation.signer()));
        entries.add(ModelPacker.pointer(
                new ModelPointer(
                        kind.id(),
                        version,
                        pinned,
                        ModelPacker.manifestSha256(entries),
                        Instant.now().toString()),
                installation.signer()));
        return entries;
    }

    /** Rows as they may come. */
    private ExampleBatch rows(int size, float label) {
        ExampleBatch batch = batch(ROWS);
        batch.size = size;
        for (int i = 0; i < size * batch.denseWidth; i++) {
            batch.dense[i] = random.nextInt(20) / 4f;
        }
        for (int row = 0; row < size; row++) {
            for (int i = 0; i < batch.idWidth; i++) {
                batch.ids[row * batch.idWidth + i] =
                        random.nextInt(schema.ids().get(i).buckets());
            }
            for (int i = 0; i < batch.sequenceLength; i++) {
                batch.sequenceTypes[row * batch.sequenceLength + i] =
                        1 + random.nextInt(schema.eventTypes().size());
            }
            for (int t = 0; t < targets.size(); t++) {
                batch.labels[row * targets.size() + t] = label;
                batch.mask[row * targets.size() + t] = 1;
            }
        }
        return batch;
    }

    private ExampleBatch batch(int capacity) {
        return new ExampleBatch(capacity, schema, targets.size());
    }

    /** What that version says of those examples' vectors, [examples, targets], by its bytes and nothing else. */
    float[] scores(long version, List<LabelledExample> examples) throws ModelRunner.ModelRunnerException {
        ExampleBatch batch = batch(examples.size());
        batch.size = examples.size();
        FeatureVector vector = new FeatureVector(schema);
        for (int row = 0; row < batch.size; row++) {
            LabelledExample example = examples.get(row);
            FeatureVector.read(example.getDense(), vector.dense);
            FeatureVector.read(example.getSequenceTypes(), vector.sequenceTypes);
            FeatureVector.read(example.getSequenceGaps(), vector.sequenceGaps);
            FeatureVector.read(example.getIds(), vector.ids);
            System.arraycopy(vector.dense, 0, batch.dense, row * batch.denseWidth, batch.denseWidth);
            IntBuffer.wrap(batch.ids).position(row * batch.idWidth).put(vector.ids);
            IntBuffer.wrap(batch.sequenceTypes)
                    .position(row * batch.sequenceLength)
                    .put(vector.sequenceTypes);
            System.arraycopy(
                    vector.sequenceGaps, 0, batch.sequenceGaps, row * batch.sequenceLength, batch.sequenceLength);
        }
        return runner.scores(Objects.requireNonNull(onnxOfVersion.get(version)), batch);
    }

    /** The version before it of the same network, which had learned the opposite; 0 or less for none. */
    long oppositeOf(long version) {
        return version - networks.size();
    }

    List<Target> targets() {
        return targets;
    }

    /** Publishes versions as the trainer does: all in one transaction, the pointers last. */
    static final class Publisher implements AutoCloseable {
        private final Topic<String, ModelRecord> topic;
        private final KafkaProducer<byte[], byte[]> producer;

        Publisher(Installation installation) {
            topic = installation.topics().models();
            Map<String, Object> config = new HashMap<>(installation.client());
            config.put("transactional.id", installation.topics().namespace().name("test-publisher"));
            producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
            producer.initTransactions();
        }

        void publish(List<ModelPacker.Entry> entries) {
            producer.beginTransaction();
            for (ModelPacker.Entry entry : entries) {
                producer.send(new ProducerRecord<>(
                        topic.name(),
                        topic.key().serializer().serialize(topic.name(), entry.key()),
                        topic.value().serializer().serialize(topic.name(), entry.value())));
            }
            producer.commitTransaction();
        }

        @Override
        public void close() {
            producer.close();
        }
    }

    @Override
    public void close() {
        networks.forEach(TrainableModel::close);
    }
}
