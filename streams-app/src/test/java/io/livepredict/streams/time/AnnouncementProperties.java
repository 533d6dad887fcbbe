package io.livepredict.streams.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.common.TopicPartition;

class AnnouncementProperties {
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final TimeSettings LIVE = new TimeSettings(GRACE, Optional.of(IDLE), Duration.ofDays(1));
    private static final long START = 1_772_366_400_000L;
    private static final TopicPartition SOURCE = new TopicPartition("clicks", 3);

    private final AtomicLong clock = new AtomicLong(START);
    private InputProgress progress = source -> new InputProgress.Known(clock.get(), Long.MIN_VALUE);

    private SourceAnnouncer announcer(int targets) {
        PartitionTime time = new PartitionTime(GRACE, false);
        Silence silence = new Silence(SOURCE, LIVE, source -> progress.known(source), clock::get);
        return new SourceAnnouncer(SOURCE, 4, targets, time, silence);
    }

    private List<SourceAnnouncement> announced(SourceAnnouncer announcer, int seconds) {
        List<SourceAnnouncement> announced = new ArrayList<>();
        for (int i = 0; i < seconds; i++) {
            clock.addAndGet(1_000);
            announcer.look(clock.get()).ifPresent(announced::add);
        }
        return announced;
    }

    @Example
    void shouldSayAtOnceWhereItStandsAndThenOnlyWhatIsNew() {
        progress = source -> new InputProgress.Known(Long.MIN_VALUE, Long.MIN_VALUE);
        SourceAnnouncer announcer = announcer(4);
        assertThat(announcer.take(START, START)).isEqualTo(START - 5_000);
        assertThat(announced(announcer, 60))
                .containsExactly(new SourceAnnouncement(SOURCE, START - 5_000, PartitionTime.NONE, 4));
        announcer.take(START + 60_000, START);
        assertThat(announced(announcer, 60))
                .containsExactly(new SourceAnnouncement(SOURCE, START + 55_000, PartitionTime.NONE, 4));
    }

    @Example
    void shouldSayThatItIsQuietAndThatItIsNotAnyMore() {
        SourceAnnouncer announcer = announcer(4);
        announcer.take(START, START);
        List<SourceAnnouncement> quiet = announced(announcer, 30);
        assertThat(quiet.getFirst().quietUntilMillis()).isEqualTo(PartitionTime.NONE);
        assertThat(quiet.getLast().quietUntilMillis()).isEqualTo(START + 15_000);
        assertThat(quiet).allSatisfy(said -> assertThat(said.watermarkMillis()).isEqualTo(START - 5_000));
        announcer.take(START + 1, START);
        assertThat(announced(announcer, 2))
                .containsExactly(new SourceAnnouncement(SOURCE, START - 4_999, PartitionTime.NONE, 4));
    }

    @Example
    void shouldProveItsSilenceAndNotAssumeIt() {
        progress = source -> new InputProgress.Known(START + 9_000, Long.MIN_VALUE);
        SourceAnnouncer announcer = announcer(4);
        assertThat(announced(announcer, 3_600))
                .allSatisfy(said -> assertThat(said.quietUntilMillis()).isEqualTo(PartitionTime.NONE));
    }

    @Property(tries = 50)
    void shouldAnnounceNoMoreThanTheTopicBearsHoweverManyPartitionsThereAre(
            @ForAll @IntRange(min = 4, max = 1_000) int targets) {
        SourceAnnouncer announcer = announcer(targets);
        announcer.take(START, START);
        long ofAllPartitions = 4L * targets;
        assertThat(announced(announcer, 200).size() * ofAllPartitions)
                .isLessThanOrEqualTo(200 * Math.max(2_000, ofAllPartitions) + ofAllPartitions);
    }
}
