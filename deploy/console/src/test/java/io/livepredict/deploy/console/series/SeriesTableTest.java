package io.livepredict.deploy.console.series;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SeriesTableTest {
    private final SeriesTable table = new SeriesTable();

    @Test
    void shouldHoldSecondsOfTheLastQuarterOfAnHourAndNoMore() {
        for (long second = 1; second <= 5_000; second++) {
            table.add(second, Map.of("a", (double) second));
        }
        SeriesTable.Rows rows = table.last(SeriesTable.FINE_SECONDS, name -> true);
        assertThat(rows.times()).hasSize(SeriesTable.FINE_SECONDS).endsWith(5_000);
        assertThat(rows.values().get("a")).hasSize(SeriesTable.FINE_SECONDS).endsWith(5_000f);
        assertThat(table.last(10, name -> true).times()).hasSize(10).startsWith(4_991);
    }

    @Test
    void shouldGoFurtherBackInMeans() {
        for (long second = 0; second < 100_000; second++) {
            table.add(second, Map.of("a", second % 2 == 0 ? 1.0 : 3.0));
        }
        SeriesTable.Rows rows = table.last(SeriesTable.COARSE_SECONDS, name -> true);
        assertThat(rows.times().length)
                .isBetween(
                        SeriesTable.COARSE_SECONDS / SeriesTable.COARSE_STEP - 2,
                        SeriesTable.COARSE_SECONDS / SeriesTable.COARSE_STEP);
        assertThat(rows.values().get("a")).containsOnly(2f);
    }

    @Test
    void shouldLeaveGapsWhereThereWasNoValue() {
        table.add(1, Map.of("a", 1.0));
        table.add(2, Map.of("b", 2.0));
        table.add(4, Map.of("a", 3.0));
        SeriesTable.Rows rows = table.last(60, name -> name.equals("a"));
        assertThat(rows.times()).containsExactly(1, 2, 4);
        assertThat(rows.values()).containsOnlyKeys("a");
        assertThat(rows.values().get("a")).containsExactly(1, Float.NaN, 3);
    }

    @Test
    void shouldDropAndCountValuesOfMoreNamesThanItHolds() {
        for (int i = 0; i < SeriesTable.MOST_SERIES + 5; i++) {
            table.add(i + 1, Map.of("name" + i, 1.0));
        }
        assertThat(table.last(10_000, name -> true).values()).hasSizeLessThanOrEqualTo(SeriesTable.MOST_SERIES);
        assertThat(table.dropped()).isEqualTo(5);
    }

    @Test
    void shouldPassOverASecondThatIsNotAfterTheLast() {
        table.add(10, Map.of("a", 1.0));
        table.add(9, Map.of("a", 2.0));
        table.add(10, Map.of("a", 3.0));
        assertThat(table.last(60, name -> true).values().get("a")).containsExactly(1f);
    }
}
