package io.livepredict.streams.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.streams.state.DeadlineQueue.Due;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlineQueueTest {
    /** More than have their values in memory. */
    private static final int MANY = 10_000;

    private static final long NOW = 1_000_000;
    private static final long LATER = 2 * NOW;

    private final TestStore kept = new TestStore();

    @AfterEach
    void close() {
        kept.close();
    }

    @Test
    void shouldGiveEachOnceInTheOrderOfDeadlinesAndTakeItOutOfTheStore() {
        DeadlineQueue queue = new DeadlineQueue(kept.store);
        List<Bytes> wanted = putMany(queue);
        assertThat(taken(queue)).isEqualTo(wanted);
        assertThat(queue.poll(LATER)).isNull();
        try (KeyValueIterator<Bytes, byte[]> left = kept.store.all()) {
            assertThat(left.hasNext()).isFalse();
        }
    }

    @Test
    void shouldLeaveTheValuesOfTooManyInTheStore() {
        DeadlineQueue queue = new DeadlineQueue(kept.store);
        queue.put(key(0), new byte[] {1});
        assertThat(queue.poll(NOW)).isNotNull();
        assertThat(queue.poll(NOW)).isNull(); // a stretch beyond that is known now, and empty
        for (int i = 1; i <= MANY; i++) {
            queue.put(key(NOW + i), new byte[] {1});
        }
        for (int i = 1; i <= MANY; i++) {
            kept.store.put(key(NOW + i), new byte[] {2});
        }
        int inMemory = 0;
        int inStore = 0;
        for (Due due = queue.poll(LATER); due != null; due = queue.poll(LATER)) {
            inMemory += due.value()[0] == 1 ? 1 : 0;
            inStore += due.value()[0] == 2 ? 1 : 0;
        }
        assertThat(inMemory + inStore).isEqualTo(MANY);
        assertThat(inMemory).isEqualTo(4 * 1_024);
    }

    @Test
    void shouldFindThemAgainAfterARestart() {
        List<Bytes> wanted = putMany(new DeadlineQueue(kept.store));
        assertThat(taken(new DeadlineQueue(kept.store))).isEqualTo(wanted);
    }

    @Test
    void shouldGiveOnceWhatWasSetTwice() {
        DeadlineQueue queue = new DeadlineQueue(kept.store);
        queue.put(key(0), new byte[] {1});
        assertThat(queue.poll(NOW)).isNotNull();
        assertThat(queue.poll(NOW)).isNull();
        queue.put(key(NOW + 1), new byte[] {1});
        queue.put(key(NOW + 1), new byte[] {1});
        assertThat(queue.poll(LATER)).isNotNull();
        assertThat(queue.poll(LATER)).isNull();
        queue.put(key(NOW + 1), new byte[] {1}); // its deadline is over already
        assertThat(queue.poll(LATER)).isNotNull();
    }

    /** In any order; gives the keys in theirs. The first alone, so that a stretch after it is known before the others come. */
    private static List<Bytes> putMany(DeadlineQueue queue) {
        List<Bytes> keys = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            keys.add(key(NOW + i));
        }
        List<Bytes> mixed = new ArrayList<>(keys);
        Collections.shuffle(mixed, new Random(1));
        mixed.remove(keys.get(0));
        queue.put(keys.get(0), keys.get(0).get());
        mixed.forEach(key -> queue.put(key, key.get()));
        return keys;
    }

    /** All that are due, each with the value that was put with it. */
    private static List<Bytes> taken(DeadlineQueue queue) {
        List<Bytes> taken = new ArrayList<>();
        for (Due due = queue.poll(LATER); due != null; due = queue.poll(LATER)) {
            assertThat(due.value()).isEqualTo(due.key().get());
            taken.add(due.key());
        }
        return taken;
    }

    private static Bytes key(long deadline) {
        return DeadlineKey.of(deadline, new byte[] {7});
    }
}
