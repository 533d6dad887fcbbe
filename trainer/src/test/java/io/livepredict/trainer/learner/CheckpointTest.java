package io.livepredict.trainer.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.Kind;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CheckpointTest {
    private static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Property(tries = 20)
    void shouldPutTogetherTheLastCheckpointFromItsPieces(
            @ForAll @IntRange(min = 0, max = 3_000_000) int first,
            @ForAll @IntRange(min = 0, max = 3_000_000) int second) {
        Checkpoint.Collector collector = new Checkpoint.Collector(Kind.VIEWER);
        Checkpoint older = new Checkpoint(1, bytes(1, first), Map.of(0, 5L));
        Checkpoint newer = new Checkpoint(2, bytes(2, second), Map.of(0, 9L, 3, 1L));
        older.entries(Kind.VIEWER, 0).forEach(entry -> collector.accept(entry.key(), entry.value()));
        newer.entries(Kind.VIEWER, older.pieces()).forEach(entry -> collector.accept(entry.key(), entry.value()));
        new Checkpoint(7, bytes(3, 10), Map.of())
                .entries(Kind.PLAYER, 0)
                .forEach(entry -> collector.accept(entry.key(), entry.value()));

        Checkpoint read = collector.checkpoint().orElseThrow();
        assertThat(read.sequence()).isEqualTo(2);
        assertThat(read.state()).isEqualTo(bytes(2, second));
        assertThat(read.offsets()).isEqualTo(Map.of(0, 9L, 3, 1L));
    }

    @Test
    void shouldSayWhatIsMissing() {
        Checkpoint.Collector collector = new Checkpoint.Collector(Kind.VIEWER);
        assertThat(collector.checkpoint()).isEmpty();
        List<Checkpoint.Entry> entries = new Checkpoint(1, bytes(1, 2_000_000), Map.of()).entries(Kind.VIEWER, 0);
        entries.stream().skip(1).forEach(entry -> collector.accept(entry.key(), entry.value()));
        assertThatThrownBy(collector::checkpoint)
                .isInstanceOf(StateFormatException.class)
                .hasMessageContaining("piece 0 of 3 is missing")
                .hasMessageContaining("--fresh");
    }
}
