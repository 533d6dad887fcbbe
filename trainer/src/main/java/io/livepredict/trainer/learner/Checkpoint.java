package io.livepredict.trainer.learner;

import io.livepredict.avro.LearnerStateRecord;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A learner's state as records of the learner-state topic: pieces {@code KIND/chunk/INDEX} and a head {@code KIND/head},
 * all in one transaction.
 *
 * @param sequence number of this checkpoint, from 1
 * @param state what {@link KindLearner#state()} gave
 * @param offsets partition to the next offset to learn from
 */
@SuppressWarnings("ArrayRecordComponent") // moved, never compared
public record Checkpoint(long sequence, byte[] state, Map<Integer, Long> offsets) {
    private static final int PIECE_BYTES = 900 * 1024;

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
     */
    List<Entry> entries(Kind kind, int piecesBefore) {
        List<Entry> entries = new ArrayList<>();
        String sha256 = Hashes.sha256(state);
        int pieces = pieces();
        for (int i = 0; i < pieces; i++) {
            int from = i * PIECE_BYTES;
            ByteBuffer data = ByteBuffer.wrap(state, from, Math.min(PIECE_BYTES, state.length - from))
                    .slice();
            entries.add(new Entry(key(kind, i), new LearnerStateRecord(sequence, i, pieces, Map.of(), sha256, data)));
        }
        for (int i = pieces; i < piecesBefore; i++) {
            entries.add(new Entry(key(kind, i), null));
        }
        Map<String, Long> named = new HashMap<>();
        offsets.forEach((partition, offset) -> named.put(Integer.toString(partition), offset));
        entries.add(new Entry(
                head(kind), new LearnerStateRecord(sequence, -1, pieces, named, sha256, ByteBuffer.allocate(0))));
        return entries;
    }

    private static String key(Kind kind, int piece) {
        return kind.id() + "/chunk/" + piece;
    }

    private static String head(Kind kind) {
        return kind.id() + "/head";
    }

    /** Puts together what the topic holds. Not safe for use from several threads. */
    static final class Collector {
        private final Kind kind;
        private final Map<String, LearnerStateRecord> latest = new HashMap<>();

        Collector(Kind kind) {
            this.kind = kind;
        }

        /** Takes in a record of the topic, in order; null is a tombstone. */
        void accept(String key, @Nullable LearnerStateRecord value) {
            if (value == null) {
                latest.remove(key);
            } else if (key.startsWith(kind.id() + "/")) {
                latest.put(key, value);
            }
        }

        /**
         * The last checkpoint; nothing if there is none.
         *
         * @throws StateFormatException if pieces are missing or not those the head names
         */
        Optional<Checkpoint> checkpoint() {
            LearnerStateRecord head = latest.get(head(kind));
            if (head == null) {
                return Optional.empty();
            }
            ByteArrayOutputStream state = new ByteArrayOutputStream();
            for (int i = 0; i < head.getCount(); i++) {
                LearnerStateRecord piece = latest.get(key(kind, i));
                if (piece == null || piece.getSequence() != head.getSequence()) {
                    throw damaged("piece " + i + " of " + head.getCount() + " is missing");
                }
                ByteBuffer data = piece.getData().duplicate();
                byte[] bytes = new byte[data.remaining()];
                data.get(bytes);
                state.writeBytes(bytes);
            }
            if (!Hashes.sha256(state.toByteArray()).equals(head.getSha256())) {
                throw damaged("its bytes are not those its head names by SHA-256");
            }
            Map<Integer, Long> offsets = new HashMap<>();
            try {
                head.getOffsets().forEach((partition, offset) -> offsets.put(Integer.valueOf(partition), offset));
            } catch (NumberFormatException e) {
                throw damaged("a partition is no number: " + e.getMessage());
            }
            return Optional.of(new Checkpoint(head.getSequence(), state.toByteArray(), offsets));
        }

        private StateFormatException damaged(String why) {
            return new StateFormatException("learner state of " + kind.id() + ", as saved in the learner-state topic: "
                    + why + "; start over with --fresh");
        }
    }
}
