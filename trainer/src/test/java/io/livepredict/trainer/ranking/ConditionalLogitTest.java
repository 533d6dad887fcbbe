package io.livepredict.trainer.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.avro.ChoiceExample;
import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.PairFeatures;
import io.livepredict.trainer.graph.CompiledGraph;
import io.livepredict.trainer.graph.ElementType;
import io.livepredict.trainer.graph.HostTensor;
import io.livepredict.trainer.ort.OrtRuntime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConditionalLogitTest {
    private static final int SIZE = PairFeatures.ALL.size();

    /** Choices among 40 by a logit of which the truth is known; 8 of them are logged. */
    private static List<Choice> choices(int count, double[] truth, double outside) {
        Random random = new Random(5);
        List<Choice> choices = new ArrayList<>();
        for (int c = 0; c < count; c++) {
            int all = 40;
            float[] vectors = new float[all * SIZE];
            double[] logits = new double[all + 1];
            for (int i = 0; i < all; i++) {
                for (int k = 0; k < SIZE; k++) {
                    vectors[i * SIZE + k] = (float) random.nextGaussian();
                    logits[i] += truth[k] * vectors[i * SIZE + k];
                }
            }
            logits[all] = outside;
            int chosen = 0;
            double best = Double.NEGATIVE_INFINITY;
            for (int i = 0; i <= all; i++) {
                double gumbel = logits[i] - Math.log(-Math.log(random.nextDouble()));
                if (gumbel > best) {
                    best = gumbel;
                    chosen = i;
                }
            }
            boolean missed = chosen == all;
            int logged = 8;
            float[] kept = new float[logged * SIZE];
            int at = 0;
            if (!missed) {
                System.arraycopy(vectors, chosen * SIZE, kept, 0, SIZE);
                at = 1;
            }
            for (int i = 0; at < logged; i++) {
                if (i != chosen) {
                    System.arraycopy(vectors, i * SIZE, kept, at++ * SIZE, SIZE);
                }
            }
            choices.add(new Choice(kept, missed ? -1 : 0, all));
        }
        return choices;
    }

    @Test
    void shouldFindWhatChoicesWereMadeByThoughNotAllCandidatesAreLogged() {
        double[] truth = new double[SIZE];
        truth[0] = 1.5;
        truth[3] = -1;
        ConditionalLogit logit = new ConditionalLogit(0.1);
        choices(20_000, truth, 3).forEach(logit::learn);

        for (int k = 0; k < SIZE; k++) {
            float[] one = new float[SIZE];
            one[k] = 1;
            assertThat(logit.score(one, 0)).as(PairFeatures.ALL.get(k).name()).isCloseTo(truth[k], within(0.12));
        }
        assertThat(logit.outside()).isCloseTo(3, within(0.25));
    }

    @Test
    void shouldRankAndGiveProbabilitiesInTheExportedModelAsInTheTrainer() {
        double[] truth = new double[SIZE];
        truth[2] = 2;
        ConditionalLogit logit = new ConditionalLogit(0.1);
        List<Choice> choices = choices(500, truth, 1);
        choices.forEach(logit::learn);
        float[] vectors = choices.get(0).vectors();
        int n = choices.get(0).logged();
        try (CompiledGraph graph = new OrtRuntime().compile(logit.onnx())) {
            HostTensor in = HostTensor.allocate(ElementType.FLOAT, n, SIZE);
            in.floats().put(vectors);
            HostTensor out = HostTensor.allocate(ElementType.FLOAT, n, 1);
            try (CompiledGraph.Call call =
                    graph.bind(Map.of(OnnxContract.DENSE, in), Map.of(OnnxContract.SCORES, out))) {
                call.run();
            }
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += out.floats().get(i);
                // All of them are logged in this choice, so each stands for itself.
                double loss = logit.loss(new Choice(vectors, i, n));
                assertThat(out.floats().get(i)).isCloseTo((float) Math.exp(-loss), within(1e-5f));
            }
            assertThat(1 - sum).isCloseTo(Math.exp(-logit.loss(new Choice(vectors, -1, n))), within(1e-5));
        }
    }

    @Test
    void shouldGoOnFromItsStateAsIfItHadNeverStopped() {
        List<Choice> choices = choices(400, new double[SIZE], 0);
        ConditionalLogit whole = new ConditionalLogit(0.1);
        choices.forEach(whole::learn);
        ConditionalLogit first = new ConditionalLogit(0.1);
        choices.subList(0, 150).forEach(first::learn);
        ConditionalLogit second = new ConditionalLogit(0.1);
        second.restore(first.state());
        choices.subList(150, 400).forEach(second::learn);

        assertThat(second.state()).isEqualTo(whole.state());
    }

    @Test
    void shouldTakeNoExampleThatIsDamagedOrOfOtherFeatures() {
        ChoiceExample good = example(new float[2 * SIZE], 1, 7);
        assertThat(Choice.of(good)).isNotNull().satisfies(choice -> {
            assertThat(choice.logged()).isEqualTo(2);
            assertThat(choice.chosen()).isEqualTo(1);
            assertThat(choice.candidates()).isEqualTo(7);
        });
        assertThat(Choice.of(example(new float[2 * SIZE + 1], 1, 7))).isNull();
        assertThat(Choice.of(example(new float[2 * SIZE], 2, 7))).isNull();
        assertThat(Choice.of(example(new float[2 * SIZE], -2, 7))).isNull();
        assertThat(Choice.of(example(new float[2 * SIZE], 0, 1))).isNull();
        float[] nan = new float[2 * SIZE];
        nan[3] = Float.NaN;
        assertThat(Choice.of(example(nan, 0, 7))).isNull();
        ChoiceExample others = example(new float[2 * SIZE], 1, 7);
        others.setPairFeatures("other");
        assertThat(Choice.of(others)).isNull();
    }

    private static ChoiceExample example(float[] vectors, int chosen, int candidates) {
        ByteBuffer bytes = ByteBuffer.allocate(vectors.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vectors);
        return ChoiceExample.newBuilder()
                .setEntityId("v")
                .setContextId("r")
                .setEventId("e")
                .setEventTime(1)
                .setPairFeatures(PairFeatures.ID)
                .setCandidates(candidates)
                .setChosen(chosen)
                .setVectors(bytes)
                .setEmittedAt(2)
                .build();
    }
}
