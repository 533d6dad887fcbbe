package io.livepredict.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class UnsignedPiecesProperties {
    private Instant now = Instant.EPOCH;
    private long letGo;

    private UnsignedPieces<Integer> pieces(long mostBytes) {
        return new UnsignedPieces<>(mostBytes, Duration.ofMinutes(10), () -> now, count -> letGo += count);
    }

    /** Whatever comes: never more than the budget, and every piece is held, let go, replaced or removed. */
    @Property(tries = 200)
    void shouldStayWithinItsBudgetAndAccountForEveryPiece(
            @ForAll long seed, @ForAll @IntRange(min = 300, max = 20_000) int budget) {
        letGo = 0;
        now = Instant.EPOCH;
        UnsignedPieces<Integer> pieces = pieces(budget);
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            int whole = random.nextInt(10);
            switch (random.nextInt(10)) {
                case 0 -> pieces.forget(whole);
                case 1 -> pieces.remove(whole, random.nextInt(4));
                case 2 -> now = now.plusSeconds(random.nextInt(120));
                default -> pieces.put(whole, random.nextInt(4), ByteBuffer.wrap(new byte[random.nextInt(700)]));
            }
            assertThat(pieces.heldBytes()).isBetween(0L, (long) budget);
        }
        for (int whole = 0; whole < 10; whole++) {
            pieces.forget(whole);
        }
        assertThat(pieces.heldBytes()).isZero();
    }

    /** A writer's own pieces come last and together: a flood before and between does not wash them away. */
    @Property(tries = 200)
    void shouldKeepWhatIsBeingWritten(@ForAll long seed) {
        UnsignedPieces<Integer> pieces = pieces(20_000);
        Random random = new Random(seed);
        byte[] whole = new byte[5_000];
        random.nextBytes(whole);
        for (int i = 0; i < 200; i++) {
            pieces.put(1 + random.nextInt(1_000), random.nextInt(4), ByteBuffer.wrap(new byte[random.nextInt(900)]));
        }
        for (int index = 0; index < 5; index++) {
            pieces.put(0, index, ByteBuffer.wrap(whole, index * 1_000, 1_000).slice());
            for (int i = 0; i < 8; i++) {
                pieces.put(1 + random.nextInt(1_000), i, ByteBuffer.wrap(new byte[900]));
            }
        }
        assertThat(pieces.join(0, 5, 5_000)).isEqualTo(whole);
        assertThat(pieces.join(0, 5, 4_999)).isNull();
        assertThat(pieces.join(0, 6, 5_000)).isNull();
    }

    @Example
    void shouldLetGoOfWhatHasWaitedTooLong() {
        UnsignedPieces<Integer> pieces = pieces(20_000);
        pieces.put(1, 0, ByteBuffer.wrap(new byte[10]));
        pieces.put(1, 1, ByteBuffer.wrap(new byte[10]));
        now = now.plus(Duration.ofMinutes(6));
        pieces.put(2, 0, ByteBuffer.wrap(new byte[10]));
        now = now.plus(Duration.ofMinutes(6));
        pieces.expire();
        assertThat(letGo).isEqualTo(2);
        assertThat(pieces.join(1, 2, 20)).isNull();
        assertThat(pieces.join(2, 1, 10)).isNotNull();
    }

    @Example
    void shouldLetGoOfAWholeThatIsLargerThanAllThatMayBeHeld() {
        UnsignedPieces<Integer> pieces = pieces(2_000);
        for (int index = 0; index < 10; index++) {
            pieces.put(1, index, ByteBuffer.wrap(new byte[500]));
        }
        assertThat(pieces.heldBytes()).isLessThanOrEqualTo(2_000);
        assertThat(letGo).isPositive();
    }
}
