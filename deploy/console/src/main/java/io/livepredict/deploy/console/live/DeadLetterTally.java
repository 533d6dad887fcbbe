package io.livepredict.deploy.console.live;

import io.livepredict.contract.DeadLetters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Records that could not be used, by reason, and the last of them. Not safe for use from several threads. */
final class DeadLetterTally {
    private static final int LAST = 50;
    private static final int MOST_REASONS = 32;
    private static final int LONGEST = 200;

    private final Map<String, Long> byReason = new TreeMap<>();
    private final Deque<Letter> last = new ArrayDeque<>();

    /**
     * A record that could not be used.
     *
     * @param at when it was put aside, epoch milliseconds
     * @param where topic, partition and offset of the source record
     * @param words why, in one line
     */
    record Letter(long at, String reason, String where, String words) {}

    /** @param countedFrom older ones are not counted, epoch milliseconds */
    void take(ConsumerRecord<byte[], byte[]> each, long countedFrom) {
        if (each.headers().lastHeader(DeadLetters.RECEIPT) != null) {
            return; // it says of others that they were sent again
        }
        String reason = text(each, DeadLetters.REASON, "UNKNOWN");
        if (each.timestamp() >= countedFrom && (byReason.containsKey(reason) || byReason.size() < MOST_REASONS)) {
            byReason.merge(reason, 1L, Long::sum);
        }
        last.addFirst(new Letter(
                each.timestamp(),
                reason,
                text(each, DeadLetters.TOPIC, "?") + " partition " + text(each, DeadLetters.PARTITION, "?") + " offset "
                        + text(each, DeadLetters.OFFSET, "?"),
                text(each, DeadLetters.MESSAGE, "")));
        if (last.size() > LAST) {
            last.removeLast();
        }
    }

    Map<String, Long> byReason() {
        return new TreeMap<>(byReason);
    }

    /** Newest first. */
    List<Letter> last() {
        return new ArrayList<>(last);
    }

    /** Anybody may write to a topic, so a header is cut to what fits on a page. */
    private static String text(ConsumerRecord<byte[], byte[]> of, String name, String otherwise) {
        Header header = of.headers().lastHeader(name);
        if (header == null || header.value() == null) {
            return otherwise;
        }
        String text = new String(header.value(), StandardCharsets.UTF_8);
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + '…';
    }
}
