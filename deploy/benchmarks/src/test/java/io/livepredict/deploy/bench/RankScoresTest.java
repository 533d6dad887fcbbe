package io.livepredict.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class RankScoresTest {
    @Test
    void shouldCountEqualScoresAsInTheMiddleAndNoCandidateAsTheLastOfAll() {
        RankScores ranks = new RankScores();
        ranks.add(new double[] {3, 1, 2}, 3, 0); // rank 0
        ranks.add(new double[] {3, 1, 2}, 3, 1); // rank 2
        ranks.add(new double[] {1, 1, 1, 1, 1, 9}, 5, 4); // four equals: rank 2; the sixth is no candidate
        ranks.add(new double[] {1}, 1, -1);
        ObjectNode figures = JsonNodeFactory.instance.objectNode();
        ranks.write(figures);

        assertThat(figures.path("n").asLong()).isEqualTo(4);
        assertThat(figures.path("hr_1").asDouble()).isEqualTo(0.25);
        assertThat(figures.path("hr_5").asDouble()).isEqualTo(0.75);
        assertThat(figures.path("hr_10").asDouble()).isEqualTo(0.75);
        assertThat(figures.path("mrr").asDouble()).isCloseTo((1 + 2 / 3.0) / 4, within(1e-12));
        assertThat(figures.path("ndcg_10").asDouble()).isCloseTo((1 + 0.5 + 0.5) / 4, within(1e-12));
    }
}
