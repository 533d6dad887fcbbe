package io.livepredict.streams.context;

import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.commit.PreCommitStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
 * Adds up the parts of buckets that come from all tasks, and publishes a context's recent buckets before each commit since
 * the last of which they have changed, so that what several tasks say of one bucket at about the same time goes out once. A
 * context that has been quiet for two hours of event time is forgotten, with a tombstone. One task's thread only.
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
     * @param preCommitStore name of the pre-commit store
     * @param unreadable called when a part or a stored value was dropped because another build or definition had written it
     */
    public record Wiring(
            KindDefinition definition,
            KeyValueBytesStoreSupplier store,
            Map<String, String> changelogConfig,
            String preCommitStore,
            Runnable unreadable) {
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
                    return Set.of(
                            Stores.keyValueStoreBuilder(store, Serdes.String(), Serdes.ByteArray())
                                    .withCachingDisabled()
                                    .withLoggingEnabled(changelogConfig),
                            PreCommitStore.builder(preCommitStore));
                }
            };
        }
    }

    private final Wiring wiring;
    private final PartFormat format;
    private final ContextWindows windows;
    /** By context: what was not published yet. */
    private final Map<String, byte[]> changed = new LinkedHashMap<>();

    private final PreCommitStore.Position position = new PreCommitStore.Position();
    private long newest = Long.MIN_VALUE;
    private String expiryCursor = "";

    private PreCommitStore.@Nullable Forwarder<String, byte[]> forwarder;
    private @Nullable KeyValueStore<String, byte[]> store;

    private ContextMergeProcessor(Wiring wiring) {
        this.wiring = wiring;
        format = new PartFormat(wiring.definition());
        windows = new ContextWindows(wiring.definition());
    }

    @Override
    public void init(ProcessorContext<String, byte[]> processorContext) {
        PreCommitStore.Forwarder<String, byte[]> out = new PreCommitStore.Forwarder<>(processorContext);
        forwarder = out;
        KeyValueStore<String, byte[]> contexts =
                processorContext.getStateStore(wiring.store().name());
        store = contexts;
        PreCommitStore preCommit = processorContext.getStateStore(wiring.preCommitStore());
        preCommit.onPreCommit(() -> publish(out, processorContext.currentSystemTimeMs()));
        preCommit.onDiscard(changed::clear);
        processorContext.schedule(
                EXPIRY_INTERVAL, PunctuationType.WALL_CLOCK_TIME, now -> expire(processorContext, contexts, now));
    }

    @Override
    public void process(Record<String, byte[]> record) {
        if (forwarder == null || store == null) {
            throw new IllegalStateException("process was called before init");
        }
        PartFormat.Part part = record.value() == null ? null : format.read(record.value());
        if (part == null) {
            wiring.unreadable().run(); // that task's part of the bucket is missing from the windows, no more
            return;
        }
        newest = Math.max(newest, part.index());
        byte[] known = store.get(record.key());
        if (known == null) {
            windows.clear();
        } else if (!windows.read(known)) {
            wiring.unreadable().run();
        }
        if (windows.add(part.index(), part.bucket())) {
            byte[] value = windows.write();
            store.put(record.key(), value);
            changed.put(record.key(), value);
            forwarder.remember(position);
        }
    }

    private void publish(PreCommitStore.Forwarder<String, byte[]> out, long now) {
        if (changed.isEmpty()) {
            return;
        }
        out.begin();
        try {
            changed.forEach((contextId, value) -> out.forward(position, new Record<>(contextId, value, now), null));
        } finally {
            out.end();
        }
        changed.clear();
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
                boolean readable = windows.read(entry.value);
                if (!readable) {
                    wiring.unreadable().run();
                }
                if (!readable || windows.newest() < newest - QUIET_BUCKETS) {
                    quiet.add(entry.key);
                }
            }
        }
        for (String contextId : quiet) {
            contexts.delete(contextId);
            changed.remove(contextId);
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
