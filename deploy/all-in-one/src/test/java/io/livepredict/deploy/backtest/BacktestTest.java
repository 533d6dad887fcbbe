package io.livepredict.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.trainer.evaluation.ExactMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BacktestTest {
    private static Backtest run(List<CanonicalEvent> events, Backtest.@Nullable ExampleListener listener) {
        Backtest backtest = new Backtest(TestLogs.QUICK, TestLogs.MAPPING, TestLogs.TARGETS);
        if (listener != null) {
            backtest.listen(listener);
        }
        events.forEach(backtest::accept);
        backtest.finish();
        return backtest;
    }

    private static double auc(Backtest backtest, String target) {
        TargetTrack track = track(backtest, target);
        return ExactMetrics.auc(BacktestReport.tail(track.served()), BacktestReport.tail(track.labels()));
    }

    private static TargetTrack track(Backtest backtest, String target) {
        TargetTrack track = backtest.tracks().get(target);
        assertThat(track).isNotNull();
        return track == null ? new TargetTrack(1) : track;
    }

    @Test
    void shouldEndInTheSameBytesTwice() {
        List<CanonicalEvent> events = TestLogs.joins(1, 400, (viewer, random) -> random.nextInt(40) < viewer);
        Map<String, String> first;
        try (Backtest backtest = run(events, null)) {
            first = backtest.digests();
            assertThat(backtest.published()).isGreaterThan(5);
            assertThat(backtest.activeVersion()).isEqualTo(backtest.published());
        }
        try (Backtest again = run(events, null)) {
            assertThat(again.digests()).isEqualTo(first);
        }
    }

    @Test
    void shouldServeWhatItLearned() {
        try (Backtest backtest = run(TestLogs.joins(2, 1_500, (viewer, random) -> viewer % 2 == 0), null)) {
            assertThat(auc(backtest, "chat-1m")).isGreaterThan(0.9);
        }
    }

    @Test
    void shouldFindNothingWhereLabelsAreRandom() {
        try (Backtest backtest = run(TestLogs.joins(3, 3_000, (viewer, random) -> random.nextBoolean()), null)) {
            double[] labels = BacktestReport.tail(track(backtest, "chat-1m").labels());
            double positives = 0;
            for (double label : labels) {
                positives += label;
            }
            double negatives = labels.length - positives;
            // Hanley and McNeil (1982) for an AUC of a half; four deviations.
            double deviation = Math.sqrt((labels.length + 1) / (12 * positives * negatives));
            assertThat(Math.abs(auc(backtest, "chat-1m") - 0.5)).isLessThan(4 * deviation);
        }
    }

    @Test
    void shouldKnowNothingOfWhatComesLater() {
        List<CanonicalEvent> events = TestLogs.chaos(4, 900);
        List<LabelledExample> whole = new ArrayList<>();
        List<LabelledExample> begun = new ArrayList<>();
        run(events, (example, now) -> whole.add(example)).close();
        run(events.subList(0, 500), (example, now) -> begun.add(example)).close();
        assertThat(begun).hasSizeGreaterThan(50);
        assertThat(whole.subList(0, begun.size())).isEqualTo(begun);
    }

    @Test
    void shouldServeThePriorUntilThereIsAModel() {
        try (Backtest backtest = run(TestLogs.joins(5, 12, (viewer, random) -> random.nextBoolean()), null)) {
            assertThat(track(backtest, "chat-1m").served()).containsOnly((double) 0.1f);
        }
    }

    @Test
    void shouldCountTheSnapshotsThatAreStillOpenWhenTheLogEnds() {
        List<CanonicalEvent> whole = TestLogs.joins(7, 60, (viewer, random) -> random.nextBoolean());
        List<CanonicalEvent> events = whole.subList(0, whole.size() / 2);
        long watermark = events.get(events.size() - 1).timeMillis() - 5_000;
        List<Long> joins = events.stream()
                .filter(event -> event.type().equals("JOIN"))
                .map(CanonicalEvent::timeMillis)
                .toList();
        long open = Stream.of(60_000, 300_000)
                .flatMap(horizon -> joins.stream().map(time -> time + horizon))
                .filter(deadline -> deadline >= watermark)
                .count();
        assertThat(open).isPositive();
        try (Backtest backtest = run(events, null)) {
            assertThat(backtest.censored()).isEqualTo(open);
            assertThat(backtest.examples()).isEqualTo(2L * joins.size() - open);
        }
    }

    @Test
    void shouldCountTheSnapshotsOfAnEntityThatHasTooManyOpenOnes() {
        CanonicalEvent join = TestLogs.joins(8, 1, (viewer, random) -> false).get(0);
        List<CanonicalEvent> events = IntStream.range(0, 40)
                .mapToObj(i -> CanonicalEventBuilder.builder(join)
                        .eventId("e" + i)
                        .numbers(Map.of())
                        .attributes(Map.of())
                        .text(null)
                        .build())
                .toList();
        try (Backtest backtest = run(events, null)) {
            assertThat(backtest.predictions()).isEqualTo(80);
            assertThat(backtest.refused()).isEqualTo(80 - 64);
            assertThat(backtest.censored()).isEqualTo(64);
        }
    }

    @Test
    void shouldRememberEachEntitysPreviousOutcome() {
        try (Backtest backtest = run(TestLogs.joins(6, 200, (viewer, random) -> viewer < 20), null)) {
            TargetTrack track = track(backtest, "chat-1m");
            int known = 0;
            for (int i = 0; i < track.size(); i++) {
                // Each viewer does the same every time.
                if (track.previous()[i] != TargetTrack.UNKNOWN) {
                    assertThat((double) track.previous()[i]).isEqualTo(track.labels()[i]);
                    known++;
                }
            }
            assertThat(known).isGreaterThan(100);
        }
    }
}
