package io.livepredict.contract;

import java.util.LinkedHashMap;
import java.util.Map;
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
 */
public record Topic<K, V>(
        String name,
        Serde<K> key,
        Serde<V> value,
        int partitions,
        boolean compacted,
        long retentionMillis,
        int maxMessageBytes) {

    /** A topic whose records are deleted after so many milliseconds. */
    public static <K, V> Topic<K, V> kept(
            String name, Serde<K> key, Serde<V> value, int partitions, long retentionMillis, int maxMessageBytes) {
        return new Topic<>(name, key, value, partitions, false, retentionMillis, maxMessageBytes);
    }

    /** A topic that keeps the last value of each key. */
    public static <K, V> Topic<K, V> compacted(
            String name, Serde<K> key, Serde<V> value, int partitions, int maxMessageBytes) {
        return new Topic<>(name, key, value, partitions, true, -1, maxMessageBytes);
    }

    /** The same topic, read or written by other serdes. */
    public <L, W> Topic<L, W> with(Serde<L> otherKey, Serde<W> otherValue) {
        return new Topic<>(name, otherKey, otherValue, partitions, compacted, retentionMillis, maxMessageBytes);
    }

    /** The topic configuration it is created with. */
    public Map<String, String> configuration() {
        Map<String, String> configuration = new LinkedHashMap<>();
        configuration.put("cleanup.policy", compacted ? "compact" : "delete");
        if (!compacted) {
            configuration.put("retention.ms", Long.toString(retentionMillis));
        }
        configuration.put("max.message.bytes", Integer.toString(maxMessageBytes));
        return configuration;
    }
}
