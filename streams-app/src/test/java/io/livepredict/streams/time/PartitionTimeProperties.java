package io.livepredict.streams.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PartitionTimeProperties {
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final long HALF_A_GRACE = GRACE.toMillis() / 2;
    private static final long START = 1_772_366_400_000L;

    /** A record as it lies in the partition. */
    private record Sent(long event, long stamp, boolean honest) {}

    private static PartitionTime live() {
        return new PartitionTime(GRACE, true);
    }

    /** Records of clocks that are right: sent up to a second after they happened, a few seconds later at times. */
    private static List<Sent> honest(Random random, long from, int count, int apartMillis) {
        List<Sent> records = new ArrayList<>();
        long stamp = from;
        for (int i = 0; i < count; i++) {
            stamp += random.nextInt(apartMillis + 1);
            long delay = random.nextInt(20) == 0 ? random.nextInt(4_000) : random.nextInt(1_000);
            records.add(new Sent(stamp - delay, stamp, true));
        }
        return records;
    }

    /** The same, with clusters of a clock that is ahead by up to an hour, each of which most of the records around contradict. */
    private static List<Sent> withAClockAhead(Random random, List<Sent> honest) {
        List<Sent> records = new ArrayList<>();
        int quiet = 0;
        for (Sent sent : honest) {
            records.add(sent);
            if (--quiet < 0 && random.nextInt(50) == 0) {
                long ahead = 1 + random.nextInt(3_600_000);
                int size = 1 + random.nextInt(40);
                for (int i = 0; i < size; i++) {
                    records.add(new Sent(sent.stamp + ahead - random.nextInt(1_000), sent.stamp + ahead + i, false));
                }
                quiet = size + 1;
            }
        }
        return records;
    }

    /** Records as a loader sends them: all at about the same time, whatever theirs is. */
    @Property(tries = 100)
    void shouldFollowHistoryAtOnceAndGoOnLiveFromThere(@ForAll long seed) {
        Random random = new Random(seed);
        TimeSettings settings = new TimeSettings(
                GRACE,
                Optional.of(Duration.ofSeconds(10)),
                Duration.ofDays(1),
                Optional.of(Instant.ofEpochMilli(START)));
        PartitionTime time = new PartitionTime(settings);
        long latest = START - Duration.ofDays(100).toMillis();
        long stamp = START + 60_000;
        for (int i = 0; i < 300; i++) {
            latest += random.nextInt(600_000);
            stamp += random.nextInt(100) == 0 ? 3_600_000 : random.nextInt(10); // the loader pauses
            assertThat(time.take(latest, stamp)).isEqualTo(latest - GRACE.toMillis());
            assertThat(time.take(latest - 3_000, stamp)).isEqualTo(latest - GRACE.toMillis());
            time = kept(time, settings);
        }
        long loaded = latest;
        for (Sent sent : honest(random, stamp, 200, 500)) {
            time.take(sent.event, sent.stamp);
            time = kept(time, settings);
        }
        assertThat(time.watermarkMillis())
                .isGreaterThan(stamp - GRACE.toMillis())
                .isGreaterThan(loaded);
    }

    @Example
    void shouldNotTakeAClockThatIsAheadForHistory() {
        PartitionTime time = new PartitionTime(new TimeSettings(
                GRACE,
                Optional.of(Duration.ofSeconds(10)),
                Duration.ofDays(1),
                Optional.of(Instant.ofEpochMilli(START + 3_600_000))));
        for (int i = 0; i < 100; i++) {
            time.take(START + i, START + i);
        }
        time.take(START + 50_000, START + 50_000);
        assertThat(time.watermarkMillis()).isEqualTo(START + 99 - GRACE.toMillis());
    }

    private static PartitionTime kept(PartitionTime time, TimeSettings settings) {
        StateWriter out = new StateWriter();
        time.write(out);
        StateReader in = new StateReader();
        in.reset(out.toBytes());
        PartitionTime restored = new PartitionTime(settings);
        restored.read(in);
        return restored;
    }

    @Property(tries = 100)
    void shouldLetNoClockThatIsAheadMakeAPunctualEventLate(@ForAll long seed, @ForAll @IntRange(max = 800) int apart) {
        Random random = new Random(seed);
        List<Sent> records = withAClockAhead(random, honest(random, START, 1_000, apart));
        PartitionTime time = live();
        long latest = Long.MIN_VALUE;
        for (Sent sent : records) {
            if (sent.honest) {
                latest = Math.max(latest, sent.stamp);
            }
            long watermark = time.take(sent.event, sent.stamp);
            assertThat(watermark).isLessThanOrEqualTo(latest - HALF_A_GRACE);
        }
        assertThat(time.watermarkMillis()).isGreaterThan(latest - 4 * GRACE.toMillis());
    }

    @Property(tries = 100)
    void shouldFollowStampsThatFollowOneAnother(
            @ForAll long seed, @ForAll @IntRange(min = 100, max = 1_250) int apart) {
        PartitionTime time = live();
        long reached = Long.MIN_VALUE;
        boolean trusted = false;
        for (Sent sent : honest(new Random(seed), START, 300, apart)) {
            reached = Math.max(reached, Math.min(sent.event, sent.stamp));
            long watermark = time.take(sent.event, sent.stamp);
            trusted |= watermark == reached - GRACE.toMillis();
            if (trusted) {
                assertThat(watermark).isEqualTo(reached - GRACE.toMillis());
            }
        }
        assertThat(trusted).isTrue();
    }

    @Property(tries = 100)
    void shouldNeverGoBackAndNeverBeAheadOfEveryStamp(@ForAll long seed, @ForAll @IntRange(max = 60_000) int wild) {
        Random random = new Random(seed);
        PartitionTime time = live();
        long latest = Long.MIN_VALUE;
        long before = PartitionTime.NONE;
        for (int i = 0; i < 500; i++) {
            long stamp = START + i * 300L + random.nextInt(wild + 1);
            latest = Math.max(latest, stamp);
            long watermark = time.take(stamp + random.nextInt(20_000) - 10_000, stamp);
            assertThat(watermark).isGreaterThanOrEqualTo(before);
            assertThat(watermark).isLessThanOrEqualTo(latest - GRACE.toMillis());
            before = watermark;
        }
    }

    @Property(tries = 100)
    void shouldGoOnAfterARestartAsIfThereHadBeenNone(@ForAll long seed, @ForAll @IntRange(max = 8_000) int apart) {
        Random random = new Random(seed);
        List<Sent> records = withAClockAhead(random, honest(random, START, 400, apart));
        PartitionTime unbroken = live();
        PartitionTime restarted = live();
        for (Sent sent : records) {
            if (random.nextInt(10) == 0) {
                restarted = restored(restarted);
            }
            assertThat(restarted.take(sent.event, sent.stamp)).isEqualTo(unbroken.take(sent.event, sent.stamp));
        }
    }

    private static PartitionTime restored(PartitionTime time) {
        PartitionTime restored = live();
        if (time.isOnlyItsWatermark()) {
            restored.goOnFrom(time.watermarkMillis());
        } else {
            StateWriter out = new StateWriter();
            time.write(out);
            StateReader in = new StateReader();
            in.reset(out.toBytes());
            restored.read(in);
        }
        return restored;
    }

    @Property(tries = 50)
    void shouldComeAfterAPauseOfAnyLength(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 100) int hours,
            @ForAll @IntRange(min = 1, max = 60_000) int apart) {
        PartitionTime time = live();
        Random random = new Random(seed);
        List<Sent> before = honest(random, START, 200, 200);
        before.forEach(sent -> time.take(sent.event, sent.stamp));
        long stamp = START + Duration.ofHours(hours).toMillis();
        List<Sent> after = honest(random, stamp, 200, apart);
        after.forEach(sent -> time.take(sent.event, sent.stamp));
        // Behind by what it takes to trust a jump: three records, or four graces if they are close together.
        long reached = after.stream()
                .limit(after.size() - 80)
                .mapToLong(Sent::event)
                .max()
                .orElseThrow();
        assertThat(time.watermarkMillis()).isGreaterThanOrEqualTo(reached - GRACE.toMillis());
    }

    @Example
    void shouldFollowEveryEventInAReplay() {
        PartitionTime time = new PartitionTime(GRACE, false);
        assertThat(time.take(START, 0)).isEqualTo(START - GRACE.toMillis());
        assertThat(time.take(START + 3_600_000, 0)).isEqualTo(START + 3_600_000 - GRACE.toMillis());
        assertThat(time.take(START, 0)).isEqualTo(START + 3_600_000 - GRACE.toMillis());
    }

    @Example
    void shouldHaveNothingToRememberButItsWatermarkWhileAllIsWell() {
        PartitionTime time = live();
        for (Sent sent : honest(new Random(1), START, 200, 200)) {
            time.take(sent.event, sent.stamp);
        }
        assertThat(time.isOnlyItsWatermark()).isTrue();
        time.take(START + 3_600_000, START + 3_600_000);
        assertThat(time.isOnlyItsWatermark()).isFalse();
    }
}
