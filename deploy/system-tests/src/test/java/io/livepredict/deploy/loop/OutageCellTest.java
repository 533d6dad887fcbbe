package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The cells that are run stand for those that are not. */
class OutageCellTest {
    @Test
    void shouldCoverEveryPairOfLevelsWithAFewCellsThatAreAlwaysTheSame() {
        List<OutageCell> few = OutageCell.covering();
        assertThat(pairs(few)).isEqualTo(pairs(OutageCell.all()));
        assertThat(few).hasSizeLessThanOrEqualTo(25).doesNotHaveDuplicates();
        assertThat(OutageCell.covering()).isEqualTo(few);
    }

    @Test
    void shouldSpreadEntitiesOnlyWhereThereAreSeveralSourcePartitions() {
        assertThat(OutageCell.all()).hasSize(4 * 4 * (8 + 12 + 16)).doesNotHaveDuplicates();
    }

    private static Set<String> pairs(List<OutageCell> cells) {
        Set<String> pairs = new HashSet<>();
        for (OutageCell cell : cells) {
            List<Object> levels = cell.levels();
            for (int a = 0; a < levels.size(); a++) {
                for (int b = a + 1; b < levels.size(); b++) {
                    pairs.add(a + "=" + levels.get(a) + " with " + b + "=" + levels.get(b));
                }
            }
        }
        return pairs;
    }
}
