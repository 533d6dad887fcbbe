package io.livepredict.contract;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serde;

/**
 * A topic as a typed value.
 *
 * @param name its full name, namespace included
 * @param key key serde
 * @param value value serde
 * @param partitions how many partitions it is created with
 * @param compacted whether old values of a key are compacted away (kept for ever), or records deleted by time
 * @param retentionMillis for a topic that is not compacted
 * @param maxMessageBytes the largest record batch it takes
 * @param times further configuration that says for how long records are kept, by Kafka's names
 */
public record Topic<K, V>(
        String name,
        Serde<K> key,
        Serde<V> value,
        int partitions,
        boolean compacted,
        long retentionMillis,
        int maxMessageBytes,
        Map<String, String> times) {
    /** How long records are kept is an operator's right: these may be otherwise than wanted. */
    public static final Set<String> TIMES = Set.of("retention.ms", "segment.ms", "max.compaction.lag.ms");

    public Topic {
        times = Map.copyOf(times);
    }

    /** A topic whose records are deleted after so many milliseconds. */
    public static <K, V> Topic<K, V> kept(
            String name, Serde<K> key, Serde<V> value, int partitions, long retentionMillis, int maxMessageBytes) {
        return new Topic<>(name, key, value, partitions, false, retentionMillis, maxMessageBytes, Map.of());
    }

    /** A topic that keeps the last value of each key. */
    public static <K, V> Topic<K, V> compacted(
            String name, Serde<K> key, Serde<V> value, int partitions, int maxMessageBytes) {
        return new Topic<>(name, key, value, partitions, true, -1, maxMessageBytes, Map.of());
    }

    /** The same topic, read or written by other serdes. */
    public <L, W> Topic<L, W> with(Serde<L> otherKey, Serde<W> otherValue) {
        return new Topic<>(name, otherKey, otherValue, partitions, compacted, retentionMillis, maxMessageBytes, times);
    }

    /** The same topic, whose records are deleted after so many milliseconds. */
    public Topic<K, V> keptFor(long millis) {
        return new Topic<>(name, key, value, partitions, compacted, millis, maxMessageBytes, times);
    }

    /** The same topic with such {@link #times}. */
    public Topic<K, V> timed(Map<String, String> others) {
        return new Topic<>(name, key, value, partitions, compacted, retentionMillis, maxMessageBytes, others);
    }

    /** The topic configuration it is created with. */
    public Map<String, String> configuration() {
        Map<String, String> configuration = new LinkedHashMap<>();
        configuration.put("cleanup.policy", compacted ? "compact" : "delete");
        if (!compacted) {
            configuration.put("retention.ms", Long.toString(retentionMillis));
        }
        configuration.put("max.message.bytes", Integer.toString(maxMessageBytes));
        configuration.putAll(new TreeMap<>(times));
        return configuration;
    }
}
