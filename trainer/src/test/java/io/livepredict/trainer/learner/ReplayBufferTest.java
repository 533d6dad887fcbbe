package io.livepredict.trainer.learner;

import static io.livepredict.trainer.learner.LearnerFixture.SCHEMA;
import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.trainer.family.ExampleBatch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ReplayBufferTest {
    private static final int TARGETS = 3;

    private record Example(int partition, long offset, long snapshot, int target, float label) {}

    private static ExampleBatch batch(Example example) {
        ExampleBatch batch = new ExampleBatch(1, SCHEMA, TARGETS);
        batch.dense[0] = example.snapshot();
        batch.labels[example.target()] = example.label();
        batch.mask[example.target()] = 1;
        batch.size = 1;
        return batch;
    }

    private static void add(ReplayBuffer buffer, Example example) {
        buffer.add(example.partition(), example.offset(), example.snapshot(), batch(example), 0);
    }

    private static List<Float> drawn(ReplayBuffer buffer) {
        ExampleBatch into = new ExampleBatch(50, SCHEMA, TARGETS);
        buffer.draw(new SplittableRandom(7), into, 50);
        List<Float> all = new ArrayList<>();
        for (int r = 0; r < 50; r++) {
            all.add(into.dense[r * into.denseWidth]);
            for (int t = 0; t < TARGETS; t++) {
                all.add(into.mask[r * TARGETS + t]);
                all.add(into.mask[r * TARGETS + t] * into.labels[r * TARGETS + t]);
            }
        }
        return all;
    }

    private static byte[] written(ReplayBuffer buffer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        buffer.write(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    /** Each snapshot has a label of each target, known after different times. */
    private static List<Example> history(Random random) {
        List<Example> all = new ArrayList<>();
        long[] next = new long[4];
        for (int i = 0; i < 130; i++) {
            for (int target = 0; target < Math.min(TARGETS, 1 + i / 5); target++) {
                int partition = random.nextInt(4);
                next[partition] += 1 + random.nextInt(2);
                all.add(new Example(partition, next[partition], 1 + i - 5 * target, target, random.nextInt(2)));
            }
        }
        return all;
    }

    @Property(tries = 100)
    void shouldDrawTheSameWhenItsExamplesWereReadAgainPartitionByPartition(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        List<Example> history = history(random);
        ReplayBuffer buffer = new ReplayBuffer(20, SCHEMA, TARGETS);
        int stop = 1 + random.nextInt(history.size() - 1);
        history.subList(0, stop).forEach(example -> add(buffer, example));

        ReplayBuffer again = new ReplayBuffer(20, SCHEMA, TARGETS);
        again.read(new DataInputStream(new ByteArrayInputStream(written(buffer))));
        assertThat(written(again)).isEqualTo(written(buffer));
        assertThat(again.missing()).isEqualTo(buffer.size());
        history.stream()
                .limit(stop)
                .sorted(Comparator.comparingInt(Example::partition))
                .filter(example ->
                        again.expectedFrom().getOrDefault(example.partition(), Long.MAX_VALUE) <= example.offset())
                .forEach(example ->
                        again.refill(example.partition(), example.offset(), example.snapshot(), batch(example), 0));

        assertThat(again.missing()).isZero();
        assertThat(drawn(again)).isEqualTo(drawn(buffer));
        for (Example example : history.subList(stop, history.size())) {
            add(buffer, example);
            add(again, example);
        }
        assertThat(drawn(again)).isEqualTo(drawn(buffer));
        assertThat(written(again)).isEqualTo(written(buffer));
    }

    @Test
    void shouldKeepTheLabelsOfASnapshotTogetherUntilTheyAreOld() {
        ReplayBuffer buffer = new ReplayBuffer(2, SCHEMA, TARGETS);
        add(buffer, new Example(0, 0, 10, 0, 1));
        add(buffer, new Example(0, 1, 11, 0, 0));
        add(buffer, new Example(0, 2, 10, 1, 1));
        assertThat(buffer.size()).isEqualTo(3);
        assertThat(drawn(buffer)).startsWith(rowOf(buffer, 10, 1, 1, 0));

        add(buffer, new Example(0, 3, 12, 0, 1)); // no room for a third row until all of 10 and 11 is gone
        assertThat(buffer.size()).isEqualTo(2);
        assertThat(drawn(buffer)).doesNotContain(11f);
    }

    /** The first drawn row if it is that snapshot's with labels for these targets; made by hand. */
    private static Float[] rowOf(ReplayBuffer buffer, float snapshot, float first, float second, float third) {
        ExampleBatch into = new ExampleBatch(1, SCHEMA, TARGETS);
        buffer.draw(new SplittableRandom(7), into, 1);
        assertThat(List.of(10f, 11f)).contains(into.dense[0]);
        return into.dense[0] == snapshot
                ? new Float[] {snapshot, first, 1f, second, second, third, 0f}
                : new Float[] {11f, 1f, 0f, 0f, 0f, 0f, 0f};
    }

    @Test
    void shouldGoOnWithoutExamplesThatAreGone() throws IOException {
        ReplayBuffer buffer = new ReplayBuffer(10, SCHEMA, TARGETS);
        List<Example> examples =
                List.of(new Example(0, 5, 1, 0, 1), new Example(1, 9, 2, 0, 0), new Example(0, 6, 3, 0, 1));
        examples.forEach(example -> add(buffer, example));
        ReplayBuffer again = new ReplayBuffer(10, SCHEMA, TARGETS);
        again.read(new DataInputStream(new ByteArrayInputStream(written(buffer))));
        assertThat(again.expectedFrom()).isEqualTo(Map.of(0, 5L, 1, 9L));

        again.refill(0, 6, 3, batch(examples.get(2)), 0);
        assertThat(again.missing()).isEqualTo(2);
        again.settle();

        assertThat(again.size()).isEqualTo(1);
        assertThat(drawn(again)).contains(3f).doesNotContain(2f);
    }
}
