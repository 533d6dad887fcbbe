package io.livepredict.streams.deadletters;

import io.livepredict.cli.Table;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.streams.ingest.SourceRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends dead letters that today's configuration can take back to their source topics, each once, or says what would become of
 * them. Not sent, and said, are those
 *
 * <ul>
 *   <li>that would be dead letters again, or are left out;
 *   <li>whose partition has come further than the grace allows: what was decided without them stays decided;
 *   <li>that came back from a replay before, unless asked for;
 *   <li>that were scored in vain ({@code SCORING_FAILED}): their events have been taken, and would be taken twice;
 *   <li>of which not every byte was kept.
 * </ul>
 */
public final class Replay {
    private static final String SENT = "an event";
    private static final String LATE = "late by now";
    private static final String CAME_BACK = "came back from a replay before: not sent again without --again";

    /**
     * What is asked for.
     *
     * @param again whether those that came back from a replay are sent another time
     * @param late whether those that are late by now are sent all the same
     */
    public record Request(DeadLetterFilter filter, boolean again, boolean late) {}

    private final DeadLettersTopic topic;
    private final TodaysIngest ingest;
    private final Request request;
    private final LongSupplier wallClockMillis;
    /** By fate, reason and source. */
    private final Map<List<String>, Long> fates = new TreeMap<>(Comparator.comparing(key -> String.join("\0", key)));

    private long sent;
    private long latestWatermark = Long.MIN_VALUE;
    private long late;

    Replay(DeadLettersTopic topic, TodaysIngest ingest, Request request, LongSupplier wallClockMillis) {
        this.topic = topic;
        this.wallClockMillis = wallClockMillis;
        this.ingest = ingest;
        this.request = request;
    }

    /**
     * Goes through the dead letters as they are now.
     *
     * @param sender where to; null for a dry run
     */
    Replay run(@Nullable ReplaySender sender) {
        Receipts receipts = topic.receipts();
        topic.each(request.filter(), letter -> {
            String fate = fate(letter, receipts.has(letter));
            fates.merge(List.of(fate, letter.reason(), letter.source().topic()), 1L, Long::sum);
            if (fate.equals(SENT) || (fate.equals(LATE) && request.late())) {
                sent++;
                if (sender != null) {
                    sender.send(letter);
                }
            }
        });
        if (sender != null) {
            sender.flush();
        }
        return this;
    }

    private String fate(DeadLetter letter, boolean replayed) {
        SourceRecord source = letter.source();
        if (replayed) {
            return "replayed already";
        }
        if (letter.reason().equals(DeadLetterReason.SCORING_FAILED.name())) {
            return "was taken then, only its scores failed";
        }
        if (!letter.isWhole()) {
            return "not all of its bytes were kept";
        }
        if (source.replayed() != null && !request.again()) {
            return CAME_BACK;
        }
        return switch (ingest.of(letter.asSent(wallClockMillis.getAsLong()))) {
            case TodaysIngest.Fate.Taken taken -> SENT;
            case TodaysIngest.Fate.Late behind -> {
                late++;
                latestWatermark = Math.max(latestWatermark, behind.watermarkMillis());
                yield LATE;
            }
            case TodaysIngest.Fate.LeftOut out -> "left out, " + out.why();
            case TodaysIngest.Fate.Refused refused -> "still " + refused.reason();
            case TodaysIngest.Fate.NoSource none -> "no source of the configuration reads that topic";
        };
    }

    /** How many were sent, or would be. */
    public long sent() {
        return sent;
    }

    /** What became of them, or would. */
    public Table table() {
        Table table = new Table("today", "reason then", "source", "dead letters");
        fates.forEach((key, count) -> table.row(key.get(0), key.get(1), key.get(2), Long.toString(count)));
        return table;
    }

    /** What is to be said beside the table, a line each. */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        if (late > 0) {
            remarks.add(late + " are late by now: a partition of theirs has come to "
                    + Instant.ofEpochMilli(latestWatermark)
                    + ", and what was predicted and labelled up to there stays as it is, so nothing can be learned from"
                    + " them; "
                    + (request.late()
                            ? "sent all the same, they come back as LATE"
                            : "they stay where they are (--late sends them all the same; they come back as LATE)"));
        }
        return remarks;
    }
}
