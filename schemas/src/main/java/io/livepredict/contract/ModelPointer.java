package io.livepredict.contract;

import java.time.Instant;
import java.util.Optional;

/**
 * Which version is to be served; JSON in the models topic, signed.
 *
 * @param name the model's name
 * @param version the version to serve
 * @param pinned whether an operator chose it: the trainer does not move a pinned pointer
 * @param manifestSha256 hash of that version's manifest JSON bytes
 * @param issuedAt ISO-8601, UTC: of two pointers the one that was issued later counts, in whatever order they are read
 */
public record ModelPointer(String name, long version, boolean pinned, String manifestSha256, String issuedAt) {
    /**
     * When a pointer is to be issued so that it counts after another: now, or just after the other where clocks disagree.
     *
     * @param before the pointer that counts now, with an {@link #issuedAt} that is an instant
     */
    public static Instant issueAfter(Optional<ModelPointer> before, Instant now) {
        return before.map(pointer -> Instant.parse(pointer.issuedAt()).plusMillis(1))
                .filter(next -> next.isAfter(now))
                .orElse(now);
    }
}
