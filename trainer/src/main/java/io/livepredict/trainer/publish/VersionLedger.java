package io.livepredict.trainer.publish;

import java.util.Map;
import java.util.TreeMap;

/**
 * The versions of one model that are in the models topic, with the hash of their bytes, so that a number is never used for
 * other bytes than those it was first used for. Not safe for use from several threads.
 */
public final class VersionLedger {
    private final TreeMap<Long, String> sha256 = new TreeMap<>();
    private long highest;

    /** Notes that the version exists. */
    public void add(long version, String hash) {
        sha256.put(version, hash);
        highest = Math.max(highest, version);
        while (sha256.size() > 10_000) {
            sha256.pollFirstEntry();
        }
    }

    /** Notes that the number was used, by bytes that are gone. */
    public void used(long version) {
        highest = Math.max(highest, version);
    }

    /** The highest number used; 0 for none. */
    public long highest() {
        return highest;
    }

    /** Whether exactly these bytes are there under that number. */
    public boolean holds(long version, String hash) {
        return hash.equals(sha256.get(version));
    }

    /**
     * The number for bytes that come after {@code last}: the first after it that already holds these very bytes (a restarted
     * trainer derived them again), wherever others took numbers in between; otherwise one that nobody has used.
     */
    public long next(long last, String hash) {
        for (Map.Entry<Long, String> later : sha256.tailMap(last, false).entrySet()) {
            if (later.getValue().equals(hash)) {
                return later.getKey();
            }
        }
        return Math.max(last, highest) + 1;
    }

    /** The versions known with their hashes. */
    public Map<Long, String> versions() {
        return Map.copyOf(sha256);
    }
}
