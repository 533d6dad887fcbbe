package io.livepredict.trainer.learner;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Gives a restored learner the examples again that it learns from once more: reads the topic from the oldest of them up to where
 * learning goes on. Used by one thread.
 */
final class Refill {
    private static final Duration POLL = Duration.ofMillis(50);

    private final ExampleFeed feed;
    private final BooleanSupplier stopping;
    private final Runnable onPoll;

    /**
     * @param feed stands where learning goes on, and does so afterwards
     * @param onPoll what is done after each look for records
     */
    Refill(ExampleFeed feed, BooleanSupplier stopping, Runnable onPoll) {
        this.feed = feed;
        this.stopping = stopping;
        this.onPoll = onPoll;
    }

    /**
     * Reads them; when it is told to stop, fewer.
     *
     * @param from partition to the oldest that is wanted; other partitions are not read
     * @param taker is given every record from there up to where the feed stood
     */
    void read(Map<Integer, Long> from, Consumer<ConsumerRecord<byte[], byte[]>> taker) {
        if (from.isEmpty()) {
            return;
        }
        Map<Integer, Long> until = feed.positions();
        feed.rewind(from);
        Map<Integer, Long> left = new HashMap<>(until);
        left.keySet().retainAll(from.keySet());
        while (!left.isEmpty() && !stopping.getAsBoolean()) {
            for (ConsumerRecord<byte[], byte[]> record : feed.next(POLL)) {
                if (record.offset() < until.getOrDefault(record.partition(), 0L)) {
                    taker.accept(record);
                }
            }
            onPoll.run();
            Map<Integer, Long> positions = feed.positions();
            left.entrySet().removeIf(each -> positions.getOrDefault(each.getKey(), 0L) >= each.getValue());
        }
        feed.goOn(until);
    }
}
