package io.livepredict.trainer.family;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.trainer.ort.OrtRuntime;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Was the gift before the chat, or after? Both happen once, at least five events apart, among others, at random places. Counts
 * say nothing, nor does any window of four events: it takes a memory.
 */
class SequenceProblemTest {
    private static final int ROWS = 128;
    private static final int LENGTH = 16;
    private static final int CHAT = 2;
    private static final int GIFT = 3;
    private final FeatureSchema schema = Fixtures.schema(4, LENGTH, 0);
    private final List<Target> targets = List.of(Fixtures.binary("gift-last", 0.5));

    private void fill(ExampleBatch batch, SplittableRandom random) {
        Fixtures.fill(batch, schema, targets, ROWS, random);
        for (int row = 0; row < ROWS; row++) {
            // Three events from either end, or the window that only just reaches one would give its place away.
            int start = 3 + random.nextInt(LENGTH - 11);
            int gap = 5 + random.nextInt(LENGTH - start - 8);
            boolean giftLast = random.nextInt(2) == 0;
            for (int k = 0; k < LENGTH; k++) {
                boolean first = k == start;
                boolean second = k == start + gap;
                int filler = random.nextInt(2) == 0 ? 1 : 4;
                int type = first == second ? filler : first == giftLast ? CHAT : GIFT;
                batch.sequenceTypes[row * LENGTH + k] = type;
                batch.sequenceGaps[row * LENGTH + k] = random.nextInt(100) / 50f;
            }
            batch.labels[row] = giftLast ? 1f : 0f;
            batch.mask[row] = 1f;
        }
    }

    private double accuracyAfter(FamilySettings family, int steps) {
        try (TrainableModel model = TrainableModels.create(family, schema, targets, ROWS, 3, new OrtRuntime())) {
            ExampleBatch batch = Fixtures.batch(schema, 1, ROWS);
            SplittableRandom random = new SplittableRandom(8);
            float[] scores = new float[ROWS];
            int right = 0;
            for (int i = 0; i < steps; i++) {
                fill(batch, random);
                model.step(batch, 1, scores);
                for (int row = 0; i >= steps - 20 && row < ROWS; row++) {
                    right += (scores[row] > 0.5) == (batch.labels[row] == 1f) ? 1 : 0;
                }
            }
            return right / (20.0 * ROWS);
        }
    }

    @Test
    void shouldBeLearnedByAGru() {
        assertThat(accuracyAfter(new FamilySettings.Gru(16, List.of(), Activation.RELU, Training.adam(0.01)), 500))
                .isGreaterThan(0.97);
    }

    @Test
    void shouldNotBeWithinReachOfFamiliesWithoutAMemory() {
        assertThat(accuracyAfter(new FamilySettings.Mlp(List.of(16), Activation.RELU, Training.adam(0.01)), 200))
                .isBetween(0.4, 0.6);
        assertThat(accuracyAfter(new FamilySettings.Cnn(16, 4, List.of(), Activation.RELU, Training.adam(0.01)), 500))
                .isBetween(0.4, 0.6);
    }
}
