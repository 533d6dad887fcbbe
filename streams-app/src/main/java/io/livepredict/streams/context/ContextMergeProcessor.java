package io.livepredict.streams.context;

import io.livepredict.contract.KindDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the parts of buckets that come from all tasks, and publishes a context's recent buckets whenever they change.
 * A context that has been quiet for two hours of event time is forgotten, with a tombstone. One task's thread only.
 */
public final class ContextMergeProcessor implements Processor<String, byte[], String, byte[]> {
    private static final Duration EXPIRY_INTERVAL = Duration.ofSeconds(30);
    private static final int EXPIRY_SLICE = 500;
    private static final long QUIET_BUCKETS = Duration.ofHours(2).toMillis() / ContextBucket.MILLIS;

    /**
     * What every task's processor of one kind is made from.
     *
     * @param store the contexts' recent buckets
     * @param changelogConfig topic settings of its changelog
     */
    public record Wiring(
            KindDefinition definition, KeyValueBytesStoreSupplier store, Map<String, String> changelogConfig) {
        public Wiring {
            changelogConfig = Map.copyOf(changelogConfig);
        }

        /** The supplier to add to a topology, behind the source of parts; it brings the store. */
        public ProcessorSupplier<String, byte[], String, byte[]> supplier() {
            Wiring wiring = this;
            return new ProcessorSupplier<>() {
                @Override
                public Processor<String, byte[], String, byte[]> get() {
                    return new ContextMergeProcessor(wiring);
                }

                @Override
                public Set<StoreBuilder<?>> stores() {
                    return Set.of(Stores.keyValueStoreBuilder(store, Serdes.String(), Serdes.ByteArray())
                            .withCachingDisabled()
                            .withLoggingEnabled(changelogConfig));
                }
            };
        }
    }

    private final Wiring wiring;
    private final int types;
    private final ContextWindows windows;
    private long newest = Long.MIN_VALUE;
    private String expiryCursor = "";

    private @Nullable ProcessorContext<String, byte[]> context;
    private @Nullable KeyValueStore<String, byte[]> store;

    private ContextMergeProcessor(Wiring wiring) {
        this.wiring = wiring;
        types = wiring.definition().eventTypes().size();
        windows = new ContextWindows(wiring.definition());
    }

    @Override
    public void init(ProcessorContext<String, byte[]> processorContext) {
        context = processorContext;
        KeyValueStore<String, byte[]> contexts =
                processorContext.getStateStore(wiring.store().name());
        store = contexts;
        processorContext.schedule(
                EXPIRY_INTERVAL, PunctuationType.WALL_CLOCK_TIME, now -> expire(processorContext, contexts, now));
    }

    @Override
    public void process(Record<String, byte[]> record) {
        ContextBucket part = new ContextBucket(types);
        byte[] sent = record.value();
        long index = sent == null ? Long.MIN_VALUE : ContextTallyProcessor.read(sent, types, part);
        if (index == Long.MIN_VALUE || context == null || store == null) {
            return; // of another layout: that bucket is missing from the windows, no more
        }
        newest = Math.max(newest, index);
        byte[] known = store.get(record.key());
        if (known == null || !windows.read(known)) {
            windows.clear();
        }
        if (windows.add(index, part)) {
            byte[] value = windows.write();
            store.put(record.key(), value);
            context.forward(record.withValue(value));
        }
    }

    private void expire(ProcessorContext<String, byte[]> out, KeyValueStore<String, byte[]> contexts, long now) {
        if (newest == Long.MIN_VALUE) {
            return;
        }
        List<String> quiet = new ArrayList<>();
        String next = "";
        try (KeyValueIterator<String, byte[]> iterator = range(contexts, expiryCursor)) {
            for (int i = 0; iterator.hasNext(); i++) {
                if (i == EXPIRY_SLICE) {
                    next = iterator.peekNextKey();
                    break;
                }
                KeyValue<String, byte[]> entry = iterator.next();
                if (!windows.read(entry.value) || windows.newest() < newest - QUIET_BUCKETS) {
                    quiet.add(entry.key);
                }
            }
        }
        for (String contextId : quiet) {
            contexts.delete(contextId);
            out.forward(tombstone(contextId, now));
        }
        expiryCursor = next;
    }

    @SuppressWarnings("NullAway") // Kafka's jar carries no annotations: null is "to the end", and a tombstone
    private static KeyValueIterator<String, byte[]> range(KeyValueStore<String, byte[]> contexts, String from) {
        return contexts.range(from, null);
    }

    @SuppressWarnings("NullAway")
    private static Record<String, byte[]> tombstone(String contextId, long now) {
        return new Record<>(contextId, null, now);
    }
}
