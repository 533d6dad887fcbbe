package io.livepredict.trainer.publish;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Scale;
import io.livepredict.trainer.family.ExampleBatch;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The input rows that an exported model is checked on, here and by every scorer. They are made up, since they travel in
 * manifests that are kept for long: no row, and no value but the running means, is of anybody who was learned from.
 *
 * <ul>
 *   <li>The last row is that of somebody of whom nothing is known: zeros, no events, no ids.
 *   <li>The one before it has each dense input at its mean.
 *   <li>All others move every dense input away from its mean, on the scale that it is measured in, fill the sequence with
 *       each of the declared event types in turn, and name an id in each id feature.
 * </ul>
 *
 * Where there are fewer than three rows, the last kinds are the first to be left out. The same inputs give the same rows.
 */
public final class GoldenRows {
    private GoldenRows() {}

    /** Which ids of an id feature may be named. */
    @FunctionalInterface
    public interface Ids {
        /**
         * One of them.
         *
         * @param column of the id feature
         */
        int draw(IdFeature feature, int column, SplittableRandom random);

        /** Any. */
        static Ids any() {
            return (feature, column, random) -> feature.buckets() < 2 ? 0 : 1 + random.nextInt(feature.buckets() - 1);
        }
    }

    /**
     * Makes rows.
     *
     * @param schema of the model's inputs
     * @param usual what each dense input usually is; of another length than the dense inputs where that is not known
     * @param rows how many, at least one
     * @param targets of the model
     */
    public static ExampleBatch of(
            FeatureSchema schema, List<ModelManifest.Usual> usual, int rows, int targets, Ids ids) {
        ExampleBatch batch = new ExampleBatch(rows, schema, targets);
        boolean known = usual.size() == schema.dense().size();
        for (int row = 0; row < rows; row++) {
            boolean nothingKnown = rows > 2 && row == rows - 1;
            boolean atMeans = rows > 1 && row == Math.min(rows - 1, Math.max(1, rows - 2));
            if (!nothingKnown) {
                fill(batch, schema, known ? usual : List.of(), ids, row, atMeans);
            }
        }
        batch.size = rows;
        return batch;
    }

    private static void fill(
            ExampleBatch batch,
            FeatureSchema schema,
            List<ModelManifest.Usual> usual,
            Ids ids,
            int row,
            boolean atMeans) {
        SplittableRandom random = new SplittableRandom(row + 1);
        for (int i = 0; i < batch.denseWidth; i++) {
            float mean = usual.isEmpty() || !Float.isFinite(usual.get(i).mean())
                    ? 1
                    : usual.get(i).mean();
            batch.dense[row * batch.denseWidth + i] =
                    atMeans ? mean : moved(schema.dense().get(i).scale(), mean, random);
        }
        // Events are the newest of the sequence, padding comes before them: every other row is half full.
        int events = row % 2 == 0 ? batch.sequenceLength : batch.sequenceLength / 2;
        int codes = schema.eventTypes().size();
        for (int i = batch.sequenceLength - events; i < batch.sequenceLength && codes > 0; i++) {
            batch.sequenceTypes[row * batch.sequenceLength + i] = 1 + (row * batch.sequenceLength + i) % codes;
            batch.sequenceGaps[row * batch.sequenceLength + i] = (float) (6 * random.nextDouble()); // ln(1 + s)
        }
        for (int i = 0; i < batch.idWidth; i++) {
            batch.ids[row * batch.idWidth + i] = ids.draw(schema.ids().get(i), i, random);
        }
    }

    private static float moved(Scale scale, float mean, SplittableRandom random) {
        double size = (0.1 + 1.9 * random.nextDouble()) * (1 + Math.abs(mean));
        return switch (scale) {
            case COUNT -> (float) Math.max(1, Math.rint(size));
            case SECONDS -> (float) size;
            case AMOUNT -> (float) (random.nextBoolean() ? size : -size);
            case PLAIN -> (float) (mean + random.nextDouble() - 0.5);
        };
    }
}
