package io.livepredict.streams.choice;

import io.livepredict.avro.ChoiceExample;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.PairFeatures;
import io.livepredict.streams.ingest.Event;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Makes the example of a choice: the chosen candidate and some of the others, drawn by the event's id. */
public final class ChoiceExamples {
    /** At most so many are logged, whether one of them was chosen or not: who learns from them relies on that. */
    private static final int LOGGED = 32;

    private ChoiceExamples() {}

    /**
     * The example of an event that chose among those candidates.
     *
     * @param emittedAtMillis wall clock
     */
    public static ChoiceExample of(Event event, Candidates candidates, long emittedAtMillis) {
        int size = PairFeatures.ALL.size();
        int chosen = candidates.indexOf(event.contextId());
        int[] drawn = draw(candidates.size(), chosen, new SplittableRandom(Hashes.id64(event.eventId())));
        ByteBuffer vectors =
                ByteBuffer.allocate(drawn.length * size * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int place = -1;
        for (int i = 0; i < drawn.length; i++) {
            place = drawn[i] == chosen ? i : place;
            for (int k = 0; k < size; k++) {
                vectors.putFloat(candidates.vectors()[drawn[i] * size + k]);
            }
        }
        return ChoiceExample.newBuilder()
                .setEntityId(event.entityId())
                .setContextId(event.contextId())
                .setEventId(event.eventId())
                .setEventTime(event.timeMillis())
                .setPairFeatures(PairFeatures.ID)
                .setCandidates(candidates.size())
                .setChosen(place)
                .setVectors(vectors.flip())
                .setEmittedAt(emittedAtMillis)
                .build();
    }

    /** Places in random order: the chosen one and as many of the others as may be. */
    private static int[] draw(int size, int chosen, SplittableRandom random) {
        int[] places = new int[size];
        for (int i = 0; i < size; i++) {
            places[i] = i;
        }
        int wanted = Math.min(LOGGED, size);
        if (chosen >= 0) {
            swap(places, 0, chosen);
        }
        for (int i = chosen < 0 ? 0 : 1; i < wanted; i++) {
            swap(places, i, random.nextInt(i, size));
        }
        if (chosen >= 0) {
            swap(places, 0, random.nextInt(wanted)); // its place tells nothing
        }
        return Arrays.copyOf(places, wanted);
    }

    private static void swap(int[] values, int a, int b) {
        int kept = values[a];
        values[a] = values[b];
        values[b] = kept;
    }
}
