package io.livepredict.streams.deadletters;

import io.livepredict.contract.DeadLetters;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Which dead letters have been replayed. A receipt is a record of the dead-letters topic itself, in the partition of those it
 * speaks of and behind them, so that it is kept at least as long as they are; it is written in the transaction that sends
 * them. Its value lists their offsets, {@code 12-19,25}.
 */
final class Receipts {
    /** By partition: the first offset of a range to its last. */
    private final Map<Integer, NavigableMap<Long, Long>> replayed = new HashMap<>();

    /** Takes the record in if it is a receipt. */
    void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.headers().lastHeader(DeadLetters.RECEIPT) == null || record.value() == null) {
            return;
        }
        NavigableMap<Long, Long> ranges = replayed.computeIfAbsent(record.partition(), absent -> new TreeMap<>());
        for (String range : new String(record.value(), StandardCharsets.UTF_8).split(",", -1)) {
            int dash = range.indexOf('-');
            try {
                long first = Long.parseLong(dash < 0 ? range : range.substring(0, dash));
                ranges.merge(first, dash < 0 ? first : Long.parseLong(range.substring(dash + 1)), Math::max);
            } catch (NumberFormatException e) {
                throw new IllegalStateException(
                        record.topic() + " partition " + record.partition() + " offset " + record.offset()
                                + " is a receipt of replayed dead letters that this build can't read; use the build that"
                                + " wrote it",
                        e);
            }
        }
    }

    boolean has(DeadLetter letter) {
        NavigableMap<Long, Long> ranges = replayed.get(letter.partition());
        Map.Entry<Long, Long> range = ranges == null ? null : ranges.floorEntry(letter.offset());
        return range != null && letter.offset() <= range.getValue();
    }

    /** The receipt for dead letters of one partition, in the order of their offsets. */
    static ProducerRecord<byte[], byte[]> of(String topic, int partition, List<Long> offsets) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < offsets.size(); i++) {
            long first = offsets.get(i);
            while (i + 1 < offsets.size() && offsets.get(i + 1) == offsets.get(i) + 1) {
                i++;
            }
            text.append(text.isEmpty() ? "" : ",").append(first);
            if (offsets.get(i) > first) {
                text.append('-').append(offsets.get(i));
            }
        }
        ProducerRecord<byte[], byte[]> receipt =
                new ProducerRecord<>(topic, partition, null, text.toString().getBytes(StandardCharsets.UTF_8));
        receipt.headers().add(DeadLetters.RECEIPT, new byte[0]);
        return receipt;
    }
}
