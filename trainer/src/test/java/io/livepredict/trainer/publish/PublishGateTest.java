package io.livepredict.trainer.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.trainer.evaluation.PrequentialTable.AgainstServed;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.ModelState;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.publish.PublishGate.Reason;
import io.livepredict.trainer.publish.PublishGate.Verdict;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PublishGateTest {
    private static final AgainstServed UNKNOWN = new AgainstServed(0, Double.NaN, Double.NaN);

    /** Says the same score to every row. */
    private record Constant(float score, boolean isFinite) implements TrainableModel {
        @Override
        public void rehearse(ExampleBatch batch, double learningRateScale) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String family() {
            return "constant";
        }

        @Override
        public double step(ExampleBatch batch, double learningRateScale, float[] scores) {
            return 0;
        }

        @Override
        public void predict(ExampleBatch batch, float[] scores) {
            Arrays.fill(scores, 0, batch.size * batch.targets, score);
        }

        @Override
        public byte[] export() {
            return new byte[] {1};
        }

        @Override
        public ModelState state() {
            return new ModelState(Map.of());
        }

        @Override
        public void restore(ModelState state) {}

        @Override
        public void close() {}
    }

    /** An exported model that says the same score to every row. */
    private record Says(float score) implements ModelRunner.Loaded {
        @Override
        public void scores(ExampleBatch rows, float[] into) {
            Arrays.fill(into, score);
        }

        @Override
        public void close() {}
    }

    private static Verdict check(float learner, float exported, AgainstServed comparison) {
        ExampleBatch golden = new ExampleBatch(4, 1, 0, 0, 1);
        golden.size = 2;
        PublishGate gate = new PublishGate(GateSettings.defaults(), onnx -> new Says(exported));
        return gate.check(new Constant(learner, true), comparison, usual -> golden);
    }

    private static Reason reason(Verdict verdict) {
        return ((Verdict.Refused) verdict).reason();
    }

    @Test
    void shouldPassWhatScoresTheSameInTheExportedModel() {
        Verdict verdict = check(0.5f, 0.500005f, UNKNOWN);
        assertThat(verdict).isInstanceOf(Verdict.Passed.class);
        assertThat(((Verdict.Passed) verdict).goldenScores()).containsExactly(0.5f, 0.5f);
        assertThat(((Verdict.Passed) verdict).onnx()).containsExactly(1);
    }

    @Test
    void shouldRefuseWhenTheExportedModelScoresOtherwise() {
        Verdict verdict = check(0.5f, 0.50002f, UNKNOWN);
        assertThat(reason(verdict)).isEqualTo(Reason.GOLDEN_ROWS_DIFFER);
        assertThat(((Verdict.Refused) verdict).figures()).contains("0.5", "0.50002");
        assertThat(reason(check(0.5f, Float.NaN, UNKNOWN))).isEqualTo(Reason.GOLDEN_ROWS_DIFFER);
    }

    @Test
    void shouldAllowRelativeToLargeValues() {
        assertThat(check(1_000f, 1_000.005f, UNKNOWN)).isInstanceOf(Verdict.Passed.class);
        assertThat(reason(check(1_000f, 1_000.05f, UNKNOWN))).isEqualTo(Reason.GOLDEN_ROWS_DIFFER);
    }

    @Test
    void shouldRefuseWhenWorseThanServedByMoreThanTheMargin() {
        assertThat(check(0.5f, 0.5f, new AgainstServed(500, 0.84, 0.8))).isInstanceOf(Verdict.Passed.class);
        Verdict verdict = check(0.5f, 0.5f, new AgainstServed(500, 0.85, 0.8));
        assertThat(reason(verdict)).isEqualTo(Reason.WORSE_THAN_SERVED);
        assertThat(((Verdict.Refused) verdict).figures()).contains("0.8500", "0.8000", "500 labels");
    }

    @Test
    void shouldNotCompareBelowTheFloor() {
        assertThat(check(0.5f, 0.5f, new AgainstServed(499, 2, 0.8))).isInstanceOf(Verdict.Passed.class);
    }

    @Test
    void shouldRefuseWhatIsNotFiniteOrDoesNotRun() {
        ExampleBatch golden = new ExampleBatch(4, 1, 0, 0, 1);
        golden.size = 1;
        PublishGate gate = new PublishGate(GateSettings.defaults(), onnx -> {
            throw new ModelRunner.ModelRunnerException("no such operator", new IllegalStateException());
        });
        assertThat(reason(gate.check(new Constant(0.5f, false), UNKNOWN, usual -> golden)))
                .isEqualTo(Reason.NOT_FINITE);
        assertThat(reason(gate.check(new Constant(0.5f, true), UNKNOWN, usual -> golden)))
                .isEqualTo(Reason.EXPORT_FAILED);
    }
}
