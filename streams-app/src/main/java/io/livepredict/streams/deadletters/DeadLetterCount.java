package io.livepredict.streams.deadletters;

import io.livepredict.cli.Table;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** How many dead letters there are, by reason and source, and when the first and last were refused. */
public final class DeadLetterCount {
    private record Key(String reason, String source) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byReason = reason.compareTo(other.reason);
            return byReason != 0 ? byReason : source.compareTo(other.source);
        }
    }

    private static final class Counts {
        long letters;
        long replayed;
        long again;
        long firstMillis = Long.MAX_VALUE;
        long lastMillis = Long.MIN_VALUE;
    }

    private final Map<Key, Counts> counts = new TreeMap<>();

    private DeadLetterCount() {}

    /** Counts those of the topic as it is now. */
    public static Table table(DeadLettersTopic topic, DeadLetterFilter filter) {
        DeadLetterCount count = new DeadLetterCount();
        Receipts receipts = topic.receipts();
        topic.each(filter, letter -> count.add(letter, receipts.has(letter)));
        Table table = new Table("reason", "source", "dead letters", "replayed", "came back", "first", "last");
        count.counts.forEach((key, each) -> table.row(
                key.reason,
                key.source,
                Long.toString(each.letters),
                Long.toString(each.replayed),
                Long.toString(each.again),
                Instant.ofEpochMilli(each.firstMillis).toString(),
                Instant.ofEpochMilli(each.lastMillis).toString()));
        return table;
    }

    private void add(DeadLetter letter, boolean replayed) {
        Counts of =
                counts.computeIfAbsent(new Key(letter.reason(), letter.source().topic()), absent -> new Counts());
        of.letters++;
        of.replayed += replayed ? 1 : 0;
        of.again += letter.source().replayed() != null ? 1 : 0;
        of.firstMillis = Math.min(of.firstMillis, letter.refusedAtMillis());
        of.lastMillis = Math.max(of.lastMillis, letter.refusedAtMillis());
    }
}
