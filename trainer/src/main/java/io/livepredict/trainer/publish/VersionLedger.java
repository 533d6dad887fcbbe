package io.livepredict.trainer.publish;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The versions of one model that are in the models topic, with the hash of their bytes, so that a number is never used for
 * other bytes than those it was first used for. Not safe for use from several threads.
 */
public final class VersionLedger {
    private static final int KEPT = 10_000;

    private final TreeMap<Long, String> sha256 = new TreeMap<>();
    private final TreeSet<Long> overwritten = new TreeSet<>();
    private long highest;

    /** Notes that the version exists. */
    public void add(long version, String hash) {
        sha256.put(version, hash);
        used(version);
        while (sha256.size() > KEPT) {
            sha256.pollFirstEntry();
        }
    }

    /**
     * Notes that somebody who may not sign has written the version's manifest. The topic is compacted, so a version of ours may
     * have been there before. The number does not count, so a stranger can't use numbers up; it is passed over, as
     * far as the lowest 10,000 such numbers go.
     */
    public void overwritten(long version) {
        if (version > highest) {
            overwritten.add(version);
        }
        if (overwritten.size() > KEPT) {
            overwritten.pollLast();
        }
    }

    /** Notes that the number was used, by bytes that are gone. */
    public void used(long version) {
        highest = Math.max(highest, version);
        overwritten.headSet(highest, true).clear();
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
        long next = Math.max(last, highest) + 1;
        while (overwritten.contains(next)) {
            next++;
        }
        return next;
    }

    /** The versions known with their hashes. */
    public Map<Long, String> versions() {
        return Map.copyOf(sha256);
    }
}
