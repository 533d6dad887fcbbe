package io.livepredict.serde;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Ids that the registry has no schema for, so that bad records don't become requests. An id is remembered for
 * {@value #KEPT_SECONDS} seconds, {@value #MOST_KEPT} ids at most.
 *
 * <p>Records with many different bad ids would still cost a request each. Once {@value #MANY} ids are remembered, the
 * registry's list of schemas ({@code GET /schemas}) decides instead, read again when it is {@value #LISTED_SECONDS} seconds
 * old. Registries give ids in ascending order, so an id that may have been given since the list was read is among the
 * {@value #NEXT_IDS} after the highest in it: those are asked for one by one as before. A registry without such a list, or
 * whose list lacks an id that it has given, is asked for each id.
 *
 * <p>Safe for use from several threads.
 */
final class UnknownIds {
    static final int KEPT_SECONDS = 30;
    static final int MOST_KEPT = 10_000;
    static final int MANY = 100;
    static final int LISTED_SECONDS = 5;
    static final int NEXT_IDS = 256;
    private static final int PAGE = 200;
    private static final int MOST_PAGES = 100;

    private final RegistryHttp http;
    private final LongSupplier nanoClock;
    private final Map<Integer, Long> unknownSince = new LinkedHashMap<>();
    private @Nullable Listing listing;

    /** Every id of a registry at a time; empty for a registry that does not say. */
    private record Listing(Set<Integer> ids, int highest, long atNanos) {
        boolean isUseful() {
            return !ids.isEmpty();
        }
    }

    UnknownIds(RegistryHttp http, LongSupplier nanoClock) {
        this.http = http;
        this.nanoClock = nanoClock;
    }

    /**
     * Whether the registry is known to have no schema with that id.
     *
     * @param given ids that the registry has given before
     */
    synchronized boolean contains(int id, Collection<Integer> given) {
        long now = nanoClock.getAsLong();
        forget(now);
        if (unknownSince.containsKey(id)) {
            return true;
        }
        if (unknownSince.size() < MANY) {
            return false;
        }
        Listing listed = listing;
        long age = listed == null ? Long.MAX_VALUE : now - listed.atNanos;
        if (listed == null || age > seconds(listed.isUseful() ? LISTED_SECONDS : KEPT_SECONDS)) {
            listed = listed(given);
            listing = listed;
        }
        return listed.isUseful()
                && !listed.ids.contains(id)
                && (id < listed.highest || id > listed.highest + (long) NEXT_IDS);
    }

    /** The registry has said that it has no such schema. */
    synchronized void add(int id) {
        unknownSince.put(id, nanoClock.getAsLong());
        if (unknownSince.size() > MOST_KEPT) {
            unknownSince.remove(unknownSince.keySet().iterator().next());
        }
    }

    private void forget(long now) {
        Iterator<Long> oldest = unknownSince.values().iterator();
        while (oldest.hasNext() && now - oldest.next() >= seconds(KEPT_SECONDS)) {
            oldest.remove();
        }
    }

    private Listing listed(Collection<Integer> given) {
        Set<Integer> ids = new HashSet<>();
        int highest = 0;
        boolean complete = false;
        try {
            for (int page = 0; page < MOST_PAGES && !complete; page++) {
                RegistryAnswer answer = http.getOnce("/schemas?deleted=true&offset=" + page * PAGE + "&limit=" + PAGE);
                JsonNode schemas = answer.status() == 200 ? answer.parsed() : null;
                if (schemas == null || !schemas.isArray()) {
                    break;
                }
                for (JsonNode schema : schemas) {
                    int id = schema.path("id").asInt(-1);
                    ids.add(id);
                    highest = Math.max(highest, id);
                }
                complete = schemas.size() != PAGE; // more than a page is everything at once
            }
        } catch (RegistryUnavailableException e) {
            complete = false;
        }
        boolean right = complete && !ids.contains(-1) && ids.containsAll(given);
        return new Listing(right ? ids : Set.of(), highest, nanoClock.getAsLong());
    }

    private static long seconds(int seconds) {
        return Duration.ofSeconds(seconds).toNanos();
    }
}
