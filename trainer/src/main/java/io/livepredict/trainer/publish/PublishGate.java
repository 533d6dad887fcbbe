package io.livepredict.trainer.publish;

import io.livepredict.contract.ModelManifest;
import io.livepredict.trainer.evaluation.PrequentialTable.AgainstServed;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.publish.ModelRunner.ModelRunnerException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Decides whether a learner, as it is now, may be served. */
public final class PublishGate {
    private final GateSettings settings;
    private final ModelRunner runner;

    public PublishGate(GateSettings settings, ModelRunner runner) {
        this.settings = settings;
        this.runner = runner;
    }

    /** Why a learner was not published. */
    public enum Reason {
        /** A parameter is NaN or infinite. */
        NOT_FINITE,
        /** It did worse than what was served, on the same recent labels. */
        WORSE_THAN_SERVED,
        /** The exported model does not load or run. */
        EXPORT_FAILED,
        /** The exported model scores a golden row otherwise than the learner does. */
        GOLDEN_ROWS_DIFFER
    }

    /** Makes golden rows. */
    @FunctionalInterface
    public interface Rows {
        /** Rows around what each dense input of the exported model usually is; empty where that is not known. */
        ExampleBatch around(List<ModelManifest.Usual> usual);
    }

    /** What the gate says. */
    public sealed interface Verdict {
        /**
         * It may be served.
         *
         * @param onnx the exported model
         * @param golden the golden rows
         * @param goldenScores [rows, targets]
         */
        @SuppressWarnings("ArrayRecordComponent") // moved, never compared
        record Passed(byte[] onnx, ExampleBatch golden, float[] goldenScores) implements Verdict {}

        /**
         * It may not.
         *
         * @param figures one line
         */
        record Refused(Reason reason, String figures) implements Verdict {}
    }

    /**
     * Checks the learner.
     *
     * @param comparison how it did beside what was served
     * @param rows makes the golden rows, at least one
     */
    public Verdict check(TrainableModel model, AgainstServed comparison, Rows rows) {
        if (!model.isFinite()) {
            return new Verdict.Refused(Reason.NOT_FINITE, "a parameter of " + model.family() + " is not finite");
        }
        if (comparison.labels() >= settings.floor()
                && comparison.learner() > comparison.served() * (1 + settings.margin())) {
            return new Verdict.Refused(
                    Reason.WORSE_THAN_SERVED,
                    String.format(
                            Locale.ROOT,
                            "loss relative to the base rate %.4f, served %.4f, over %.0f labels, margin %.3f",
                            comparison.learner(),
                            comparison.served(),
                            comparison.labels(),
                            settings.margin()));
        }
        byte[] onnx = model.export();
        ExampleBatch golden = rows.around(model.usual());
        int scores = golden.size * golden.targets;
        float[] expected = new float[golden.capacity * golden.targets];
        model.predict(golden, expected);
        float[] got;
        try {
            got = runner.scores(onnx, golden);
        } catch (ModelRunnerException e) {
            return new Verdict.Refused(Reason.EXPORT_FAILED, String.valueOf(e.getMessage()));
        }
        for (int i = 0; i < scores; i++) {
            double allowed = settings.tolerance() * Math.max(1, Math.abs(expected[i]));
            if (!(Math.abs(got[i] - expected[i]) <= allowed)) {
                return new Verdict.Refused(
                        Reason.GOLDEN_ROWS_DIFFER,
                        "golden row " + i / golden.targets + ", target " + i % golden.targets + ": the learner says "
                                + expected[i] + ", the exported model " + got[i]);
            }
        }
        return new Verdict.Passed(onnx, golden, Arrays.copyOf(expected, scores));
    }
}
