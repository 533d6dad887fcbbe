package io.livepredict.trainer.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.trainer.family.ModelState.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DistributionsTest {
    private static List<Distributions.Piece> of(List<Distributions.Piece> all, int feature) {
        return all.stream().filter(piece -> piece.feature() == feature).toList();
    }

    @Test
    void shouldPlacePiecesThatFollowEachOtherWhereTheValuesLie() {
        Distributions distributions = new Distributions(3);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2_000; i++) {
            distributions.add(0, (float) random.nextDouble()); // evenly
            distributions.add(1, random.nextInt(2)); // two values need no pieces
            distributions.add(2, (float) Math.exp(4 * random.nextGaussian())); // over orders of magnitude
        }

        List<Distributions.Piece> placed = distributions.place(12);

        assertThat(placed).hasSize(12);
        assertThat(of(placed, 1)).isEmpty();
        List<Distributions.Piece> even = of(placed, 0);
        assertThat(even.size()).isGreaterThanOrEqualTo(4);
        for (int i = 0; i < even.size(); i++) {
            float high = even.get(i).low() + 1 / even.get(i).scale();
            float next = i + 1 < even.size() ? even.get(i + 1).low() : 1;
            assertThat(high).isCloseTo(next, within(0.02f));
            // The mean of how far it is passed, by evenly spread values.
            float middle = (even.get(i).low() + high) / 2;
            assertThat(even.get(i).centre()).isCloseTo(1 - middle, within(0.05f));
        }
    }

    @Test
    void shouldGiveNoFeatureMoreThanTwelveAndNoMorePiecesThanThereAreValues() {
        Distributions distributions = new Distributions(2);
        for (int i = 0; i < 1_000; i++) {
            distributions.add(0, i / 100f);
            distributions.add(1, i % 3);
        }

        List<Distributions.Piece> placed = distributions.place(100);

        assertThat(of(placed, 0)).hasSize(12);
        assertThat(of(placed, 1)).hasSize(2);
    }

    @Test
    void shouldAddToThePiecesThatStandAndLeaveThem() {
        Distributions distributions = new Distributions(1);
        for (int i = 0; i < 1_000; i++) {
            distributions.add(0, i / 1_000f);
        }
        List<Distributions.Piece> first = distributions.place(4);
        assertThat(first).hasSize(4);
        for (int i = 0; i < 3_000; i++) {
            distributions.add(0, 2 + i / 1_000f); // the world has moved
        }
        first.forEach(piece -> distributions.keep(0, piece.low(), piece.low() + 1 / piece.scale()));

        List<Distributions.Piece> second = distributions.place(4);

        assertThat(second).isNotEmpty().hasSizeLessThanOrEqualTo(4);
        assertThat(second).allMatch(piece -> piece.low() + 1 / piece.scale() > 1.2f);
        assertThat(distributions.place(0)).isEmpty();
    }

    @Test
    void shouldHoldValuesOfAnySizeAndGoOnFromItsState() {
        Distributions distributions = new Distributions(1);
        List<Float> values = new ArrayList<>(List.of(0f, 1e-30f, -3f, 1e30f, Float.MAX_VALUE, -Float.MAX_VALUE));
        values.addAll(List.of(1.7e9f, 5f, Float.NaN, Float.POSITIVE_INFINITY));
        values.forEach(value -> distributions.add(0, value));
        Map<String, Tensor> saved = new LinkedHashMap<>();
        distributions.save(saved);
        float counted = 0;
        for (float count : States.values(new ModelState(saved), Distributions.SEEN)) {
            counted += count;
        }
        assertThat(counted).isEqualTo(8); // all that are numbers

        Distributions restored = new Distributions(1);
        restored.load(new ModelState(saved));
        distributions.add(0, 3e38f);
        restored.add(0, 3e38f);

        assertThat(restored.place(10)).isEqualTo(distributions.place(10)).isNotEmpty();
    }
}
