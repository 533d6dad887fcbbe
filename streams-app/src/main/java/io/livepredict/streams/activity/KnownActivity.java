package io.livepredict.streams.activity;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an entity apart from its features. Times are epoch milliseconds.
 *
 * @param firstMillis its earliest event
 * @param latestMillis its latest event
 * @param events how many in all
 * @param session the run of activity that the latest event is in
 * @param places the last few rooms or matches, the one of the latest event first
 * @param latestContext the room or match of the latest event, empty for none; null where it is not kept, without looks
 */
public record KnownActivity(
        long firstMillis,
        long latestMillis,
        long events,
        Session session,
        List<Place> places,
        @Nullable String latestContext) {
    public KnownActivity {
        places = List.copyOf(places);
    }

    /**
     * A run of activity.
     *
     * @param number how many there were, this one included
     */
    public record Session(long sinceMillis, long events, int number) {}

    /**
     * A room or match.
     *
     * @param hash {@link io.livepredict.contract.Hashes#id64} of its id, which itself is not kept
     * @param lastMillis the latest event there
     * @param stayMillis when the last stay began, {@code Long.MIN_VALUE} where it has ended
     * @param stays how many there were
     */
    public record Place(long hash, long lastMillis, long stayMillis, int stays) {}
}
