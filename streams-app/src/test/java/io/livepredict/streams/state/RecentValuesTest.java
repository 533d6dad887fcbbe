package io.livepredict.streams.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.streams.state.RecentValues.Budget;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over a real store: what is kept in front of it is never another value than it holds. */
class RecentValuesTest {
    private final TestStore kept = new TestStore();
    private final KeyValueStore<Bytes, byte[]> store = kept.store;

    @AfterEach
    void close() {
        kept.close();
    }

    @Test
    void shouldAlwaysHaveWhatTheStoreHas() {
        Random random = new Random(1);
        // Room for some of the keys only, so that values come and go.
        try (RecentValues values = new RecentValues(store, new Budget(5_000))) {
            for (int i = 0; i < 20_000; i++) {
                Bytes key = key(random.nextInt(60));
                switch (random.nextInt(4)) {
                    case 0 -> values.put(key, new byte[random.nextInt(200)]);
                    case 1 -> values.delete(key);
                    default -> assertThat(values.get(key)).isEqualTo(store.get(key));
                }
            }
            assertThat(values.size()).isBetween(5, 59);
        }
    }

    @Test
    void shouldForgetFirstWhatWasUsedLongestAgo() {
        try (RecentValues values = new RecentValues(store, new Budget(1_000))) {
            for (int i = 0; i < 4; i++) {
                values.put(key(i), new byte[] {1});
            }
            values.get(key(0));
            values.put(key(4), new byte[500]);
            changeUnderneath();
            assertThat(values.get(key(0))).containsExactly(1);
            assertThat(values.get(key(1))).containsExactly(2);
        }
    }

    @Test
    void shouldKnowThatThereIsNothing() {
        try (RecentValues values = new RecentValues(store, new Budget(1_000))) {
            assertThat(values.get(key(0))).isNull();
            changeUnderneath();
            assertThat(values.get(key(0))).isNull();
        }
    }

    @Test
    void shouldShareEquallyWithWhoeverElseIsOpenNow() {
        Budget budget = new Budget(2_000);
        try (RecentValues values = new RecentValues(store, budget)) {
            fill(values);
            int alone = values.size();
            RecentValues other = new RecentValues(store, budget);
            fill(values);
            assertThat(values.size()).isEqualTo(alone / 2);
            other.close();
            fill(values);
            assertThat(values.size()).isEqualTo(alone);
        }
    }

    @Test
    void shouldKeepNothingWithoutABudget() {
        try (RecentValues values = new RecentValues(store, new Budget(0))) {
            values.put(key(0), new byte[] {1});
            changeUnderneath();
            assertThat(values.get(key(0))).containsExactly(2);
            assertThat(values.size()).isZero();
        }
    }

    private static void fill(RecentValues values) {
        for (int i = 0; i < 100; i++) {
            values.put(key(i), new byte[10]);
        }
    }

    private void changeUnderneath() {
        for (int i = 0; i < 5; i++) {
            store.put(key(i), new byte[] {2});
        }
    }

    private static Bytes key(int i) {
        return Bytes.wrap(Integer.toString(1_000 + i).getBytes(StandardCharsets.UTF_8));
    }
}
