package io.livepredict.trainer.imports;

import io.livepredict.contract.IdFeature;
import io.livepredict.contract.ModelManifest;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.publish.GoldenRows;
import io.livepredict.trainer.publish.ModelOperator.RefusedOperationException;
import io.livepredict.trainer.publish.ModelRunner;
import io.livepredict.trainer.publish.ModelRunner.ModelRunnerException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Golden rows of a model that a user brought. Such a model may fail, or score what is not finite, away from what it was
 * trained on: ids are drawn from those seen in examples, and rows that it can't score are left out.
 */
final class MadeUpRows {
    /** So many are tried for each that is wanted. */
    private static final int TRIES = 4;

    private final ModelRunner runner;
    private final ImportedGraph.Wrapped wrapped;
    private final ExampleBatch examples;

    MadeUpRows(ModelRunner runner, ImportedGraph.Wrapped wrapped, ExampleBatch examples) {
        this.runner = runner;
        this.wrapped = wrapped;
        this.examples = examples;
    }

    /**
     * As many as are wanted, or as the model can score.
     *
     * @throws RefusedOperationException if it can score none
     */
    ModelImport.Scored golden(List<ModelManifest.Usual> usual, int wanted) throws ModelRunnerException {
        int heads = wrapped.heads().size();
        ExampleBatch made = GoldenRows.of(wrapped.schema(), usual, TRIES * wanted, heads, this::seen);
        ExampleBatch golden = Rows.empty(wrapped.schema(), heads, wanted);
        float[] scores = new float[wanted * heads];
        try (ModelRunner.Loaded loaded = runner.load(wrapped.onnx())) {
            ExampleBatch one = Rows.empty(wrapped.schema(), heads, 1);
            float[] score = new float[heads];
            for (int i = 0; i < made.size && golden.size < wanted; i++) {
                // The last two are the special ones, for which there is room from three on.
                Rows.copy(made, wanted < 3 ? i : made.size - 1 - i, 1, one);
                if (canScore(loaded, one, score)) {
                    System.arraycopy(score, 0, scores, golden.size * heads, heads);
                    Rows.append(one, golden);
                }
            }
        }
        if (golden.size == 0) {
            throw new RefusedOperationException("it scores none of " + made.size
                    + " made-up rows around the means of its inputs, with which every scorer checks it: see that it gives"
                    + " finite scores for values that it was not trained on");
        }
        return new ModelImport.Scored(golden, Arrays.copyOf(scores, golden.size * heads));
    }

    private static boolean canScore(ModelRunner.Loaded loaded, ExampleBatch row, float[] score) {
        try {
            loaded.scores(row, score);
        } catch (ModelRunnerException e) {
            return false;
        }
        return IntStream.range(0, score.length).allMatch(i -> Float.isFinite(score[i]));
    }

    private int seen(IdFeature feature, int column, SplittableRandom random) {
        return examples.ids[random.nextInt(examples.size) * examples.idWidth + column];
    }
}
