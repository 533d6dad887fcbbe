package io.livepredict.deploy.bench;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.FamilySettings;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.family.TrainableModels;
import io.livepredict.trainer.ort.OrtRuntime;
import io.livepredict.trainer.publish.Manifests;
import io.livepredict.trainer.publish.Origin;
import io.livepredict.trainer.publish.TrainingProgress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A model of every family as the trainer exports it, and random rows to score with it. Deterministic. */
final class DeviceModels {
    private static final int BATCH = 256;
    private static final int STEPS = 256; // by then all pieces are placed
    private static final int GOLDEN = 32;

    final FeatureSchema schema;
    final List<Target> targets;

    /**
     * An exported model.
     *
     * @param manifest holds golden rows with the scores that the trainer gave them
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record Exported(String family, byte[] onnx, ModelManifest manifest) {}

    DeviceModels(FeatureSchema schema, List<Target> targets) {
        this.schema = schema;
        this.targets = targets;
    }

    /** One of each family, each after a few thousand examples of random rows. */
    List<Exported> all() {
        List<Exported> models = new ArrayList<>();
        for (FamilySettings family : List.of(
                FamilySettings.Logistic.defaults(),
                FamilySettings.Mlp.defaults(),
                FamilySettings.WideAndDeep.defaults(),
                FamilySettings.Gru.defaults(),
                FamilySettings.Cnn.defaults())) {
            models.add(export(family));
        }
        return models;
    }

    /** After a few thousand examples of random rows. */
    Exported export(FamilySettings family) {
        Random random = new Random(1);
        try (TrainableModel model = TrainableModels.create(family, schema, targets, BATCH, 1, new OrtRuntime())) {
            ExampleBatch batch = batch(BATCH);
            float[] scores = new float[BATCH * targets.size()];
            for (int step = 0; step < STEPS; step++) {
                fill(batch, BATCH, random);
                model.step(batch, 1, scores);
            }
            ExampleBatch golden = batch(GOLDEN);
            fill(golden, GOLDEN, random);
            float[] wanted = new float[GOLDEN * targets.size()];
            model.predict(golden, wanted);
            byte[] onnx = model.export();
            Manifests.Facts facts = new Manifests.Facts(
                    new Manifests.Identity(schema.kind().id(), 1, 0, Instant.EPOCH),
                    family.id(),
                    new TrainingProgress(Map.of(0, (long) STEPS * BATCH), (long) STEPS * BATCH, 0),
                    Map.of(),
                    new Origin("", ""));
            return new Exported(family.id(), onnx, Manifests.make(facts, schema, targets, onnx, golden, wanted));
        }
    }

    ExampleBatch batch(int capacity) {
        return new ExampleBatch(capacity, schema, targets.size());
    }

    /** Labels that depend on the row, so that there is something to learn and no weight stays where it began. */
    void fill(ExampleBatch batch, int rows, Random random) {
        batch.clear();
        batch.size = rows;
        FeatureVector row = new FeatureVector(schema);
        for (int r = 0; r < rows; r++) {
            draw(row, random);
            System.arraycopy(row.dense, 0, batch.dense, r * row.dense.length, row.dense.length);
            System.arraycopy(row.ids, 0, batch.ids, r * row.ids.length, row.ids.length);
            System.arraycopy(
                    row.sequenceTypes, 0, batch.sequenceTypes, r * row.sequenceTypes.length, row.sequenceTypes.length);
            System.arraycopy(
                    row.sequenceGaps, 0, batch.sequenceGaps, r * row.sequenceGaps.length, row.sequenceGaps.length);
            for (int t = 0; t < targets.size(); t++) {
                boolean high = Arrays.stream(row.sequenceTypes).sum() % (t + 2) == 0 ^ row.dense[t] > 1;
                batch.labels[r * targets.size() + t] = high ? 1 : 0;
                batch.mask[r * targets.size() + t] = 1;
            }
        }
    }

    /** That many rows. */
    FeatureVector[] rows(int count, long seed) {
        Random random = new Random(seed);
        FeatureVector[] rows = new FeatureVector[count];
        for (int r = 0; r < count; r++) {
            rows[r] = new FeatureVector(schema);
            draw(rows[r], random);
        }
        return rows;
    }

    /** Counts and durations over many orders of magnitude, as they are; a history of any length; any ids. */
    private void draw(FeatureVector row, Random random) {
        for (int f = 0; f < row.dense.length; f++) {
            double gaussian = random.nextGaussian();
            row.dense[f] = (float)
                    switch (schema.dense().get(f).scale()) {
                        case COUNT -> Math.floor(Math.exp(2 * gaussian));
                        case SECONDS -> Math.exp(3 * gaussian);
                        case AMOUNT -> 10 * gaussian;
                        case PLAIN -> Math.tanh(gaussian);
                    };
        }
        int length = random.nextInt(row.sequenceTypes.length + 1);
        for (int step = 0; step < row.sequenceTypes.length; step++) {
            boolean padding = step < row.sequenceTypes.length - length;
            row.sequenceTypes[step] =
                    padding ? 0 : 1 + random.nextInt(schema.eventTypes().size());
            row.sequenceGaps[step] = padding ? 0 : (float) Math.abs(2 * random.nextGaussian());
        }
        for (int i = 0; i < row.ids.length; i++) {
            row.ids[i] = random.nextInt(schema.ids().get(i).buckets());
        }
    }
}
