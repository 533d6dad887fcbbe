package io.livepredict.trainer.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Namespace;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CheckpointTest {
    private static final ModelSigner SIGNER = new ModelSigner(Namespace.defaults(), SigningKey.generate());
    private static final ModelVerifier VERIFIER = new ModelVerifier(
            Namespace.defaults(), TrustedKeys.of(List.of(SIGNER.key().publicKey())));

    private static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Property(tries = 20)
    void shouldPutTogetherTheLastCheckpointFromItsPieces(
            @ForAll @IntRange(min = 0, max = 3_000_000) int first,
            @ForAll @IntRange(min = 0, max = 3_000_000) int second) {
        Checkpoint.Collector collector = new Checkpoint.Collector(Kind.VIEWER, VERIFIER);
        Checkpoint older = new Checkpoint(1, bytes(1, first), Map.of(0, 5L));
        Checkpoint newer = new Checkpoint(2, bytes(2, second), Map.of(0, 9L, 3, 1L));
        older.entries(Kind.VIEWER, 0, SIGNER).forEach(entry -> collector.accept(entry.key(), entry.value()));
        newer.entries(Kind.VIEWER, older.pieces(), SIGNER)
                .forEach(entry -> collector.accept(entry.key(), entry.value()));
        new Checkpoint(7, bytes(3, 10), Map.of())
                .entries(Kind.PLAYER, 0, SIGNER)
                .forEach(entry -> collector.accept(entry.key(), entry.value()));

        Checkpoint read = collector.checkpoint().orElseThrow();
        assertThat(read.sequence()).isEqualTo(2);
        assertThat(read.state()).isEqualTo(bytes(2, second));
        assertThat(read.offsets()).isEqualTo(Map.of(0, 9L, 3, 1L));
    }

    @Test
    void shouldSayWhatIsMissing() {
        Checkpoint.Collector collector = new Checkpoint.Collector(Kind.VIEWER, VERIFIER);
        assertThat(collector.checkpoint()).isEmpty();
        List<Checkpoint.Entry> entries =
                new Checkpoint(1, bytes(1, 2_000_000), Map.of()).entries(Kind.VIEWER, 0, SIGNER);
        entries.stream().skip(1).forEach(entry -> collector.accept(entry.key(), entry.value()));
        assertThatThrownBy(collector::checkpoint)
                .isInstanceOf(StateFormatException.class)
                .hasMessageContaining("piece 0 of 3 is missing")
                .hasMessageContaining("--fresh");
    }

    @Test
    void shouldCountOnlyWhatATrustedKeySigned() {
        ModelSigner stranger = new ModelSigner(Namespace.defaults(), SigningKey.generate());
        ModelSigner elsewhere = new ModelSigner(new Namespace("elsewhere"), SIGNER.key());
        Checkpoint.Collector collector = new Checkpoint.Collector(Kind.VIEWER, VERIFIER);
        Checkpoint good = new Checkpoint(5, bytes(1, 2_000_000), Map.of(0, 5L));
        give(collector, good.entries(Kind.VIEWER, 0, SIGNER));
        for (ModelSigner other : List.of(stranger, elsewhere)) {
            give(collector, new Checkpoint(6, bytes(2, 10), Map.of(0, 99L)).entries(Kind.VIEWER, 3, other));
        }
        // An old one again, a piece by itself, and no key at all.
        give(collector, new Checkpoint(4, bytes(3, 10), Map.of(0, 1L)).entries(Kind.VIEWER, 3, SIGNER));
        collector.accept("viewer/chunk/0", null);
        collector.accept(null, good.entries(Kind.VIEWER, 0, SIGNER).getFirst().value());

        Checkpoint read = collector.checkpoint().orElseThrow();
        assertThat(read.sequence()).isEqualTo(5);
        assertThat(read.state()).isEqualTo(bytes(1, 2_000_000));
        assertThat(read.offsets()).isEqualTo(Map.of(0, 5L));
        assertThat(collector.damage()).isNull();
        assertThat(collector.ignored()).isEqualTo(2);
        assertThat(collector.highestSigned()).isEqualTo(5);
        assertThat(collector.mostPieces()).isEqualTo(3);
    }

    @Test
    void shouldGoBackToTheCheckpointBeforeADamagedOne() {
        Checkpoint.Collector collector = new Checkpoint.Collector(Kind.VIEWER, VERIFIER);
        give(collector, new Checkpoint(1, bytes(1, 2_000_000), Map.of(0, 5L)).entries(Kind.VIEWER, 0, SIGNER));
        List<Checkpoint.Entry> newer =
                new Checkpoint(2, bytes(2, 2_000_000), Map.of(0, 9L)).entries(Kind.VIEWER, 3, SIGNER);
        give(collector, newer.subList(1, newer.size()));

        assertThat(collector.checkpoint().orElseThrow().sequence()).isEqualTo(1);
        assertThat(collector.damage()).hasMessageContaining("piece 0 of 3 is missing");
        assertThat(collector.highestSigned()).isEqualTo(2);
    }

    private static void give(Checkpoint.Collector collector, List<Checkpoint.Entry> entries) {
        entries.forEach(entry -> collector.accept(entry.key(), entry.value()));
    }
}
