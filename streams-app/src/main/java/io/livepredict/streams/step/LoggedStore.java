package io.livepredict.streams.step;

import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * A store of the flow: every change goes to its changelog at once, and Kafka Streams keeps no cache in front of it, because
 * a cached store that comes before the batch buffer loses changelog records in a crash (RATIONALE.md).
 *
 * @param builder what a topology makes it from
 */
public record LoggedStore<K>(StoreBuilder<KeyValueStore<K, byte[]>> builder) {
    /** Values are small and rewritten all the time, so the brokers should compact early. */
    private static final Map<String, String> CHANGELOG = Map.of(
            TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
            "0.3",
            TopicConfig.SEGMENT_BYTES_CONFIG,
            Integer.toString(64 << 20));

    /** @param supplier what holds the bytes; its name is the store's name */
    static <K> LoggedStore<K> of(KeyValueBytesStoreSupplier supplier, Serde<K> key) {
        return new LoggedStore<>(Stores.keyValueStoreBuilder(supplier, key, Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingEnabled(CHANGELOG));
    }

    /** The store of a task whose topology has it. */
    public KeyValueStore<K, byte[]> of(ProcessorContext<?, ?> task) {
        return task.getStateStore(builder.name());
    }
}
