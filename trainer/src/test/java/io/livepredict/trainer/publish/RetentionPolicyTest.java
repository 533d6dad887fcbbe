package io.livepredict.trainer.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.trainer.publish.RetentionPolicy.Made;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RetentionPolicyTest {
    private static final Instant NOW = Instant.parse("2026-03-10T12:30:00Z");

    @Test
    void shouldKeepTheLastTwentyThenOneAnHourThenOneADayAndThePinned() {
        // One version each ten minutes for sixty days, the last one now.
        List<Made> all = new ArrayList<>();
        int count = 60 * 24 * 6;
        for (int i = 0; i < count; i++) {
            all.add(new Made(i + 1, NOW.minus(Duration.ofMinutes(10L * (count - 1 - i)))));
        }
        Set<Long> kept = new TreeSet<>();
        all.forEach(made -> kept.add(made.version()));
        kept.removeAll(RetentionPolicy.defaults().dropped(all, Set.of(17L), NOW));

        assertThat(kept).contains(17L);
        for (long version = count - 19; version <= count; version++) {
            assertThat(kept).contains(version);
        }
        List<Made> old = all.stream()
                .filter(made -> kept.contains(made.version()) && made.version() != 17 && made.version() <= count - 20)
                .toList();
        // Within the day: the newest of each hour that is not among the last twenty.
        assertThat(old.stream().filter(made -> !made.createdAt().isBefore(NOW.minus(Duration.ofDays(1)))))
                .allMatch(made -> made.createdAt().toString().endsWith(":50:00Z"))
                .hasSize(21);
        // Before it: the newest of each day.
        assertThat(old.stream().filter(made -> made.createdAt().isBefore(NOW.minus(Duration.ofDays(1)))))
                .allMatch(made -> made.createdAt().toString().endsWith("T23:50:00Z"))
                .hasSize(29);
        assertThat(old).noneMatch(made -> made.createdAt().isBefore(NOW.minus(Duration.ofDays(30))));
    }

    @Test
    void shouldKeepOneAMinuteForAnHour() {
        List<Made> all = new ArrayList<>();
        for (int second = 0; second < 2 * 3_600; second++) {
            all.add(new Made(second + 1, NOW.plusSeconds(second)));
        }
        Instant now = all.getLast().createdAt();
        List<Long> dropped = RetentionPolicy.defaults().dropped(all, Set.of(), now);
        List<Instant> kept = all.stream()
                .filter(made -> !dropped.contains(made.version()))
                .filter(made -> made.version() <= all.size() - 20)
                .map(Made::createdAt)
                .toList();
        // The newest of each minute before the one at hand, and of each hour.
        assertThat(kept.stream().filter(at -> !at.isBefore(now.minus(Duration.ofHours(1)))))
                .hasSize(60)
                .allMatch(at -> at.toString().endsWith(":59Z"));
        assertThat(kept.stream().filter(at -> at.isBefore(now.minus(Duration.ofHours(1)))))
                .containsExactly(NOW.plusSeconds(1_799));
    }

    @Test
    void shouldDropTheSameWhetherAskedOftenOrOnce() {
        RetentionPolicy policy =
                new RetentionPolicy(3, Duration.ofMinutes(30), Duration.ofHours(4), Duration.ofDays(3));
        List<Made> all = new ArrayList<>();
        List<Made> pruned = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            Instant at = NOW.plus(Duration.ofMinutes(17L * i));
            all.add(new Made(i + 1, at));
            pruned.add(new Made(i + 1, at));
            List<Long> dropped = policy.dropped(pruned, Set.of(), at);
            pruned.removeIf(made -> dropped.contains(made.version()));
        }
        Instant now = all.getLast().createdAt();
        List<Long> dropped = policy.dropped(all, Set.of(), now);
        assertThat(pruned.stream().map(Made::version))
                .containsExactlyElementsOf(all.stream()
                        .map(Made::version)
                        .filter(version -> !dropped.contains(version))
                        .toList());
    }

    @Test
    void shouldDropNothingWhenThereIsLittle() {
        assertThat(RetentionPolicy.defaults().dropped(List.of(new Made(1, Instant.EPOCH)), Set.of(), NOW))
                .isEmpty();
    }
}
