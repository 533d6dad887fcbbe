package io.livepredict.streams.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.common.TopicPartition;

class SourceTimesProperties {
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final TimeSettings REPLAY = new TimeSettings(GRACE, Optional.empty(), Duration.ofDays(1));
    private static final long START = 1_772_366_400_000L;
    private static final String REKEYED = "clicks";
    private static final String DIRECT = "views";

    /** What the owner of a source partition sends to the task: an event with the watermark it carries, or an announcement. */
    private sealed interface Message {}

    private record Carried(TopicPartition source, String id, long event, long watermark) implements Message {}

    private record Announced(SourceAnnouncement announcement) implements Message {}

    /** Of the source that the task reads itself. */
    private record Own(String id, long event) implements Message {}

    /** One partition's log, a few of its events out of order and late, with an announcement now and then. */
    private static List<Message> log(Random random, TopicPartition source, int partitions, int count) {
        PartitionTime owner = new PartitionTime(GRACE, false);
        List<Message> log = new ArrayList<>();
        long now = START;
        for (int i = 0; i < count; i++) {
            now += random.nextInt(2_000);
            long event = random.nextInt(20) == 0 ? now - random.nextInt(15_000) : now;
            String id = source + " " + i;
            if (source.topic().equals(DIRECT)) {
                log.add(new Own(id, event));
            } else {
                log.add(new Carried(source, id, event, owner.take(event, 0)));
                if (random.nextInt(5) == 0) {
                    long quiet = random.nextInt(3) == 0 ? now - 20_000 : PartitionTime.NONE;
                    log.add(new Announced(new SourceAnnouncement(source, owner.watermarkMillis(), quiet, partitions)));
                }
            }
        }
        return log;
    }

    private static List<List<Message>> logs(Random random, int partitions, boolean withDirect) {
        List<List<Message>> logs = new ArrayList<>();
        for (int p = 0; p < partitions; p++) {
            logs.add(log(random, new TopicPartition(REKEYED, p), partitions, 20 + random.nextInt(60)));
        }
        if (withDirect) {
            logs.add(log(random, new TopicPartition(DIRECT, 0), 1, 20 + random.nextInt(60)));
        }
        return logs;
    }

    /** The logs merged as if each were read at a speed of its own. */
    private static List<Message> merged(Random random, List<List<Message>> logs) {
        int[] position = new int[logs.size()];
        int[] burst = new int[logs.size()];
        for (int p = 0; p < burst.length; p++) {
            burst[p] = 1 + random.nextInt(30);
        }
        List<Message> merged = new ArrayList<>();
        Set<Integer> open = new HashSet<>();
        for (int p = 0; p < position.length; p++) {
            open.add(p);
        }
        while (!open.isEmpty()) {
            int p = List.copyOf(open).get(random.nextInt(open.size()));
            for (int i = 0; i < burst[p] && position[p] < logs.get(p).size(); i++) {
                merged.add(logs.get(p).get(position[p]++));
            }
            if (position[p] == logs.get(p).size()) {
                open.remove(p);
            }
        }
        return merged;
    }

    private static SourceTimes task(int partitions, boolean withDirect) {
        return new SourceTimes(
                REPLAY, 0, new TaskInput(withDirect ? List.of(DIRECT) : List.of(), Map.of(REKEYED, partitions)));
    }

    /** What the class does, without any of its economies. */
    private static final class Naive {
        final Map<TopicPartition, Long> watermarks = new HashMap<>();
        final Map<TopicPartition, Long> quiet = new HashMap<>();
        final Set<String> late = new HashSet<>();

        Naive(int partitions, boolean withDirect) {
            for (int p = 0; p < partitions; p++) {
                watermarks.put(new TopicPartition(REKEYED, p), PartitionTime.NONE);
            }
            if (withDirect) {
                watermarks.put(new TopicPartition(DIRECT, 0), PartitionTime.NONE);
            }
        }

        void take(Message message) {
            switch (message) {
                case Carried carried -> {
                    heard(carried.source, carried.watermark, PartitionTime.NONE);
                    judge(carried.id, carried.event, carried.watermark);
                }
                case Announced announced -> {
                    SourceAnnouncement said = announced.announcement;
                    heard(said.source(), said.watermarkMillis(), said.quietUntilMillis());
                }
                case Own own -> {
                    TopicPartition source = new TopicPartition(DIRECT, 0);
                    heard(source, own.event - GRACE.toMillis(), PartitionTime.NONE);
                    judge(own.id, own.event, watermarks.getOrDefault(source, PartitionTime.NONE));
                }
            }
        }

        long labelTime() {
            return watermarks.keySet().stream()
                    .mapToLong(source -> Math.max(
                            watermarks.getOrDefault(source, PartitionTime.NONE),
                            quiet.getOrDefault(source, PartitionTime.NONE)))
                    .min()
                    .orElseThrow();
        }

        private void heard(TopicPartition source, long watermark, long quietUntil) {
            watermarks.merge(source, watermark, Math::max);
            quiet.put(source, quietUntil);
        }

        private void judge(String id, long event, long watermark) {
            if (event < watermark) {
                late.add(id);
            }
        }
    }

    private static void take(SourceTimes times, Message message, Set<String> late) {
        switch (message) {
            case Carried carried -> {
                times.carried(carried.source, carried.watermark);
                if (carried.event < carried.watermark) {
                    late.add(carried.id);
                }
            }
            case Announced announced -> times.announced(announced.announcement);
            case Own own -> {
                if (own.event < times.take(DIRECT, own.event, 0)) {
                    late.add(own.id);
                }
            }
        }
    }

    @Property(tries = 200)
    void shouldTellWhatANaiveTableTells(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int partitions, @ForAll boolean withDirect) {
        Random random = new Random(seed);
        SourceTimes times = task(partitions, withDirect);
        Naive naive = new Naive(partitions, withDirect);
        Set<String> late = new HashSet<>();
        for (Message message : merged(random, logs(random, partitions, withDirect))) {
            if (random.nextInt(10) == 0) { // a restart
                byte[] stored = times.write();
                times = task(partitions, withDirect);
                times.read(stored);
            }
            take(times, message, late);
            naive.take(message);
            assertThat(times.labelTimeMillis()).isEqualTo(naive.labelTime());
        }
        assertThat(late).isEqualTo(naive.late);
    }

    @Property(tries = 100)
    void shouldNotDependOnTheSpeedsAtWhichPartitionsAreRead(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 9) int partitions, @ForAll boolean withDirect) {
        List<List<Message>> logs = logs(new Random(seed), partitions, withDirect);
        Set<String> lateOnce = new HashSet<>();
        Set<String> lateAgain = new HashSet<>();
        SourceTimes once = task(partitions, withDirect);
        SourceTimes again = task(partitions, withDirect);
        merged(new Random(seed + 1), logs).forEach(message -> take(once, message, lateOnce));
        merged(new Random(seed + 2), logs).forEach(message -> take(again, message, lateAgain));
        assertThat(lateAgain).isEqualTo(lateOnce);
        assertThat(again.labelTimeMillis()).isEqualTo(once.labelTimeMillis());
    }

    @Property(tries = 100)
    void shouldHaveNoEventBeforeLabelTimeThatIsNotLate(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int partitions) {
        Random random = new Random(seed);
        SourceTimes times = task(partitions, true);
        for (Message message : merged(random, logs(random, partitions, true))) {
            if (message instanceof Announced announced
                    && announced.announcement.quietUntilMillis() != PartitionTime.NONE) {
                continue; // the clock may be wrong about who is held up
            }
            long before = times.labelTimeMillis();
            Set<String> late = new HashSet<>();
            take(times, message, late);
            assertThat(times.labelTimeMillis()).isGreaterThanOrEqualTo(before);
            if (message instanceof Carried carried && late.isEmpty()) {
                assertThat(carried.event).isGreaterThanOrEqualTo(times.labelTimeMillis());
            }
            if (message instanceof Own own && late.isEmpty()) {
                assertThat(own.event).isGreaterThanOrEqualTo(times.labelTimeMillis());
            }
        }
    }

    @Example
    void shouldWaitForAPartitionOfWhichNothingWasHeardUntilItsOwnerSaysThatItIsQuiet() {
        SourceTimes times = task(2, false);
        times.carried(new TopicPartition(REKEYED, 0), START);
        assertThat(times.labelTimeMillis()).isEqualTo(PartitionTime.NONE);
        TopicPartition silent = new TopicPartition(REKEYED, 1);
        assertThat(times.waitsFor()).hasValueSatisfying(slowest -> {
            assertThat(slowest.source()).isEqualTo(silent);
            assertThat(slowest.othersMillis()).isEqualTo(START);
        });
        times.announced(new SourceAnnouncement(silent, PartitionTime.NONE, START - 1_000, 2));
        assertThat(times.labelTimeMillis()).isEqualTo(START - 1_000);
    }

    @Example
    void shouldDecideNothingBeforeANewPartitionIsHeardOf() {
        SourceTimes times = task(1, false);
        TopicPartition old = new TopicPartition(REKEYED, 0);
        times.carried(old, START);
        times.announced(new SourceAnnouncement(old, START + 10, PartitionTime.NONE, 2));
        assertThat(times.labelTimeMillis()).isEqualTo(PartitionTime.NONE);
        times.carried(old, START + 5_000);
        times.carried(new TopicPartition(REKEYED, 1), START + 3_000);
        assertThat(times.labelTimeMillis()).isEqualTo(START + 3_000);
        // One that sends before it was announced counts as well.
        times.carried(new TopicPartition(REKEYED, 2), START - 9_000);
        assertThat(times.labelTimeMillis()).isEqualTo(START - 9_000);
    }

    @Example
    void shouldLetTheLabelsOfWhatWasHeldBackWaitForWhatFollows() {
        SourceTimes times = task(2, true);
        TopicPartition heldBack = new TopicPartition(REKEYED, 1);
        times.carried(new TopicPartition(REKEYED, 0), START);
        times.take(DIRECT, START + 60_000, START);
        times.carried(heldBack, START - 60_000);
        times.announced(new SourceAnnouncement(heldBack, START - 60_000, START - 15_000, 2));
        assertThat(times.labelTimeMillis()).isEqualTo(START - 15_000);
        times.carried(heldBack, START - 50_000);
        assertThat(times.labelTimeMillis()).isEqualTo(START - 50_000);
        times.quiet(DIRECT, START + 90_000);
        assertThat(times.labelTimeMillis()).isEqualTo(START - 50_000);
    }

    @Example
    void shouldStoreTheWatermarkOfASingleSourceAsItAlwaysWas() {
        SourceTimes times = new SourceTimes(REPLAY, 3, new TaskInput(List.of(DIRECT), Map.of()));
        times.take(DIRECT, START, START);
        byte[] stored = times.write();
        assertThat(stored).hasSize(9).startsWith(1);
        SourceTimes restarted = new SourceTimes(REPLAY, 3, new TaskInput(List.of(DIRECT), Map.of()));
        restarted.read(stored);
        assertThat(restarted.labelTimeMillis()).isEqualTo(START - GRACE.toMillis());
        assertThat(restarted.take(DIRECT, START - 6_000, START)).isEqualTo(START - GRACE.toMillis());
    }

    @Example
    void shouldGoOnWithOtherSourcesThanBefore() {
        SourceTimes before = new SourceTimes(REPLAY, 0, new TaskInput(List.of(DIRECT, "gone"), Map.of(REKEYED, 2)));
        before.take(DIRECT, START, START);
        before.take("gone", START, START);
        before.carried(new TopicPartition(REKEYED, 0), START);
        before.carried(new TopicPartition(REKEYED, 1), START);
        SourceTimes after = new SourceTimes(REPLAY, 0, new TaskInput(List.of(DIRECT), Map.of(REKEYED, 3)));
        after.read(before.write());
        assertThat(after.labelTimeMillis()).isEqualTo(PartitionTime.NONE);
        after.take(DIRECT, START + 60_000, START);
        assertThat(after.labelTimeMillis()).isEqualTo(PartitionTime.NONE);
        after.carried(new TopicPartition(REKEYED, 2), START + 60_000);
        assertThat(after.labelTimeMillis()).isEqualTo(START);
    }

    @Example
    void shouldRefuseWhatALaterBuildWrote() {
        assertThatThrownBy(() -> task(1, false).read(new byte[] {9}))
                .hasMessageContaining("layout 9")
                .hasMessageContaining("go back to the build that wrote them");
    }

    @Property(tries = 200)
    void shouldReadNoAnnouncementOutOfOtherBytes(@ForAll byte[] value) {
        SourceAnnouncement read = SourceAnnouncement.read(value);
        assertThat(read == null || read.source().partition() < read.partitions())
                .isTrue();
    }

    @Example
    void shouldReadTheAnnouncementThatWasWritten() {
        SourceAnnouncement said = new SourceAnnouncement(new TopicPartition(REKEYED, 3), START, PartitionTime.NONE, 4);
        assertThat(SourceAnnouncement.read(said.write())).isEqualTo(said);
        assertThat(SourceAnnouncement.read(null)).isNull();
    }
}
