package io.livepredict.streams.deadletters;

import java.time.Instant;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant.
 *
 * @param reasons names of reasons; empty for all
 * @param sources source topics; empty for all
 * @param from when they were refused, inclusive; null for no bound
 * @param to exclusive; null for no bound
 */
public record DeadLetterFilter(
        Set<String> reasons,
        Set<String> sources,
        @Nullable Instant from,
        @Nullable Instant to) implements Predicate<DeadLetter> {
    public DeadLetterFilter {
        reasons = Set.copyOf(reasons);
        sources = Set.copyOf(sources);
        if (from != null && to != null && !from.isBefore(to)) {
            throw new IllegalArgumentException("--from " + from + " is not before --to " + to);
        }
    }

    @Override
    public boolean test(DeadLetter letter) {
        return (reasons.isEmpty() || reasons.contains(letter.reason()))
                && (sources.isEmpty() || sources.contains(letter.source().topic()))
                && (from == null || letter.refusedAtMillis() >= from.toEpochMilli())
                && (to == null || letter.refusedAtMillis() < to.toEpochMilli());
    }
}
