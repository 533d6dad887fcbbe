package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.deploy.loop.ShuffledLog.Labelled;
import io.livepredict.deploy.loop.ShuffledLog.Sent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What is sent in a cell of the outage matrix, and what it deserves: some of the events are later than the grace or have no
 * entity.
 */
final class OutageLog {
    private static final int PER_SECOND = 12;
    private static final int CANONICAL = -1;
    /** Every so many events one deserves to be a dead letter. */
    private static final int DESERVING = 25;
    /** Long enough before its neighbours to be late by any watermark. */
    private static final Duration LATE_BY = Duration.ofSeconds(40);
    /** Longer than the four graces in which the first timestamps of a partition must be confirmed: nothing is late before. */
    private static final Duration FIRST = Duration.ofSeconds(9);

    static final String TARGETS = """
            targets:
              - {name: leave-6s, kind: viewer, any-of: [LEAVE], within: 6s, at-most-every: 0s}
              - {name: chat-3s, kind: viewer, any-of: [CHAT], within: 3s, at-most-every: 0s}
            """;
    private static final List<Counted> COUNTED =
            List.of(new Counted("leave-6s", "LEAVE", 6_000), new Counted("chat-3s", "CHAT", 3_000));

    private record Counted(String target, String type, long withinMillis) {}

    final List<Sent> sent;

    private OutageLog(List<Sent> sent) {
        this.sent = sent;
    }

    /** The log of a cell that begins now. */
    static OutageLog of(OutageCell cell, long seed, int seconds) {
        int[] rekeyed = IntStream.range(0, cell.partitions()).toArray();
        int[] canonical = {CANONICAL};
        int[] sources = switch (cell.shape()) {
            case DIRECT -> canonical;
            case REKEYED -> rekeyed;
            case TWO_SOURCES ->
                IntStream.concat(IntStream.of(canonical), IntStream.of(rekeyed)).toArray();
        };
        long start = System.currentTimeMillis();
        Random random = new Random(seed);
        List<Sent> log = new ArrayList<>();
        for (Sent each : ShuffledLog.of(seed, sources, start, seconds, PER_SECOND)) {
            Sent event = cell.spread() ? ofAnyViewer(each, sources[random.nextInt(sources.length)]) : each;
            boolean late = event.stamp() > start + FIRST.toMillis() && random.nextBoolean();
            log.add(random.nextInt(DESERVING) == 0 ? spoilt(event, late) : event);
        }
        return new OutageLog(List.copyOf(log));
    }

    /** The same event of one of the viewers who would otherwise be of that source partition. */
    private static Sent ofAnyViewer(Sent sent, int source) {
        String viewer = "v" + source + sent.viewer().substring(sent.viewer().lastIndexOf('-'));
        return new Sent(sent.partition(), sent.id(), viewer, sent.type(), sent.time(), sent.stamp());
    }

    private static Sent spoilt(Sent sent, boolean late) {
        return new Sent(
                sent.partition(),
                sent.id(),
                late ? sent.viewer() : "",
                sent.type(),
                late ? sent.time() - LATE_BY.toMillis() : sent.time(),
                sent.stamp());
    }

    private static boolean isLate(Sent sent) {
        return sent.stamp() - sent.time() >= LATE_BY.toMillis();
    }

    private static boolean isHonest(Sent sent) {
        return !isLate(sent) && !sent.viewer().isEmpty();
    }

    /** The dead letters that it deserves, by reason. */
    Map<String, Long> deserved() {
        Map<String, Long> deserved = new TreeMap<>();
        for (Sent each : sent) {
            if (!isHonest(each)) {
                String nobody = each.partition() == CANONICAL ? "NULL_KEY" : "MISSING_FIELD";
                deserved.merge(isLate(each) ? "LATE" : nobody, 1L, Long::sum);
            }
        }
        return deserved;
    }

    /** What is predicted, by event and target. */
    NavigableSet<String> predicted() {
        NavigableSet<String> predicted = new TreeSet<>();
        for (Sent each : sent) {
            if (isHonest(each) && !each.type().equals("LEAVE")) {
                COUNTED.forEach(counted -> predicted.add(each.id() + ' ' + counted.target()));
            }
        }
        return predicted;
    }

    /** Counts each label again from the events: whether that happened to the entity after the moment the label stands for. */
    void assertCounted(Map<String, Labelled> labels) {
        Map<String, NavigableSet<Long>> times = new HashMap<>();
        for (Sent each : sent) {
            if (isHonest(each)) {
                times.computeIfAbsent(each.viewer(), of -> new TreeSet<>()).add(each.time());
                times.computeIfAbsent(each.viewer() + ' ' + each.type(), of -> new TreeSet<>())
                        .add(each.time());
            }
        }
        for (Sent each : sent) {
            for (Counted counted : COUNTED) {
                String of = each.id() + ' ' + counted.target();
                Labelled label = labels.get(of);
                if (label != null) {
                    assertThat(label.asOf()).as(of).isGreaterThanOrEqualTo(each.time());
                    assertThat(times.get(each.viewer())).as(of).contains(label.asOf());
                    Long next = times.getOrDefault(each.viewer() + ' ' + counted.type(), new TreeSet<>())
                            .higher(label.asOf());
                    boolean happened = next != null && next <= label.asOf() + counted.withinMillis();
                    assertThat(label.label()).as("%s of %s", of, each).isEqualTo(happened ? 1 : 0);
                }
            }
        }
    }
}
