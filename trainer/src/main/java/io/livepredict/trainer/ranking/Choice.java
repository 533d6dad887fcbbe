package io.livepredict.trainer.ranking;

import io.livepredict.avro.ChoiceExample;
import io.livepredict.contract.PairFeatures;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A choice to learn from.
 *
 * @param vectors of the logged candidates, one after the other
 * @param chosen index of the chosen one; -1 if it was no candidate
 * @param candidates how many there were; of those that were not chosen, the logged ones were drawn uniformly
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
public record Choice(float[] vectors, int chosen, int candidates) {
    private static final int SIZE = PairFeatures.ALL.size();

    /** What an example says; null if it is of other pair features than this build's, or damaged. */
    public static @Nullable Choice of(ChoiceExample example) {
        ByteBuffer bytes = example.getVectors().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int logged = bytes.remaining() / (SIZE * Float.BYTES);
        if (!PairFeatures.ID.equals(example.getPairFeatures())
                || bytes.remaining() != logged * SIZE * Float.BYTES
                || example.getChosen() < -1
                || example.getChosen() >= logged
                || example.getCandidates() < logged) {
            return null;
        }
        float[] vectors = new float[logged * SIZE];
        bytes.asFloatBuffer().get(vectors);
        for (float value : vectors) {
            if (!Float.isFinite(value)) {
                return null;
            }
        }
        return new Choice(vectors, example.getChosen(), example.getCandidates());
    }

    /** How many candidates are logged. */
    public int logged() {
        return vectors.length / SIZE;
    }
}
