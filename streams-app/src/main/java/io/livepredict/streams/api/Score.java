package io.livepredict.streams.api;

import io.livepredict.streams.outcome.LastScores;
import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.score.Reason;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A score as the API gives it.
 *
 * @param event null for a score that no event caused
 * @param reasons null where none were computed
 */
record Score(
        String target,
        float score,
        Instant asOf,
        Instant scoredAt,
        ModelIdentity model,
        String context,
        @Nullable Event event,
        @Nullable List<Reason> reasons) {
    record Event(String id, String type) {}

    /** As it was made. */
    static Score of(LastScores.Row row, LastScores.TargetScore score) {
        LastScores.Moment moment = row.moment();
        return new Score(
                score.target(),
                score.score(),
                Instant.ofEpochMilli(moment.asOfMillis()),
                Instant.ofEpochMilli(moment.scoredAtMillis()),
                score.byPrior() ? ModelIdentity.prior(row.model().name()) : row.model(),
                moment.contextId(),
                new Event(moment.eventId(), moment.eventType()),
                score.reasons());
    }
}
