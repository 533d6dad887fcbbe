package io.livepredict.streams.api;

import io.livepredict.http.Problem;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What is asked of an entity, or of a room or match. */
enum Ask {
    /** What is known of it. */
    ENTITY,
    /** Its last scores, as they were made. */
    LATEST,
    /** What the active model says of this moment. */
    NOW,
    /** What is expected of a room or match. */
    OUTLOOK,
    /** The rooms or matches in which most of a target is expected. */
    FOREMOST;

    /** Whether it is asked of a room or match. */
    boolean isOfRooms() {
        return this == OUTLOOK || this == FOREMOST;
    }

    /** As it is written in requests and answers. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws Problem if it is none of these */
    static Ask of(String word, Ask... allowed) {
        return Arrays.stream(allowed)
                .filter(ask -> ask.word().equals(word))
                .findFirst()
                .orElseThrow(() -> Problem.badRequest("It is one of "
                        + Arrays.stream(allowed).map(Ask::word).collect(Collectors.joining(", ")) + "."));
    }
}
