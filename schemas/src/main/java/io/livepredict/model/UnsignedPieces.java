package io.livepredict.model;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of larger wholes, held until something signed says what they are. Anybody may have written them, so they take up
 * bounded memory for a bounded time: above the bytes allowed, the set that has gone longest without a new piece is
 * dropped, and so is any set that exceeds the time limit. A writer sends the pieces of a whole together and the
 * signature right after them, so what it sends is the last to go. Not safe for use from several threads.
 *
 * @param <K> what names a whole
 */
public final class UnsignedPieces<K> {
    /** What holding a piece costs besides its bytes, roughly. */
    private static final int PIECE_OVERHEAD = 256;

    private final long mostBytes;
    private final Duration longest;
    private final InstantSource clock;
    private final LongConsumer letGo;
    /** The one that got a piece last is at the end. */
    private final LinkedHashMap<K, Pieces> byWhole = new LinkedHashMap<>();

    private long heldBytes;

    private static final class Pieces {
        final TreeMap<Integer, byte[]> byIndex = new TreeMap<>();
        Instant touched = Instant.MIN;
        long bytes;
    }

    /**
     * @param mostBytes what all pieces together may take
     * @param longest how long a whole may be without a new piece
     * @param clock the present
     * @param letGo told how many pieces were let go
     */
    public UnsignedPieces(long mostBytes, Duration longest, InstantSource clock, LongConsumer letGo) {
        this.mostBytes = mostBytes;
        this.longest = longest;
        this.clock = clock;
        this.letGo = letGo;
    }

    /** Holds a piece, in place of the one that was there. */
    public void put(K whole, int index, ByteBuffer data) {
        expire();
        byte[] bytes = new byte[data.remaining()];
        data.duplicate().get(bytes);
        Pieces pieces = byWhole.remove(whole);
        if (pieces == null) {
            pieces = new Pieces();
        }
        byWhole.put(whole, pieces);
        pieces.touched = clock.instant();
        account(pieces, pieces.byIndex.put(index, bytes), bytes);
        while (heldBytes > mostBytes && !byWhole.isEmpty()) {
            letGo.accept(forget(byWhole.keySet().iterator().next()));
        }
    }

    /** Forgets a piece. */
    public void remove(K whole, int index) {
        Pieces pieces = byWhole.get(whole);
        if (pieces != null) {
            account(pieces, pieces.byIndex.remove(index), null);
            if (pieces.byIndex.isEmpty()) {
                byWhole.remove(whole);
            }
        }
    }

    /**
     * Forgets a whole.
     *
     * @return how many pieces of it there were
     */
    public int forget(K whole) {
        Pieces pieces = byWhole.remove(whole);
        if (pieces == null) {
            return 0;
        }
        heldBytes -= pieces.bytes;
        return pieces.byIndex.size();
    }

    /** Lets go of what has had no new piece for too long. */
    public void expire() {
        Instant since = clock.instant().minus(longest);
        for (Iterator<Pieces> each = byWhole.values().iterator(); each.hasNext(); ) {
            Pieces oldest = each.next();
            if (oldest.touched.isAfter(since)) {
                return;
            }
            each.remove();
            heldBytes -= oldest.bytes;
            letGo.accept(oldest.byIndex.size());
        }
    }

    /** The first index below {@code count} of which there is no piece; {@code count} if all are there. */
    public int firstMissing(K whole, int count) {
        Pieces pieces = byWhole.get(whole);
        for (int index = 0; index < count; index++) {
            if (pieces == null || !pieces.byIndex.containsKey(index)) {
                return index;
            }
        }
        return count;
    }

    /**
     * The first pieces joined.
     *
     * @param count how many
     * @param bytes how long they must be together
     * @return null if one is missing or they are longer or shorter
     */
    public byte @Nullable [] join(K whole, int count, int bytes) {
        return length(whole, count) == bytes ? join(whole, count) : null;
    }

    /**
     * The first pieces joined, however long they are.
     *
     * @param count how many
     * @return null if one is missing
     */
    public byte @Nullable [] join(K whole, int count) {
        long length = length(whole, count);
        Pieces pieces = byWhole.get(whole);
        if (pieces == null || length < 0 || length > Integer.MAX_VALUE - 8) {
            return length == 0 ? new byte[0] : null;
        }
        byte[] joined = new byte[(int) length];
        int at = 0;
        for (byte[] piece : pieces.byIndex.headMap(count).values()) {
            System.arraycopy(piece, 0, joined, at, piece.length);
            at += piece.length;
        }
        return joined;
    }

    /** How long the first pieces are together; -1 if one is missing. */
    private long length(K whole, int count) {
        if (firstMissing(whole, count) < count) {
            return -1;
        }
        Pieces pieces = byWhole.get(whole);
        return pieces == null
                ? 0
                : pieces.byIndex.headMap(count).values().stream()
                        .mapToLong(piece -> piece.length)
                        .sum();
    }

    /** What all pieces together take. */
    public long heldBytes() {
        return heldBytes;
    }

    private void account(Pieces pieces, byte @Nullable [] before, byte @Nullable [] after) {
        long change = cost(after) - cost(before);
        pieces.bytes += change;
        heldBytes += change;
    }

    private static long cost(byte @Nullable [] piece) {
        return piece == null ? 0 : piece.length + PIECE_OVERHEAD;
    }
}
