package io.livepredict.streams.api;

import io.livepredict.http.Problem;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What is asked of an entity. */
enum Ask {
    /** What is known of it. */
    ENTITY,
    /** Its last scores, as they were made. */
    LATEST,
    /** What the active model says of this moment. */
    NOW;

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
