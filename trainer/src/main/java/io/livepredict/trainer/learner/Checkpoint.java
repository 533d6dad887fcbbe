package io.livepredict.trainer.learner;

import io.livepredict.avro.LearnerStateRecord;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Namespace;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.RefusedException;
import io.livepredict.model.UnsignedPieces;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A learner's state as records of the learner-state topic: pieces {@code KIND/chunk/INDEX} and a head {@code KIND/head},
 * all in one transaction. The head is signed: a state decides which numbers versions get and where learning goes on, so that
 * one which no trusted key vouches for counts for nothing.
 *
 * @param sequence number of this checkpoint, from 1
 * @param state what {@link KindLearner#state()} gave
 * @param offsets partition to the next offset to learn from
 */
@SuppressWarnings("ArrayRecordComponent") // moved, never compared
public record Checkpoint(long sequence, byte[] state, Map<Integer, Long> offsets) {
    private static final int PIECE_BYTES = 900 * 1024;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** A record of the topic; a null value is a tombstone. */
    record Entry(String key, @Nullable LearnerStateRecord value) {}

    /** How many pieces the state is cut into. */
    int pieces() {
        return Math.max(1, (state.length + PIECE_BYTES - 1) / PIECE_BYTES);
    }

    /**
     * The records, in the order to send them.
     *
     * @param piecesBefore how many pieces the checkpoint before had: those beyond this one's are tombstoned
     * @param signer signs the head
     */
    List<Entry> entries(Kind kind, int piecesBefore, ModelSigner signer) {
        List<Entry> entries = new ArrayList<>();
        String sha256 = Hashes.sha256(state);
        int pieces = pieces();
        for (int i = 0; i < pieces; i++) {
            int from = i * PIECE_BYTES;
            ByteBuffer data = ByteBuffer.wrap(state, from, Math.min(PIECE_BYTES, state.length - from))
                    .slice();
            entries.add(new Entry(
                    key(kind, i),
                    new LearnerStateRecord(sequence, i, pieces, Map.of(), sha256, data, "", NOTHING.duplicate())));
        }
        for (int i = pieces; i < piecesBefore; i++) {
            entries.add(new Entry(key(kind, i), null));
        }
        Map<String, Long> named = new HashMap<>();
        offsets.forEach((partition, offset) -> named.put(Integer.toString(partition), offset));
        byte[] signature = signer.key().sign(signed(signer.namespace(), kind, sequence, pieces, sha256, named));
        entries.add(new Entry(
                head(kind),
                new LearnerStateRecord(
                        sequence,
                        -1,
                        pieces,
                        named,
                        sha256,
                        NOTHING.duplicate(),
                        signer.key().keyId(),
                        ByteBuffer.wrap(signature))));
        return entries;
    }

    /** What is signed of a head. */
    private static byte[] signed(
            Namespace namespace, Kind kind, long sequence, int pieces, String sha256, Map<String, Long> offsets) {
        return ("livepredict learner-state 1\n" + namespace.value() + '\n' + kind.id() + '\n' + sequence + '\n' + pieces
                        + '\n' + sha256 + '\n' + new TreeMap<>(offsets))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String key(Kind kind, int piece) {
        return kind.id() + "/chunk/" + piece;
    }

    private static String head(Kind kind) {
        return kind.id() + "/head";
    }

    /**
     * Puts together what the topic holds: the newest checkpoint that is signed and whole. What is held meanwhile is bounded.
     * Not safe for use from several threads.
     */
    static final class Collector {
        private final Kind kind;
        private final ModelVerifier verifier;
        private final UnsignedPieces<Long> pieces;
        private @Nullable Checkpoint best;
        private @Nullable StateFormatException damage;
        private long highestSigned;
        private int mostPieces;
        private long ignored;
        private String whyIgnored = "";

        /**
         * @param verifier whose checkpoints count
         */
        Collector(Kind kind, ModelVerifier verifier) {
            this.kind = kind;
            this.verifier = verifier;
            // A state that takes more could not be restored either. Read in one go: nothing goes by the clock.
            pieces = new UnsignedPieces<>(
                    Runtime.getRuntime().maxMemory() / 2,
                    Duration.ofDays(1),
                    Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
                    count -> {});
        }

        /** Takes in a record of the topic, in order; a null value is a tombstone. */
        void accept(@Nullable String key, @Nullable LearnerStateRecord value) {
            if (key == null || value == null || !key.startsWith(kind.id() + "/")) {
                return; // a piece belongs to its own checkpoint by its sequence, so that a tombstone takes nothing away
            }
            if (key.equals(head(kind))) {
                acceptHead(value);
            } else if (value.getIndex() >= 0 && key.equals(key(kind, value.getIndex()))) {
                pieces.put(value.getSequence(), value.getIndex(), value.getData());
            }
        }

        private void acceptHead(LearnerStateRecord head) {
            try {
                byte[] signature = new byte[head.getSignature().remaining()];
                head.getSignature().duplicate().get(signature);
                verifier.trusted()
                        .verify(
                                head.getKeyId(),
                                signed(
                                        verifier.namespace(),
                                        kind,
                                        head.getSequence(),
                                        head.getCount(),
                                        head.getSha256(),
                                        head.getOffsets()),
                                signature);
            } catch (RefusedException e) {
                ignored++;
                whyIgnored = String.valueOf(e.getMessage());
                return;
            }
            mostPieces = Math.max(mostPieces, head.getCount());
            if (head.getSequence() < highestSigned) {
                return; // an old one that was written again
            }
            highestSigned = head.getSequence();
            try {
                best = checkpoint(head);
                damage = null;
            } catch (StateFormatException e) {
                damage = e;
            }
        }

        private Checkpoint checkpoint(LearnerStateRecord head) {
            byte[] state = pieces.join(head.getSequence(), head.getCount());
            if (state == null) {
                throw damaged("piece " + pieces.firstMissing(head.getSequence(), head.getCount()) + " of "
                        + head.getCount() + " is missing");
            }
            if (!Hashes.sha256(state).equals(head.getSha256())) {
                throw damaged("its bytes are not those its head names by SHA-256");
            }
            Map<Integer, Long> offsets = new HashMap<>();
            try {
                head.getOffsets().forEach((partition, offset) -> offsets.put(Integer.valueOf(partition), offset));
            } catch (NumberFormatException e) {
                throw damaged("a partition is not a number: " + e.getMessage());
            }
            pieces.forget(head.getSequence());
            return new Checkpoint(head.getSequence(), state, offsets);
        }

        /**
         * The newest checkpoint that is signed and whole; nothing if none was ever signed.
         *
         * @throws StateFormatException if some are signed and none is whole
         */
        Optional<Checkpoint> checkpoint() {
            if (best == null && damage != null) {
                throw damage;
            }
            return Optional.ofNullable(best);
        }

        /** Why a newer checkpoint than {@link #checkpoint()} gives could not be used; null if there is none. */
        @Nullable
        StateFormatException damage() {
            return damage;
        }

        /** The highest number of a checkpoint that is signed; 0 for none. The next one is above it. */
        long highestSigned() {
            return highestSigned;
        }

        /** The most pieces that a signed checkpoint had. */
        int mostPieces() {
            return mostPieces;
        }

        /** How many heads no trusted key vouches for. */
        long ignored() {
            return ignored;
        }

        /** Why the last of those counts for nothing. */
        String whyIgnored() {
            return whyIgnored;
        }

        private StateFormatException damaged(String why) {
            return new StateFormatException("learner state of " + kind.id() + ", as saved in the learner-state topic: "
                    + why + "; start over with --fresh");
        }
    }
}
