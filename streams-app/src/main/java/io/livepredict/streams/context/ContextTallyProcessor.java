package io.livepredict.streams.context;

import io.livepredict.contract.Hashes;
import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.activity.ActivityOutput;
import io.livepredict.streams.activity.ActivityOutput.FeatureRow;
import io.livepredict.streams.commit.PreCommitStore;
import io.livepredict.streams.ingest.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
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
 * Counts this task's events per context in buckets of ten seconds, and sends a bucket on once the watermark has passed
 * its end: one small record per context and bucket instead of one per event. Open buckets are in memory, and those that
 * changed are written to the store before each commit. One task's thread only.
 */
public final class ContextTallyProcessor implements Processor<String, ActivityOutput, String, byte[]> {
    private static final int LAYOUT = 2;

    /**
     * What every task's processor of one kind is made from.
     *
     * @param store where open buckets are kept over a commit
     * @param changelogConfig topic settings of its changelog
     * @param preCommitStore name of the pre-commit store
     * @param unreadable called when a stored bucket was dropped because another build or definition had written it
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

        /** The supplier to add to a topology, behind activity; it brings the stores. */
        public ProcessorSupplier<String, ActivityOutput, String, byte[]> supplier() {
            Wiring wiring = this;
            return new ProcessorSupplier<>() {
                @Override
                public Processor<String, ActivityOutput, String, byte[]> get() {
                    return new ContextTallyProcessor(wiring);
                }

                @Override
                public Set<StoreBuilder<?>> stores() {
                    return new LinkedHashSet<>(List.of(
                            Stores.keyValueStoreBuilder(store, Serdes.Bytes(), Serdes.ByteArray())
                                    .withCachingDisabled()
                                    .withLoggingEnabled(changelogConfig),
                            PreCommitStore.builder(preCommitStore)));
                }
            };
        }
    }

    /** A context's part of a bucket. */
    private record Place(long index, String contextId) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int byIndex = Long.compare(index, other.index);
            return byIndex != 0 ? byIndex : contextId.compareTo(other.contextId);
        }

        Bytes key() {
            byte[] context = contextId.getBytes(StandardCharsets.UTF_8);
            return Bytes.wrap(ByteBuffer.allocate(8 + context.length)
                    .putLong(index)
                    .put(context)
                    .array());
        }

        static Place of(Bytes key) {
            ByteBuffer buffer = ByteBuffer.wrap(key.get());
            long index = buffer.getLong();
            byte[] context = new byte[buffer.remaining()];
            buffer.get(context);
            return new Place(index, new String(context, StandardCharsets.UTF_8));
        }
    }

    private final Wiring wiring;
    private final PartFormat format;
    private final TreeMap<Place, ContextBucket> open = new TreeMap<>();
    private final Set<Place> changed = new HashSet<>();
    private final Set<Place> stored = new HashSet<>();

    private @Nullable ProcessorContext<String, byte[]> context;
    private @Nullable KeyValueStore<Bytes, byte[]> store;

    private ContextTallyProcessor(Wiring wiring) {
        this.wiring = wiring;
        format = new PartFormat(wiring.definition());
    }

    @Override
    public void init(ProcessorContext<String, byte[]> processorContext) {
        context = processorContext;
        KeyValueStore<Bytes, byte[]> buckets =
                processorContext.getStateStore(wiring.store().name());
        store = buckets;
        try (KeyValueIterator<Bytes, byte[]> all = buckets.all()) {
            all.forEachRemaining(entry -> {
                Place place = Place.of(entry.key);
                stored.add(place);
                PartFormat.Part part = format.read(entry.value);
                if (part != null) {
                    open.put(place, part.bucket());
                } else {
                    changed.add(place); // goes with the next commit
                    wiring.unreadable().run();
                }
            });
        }
        PreCommitStore preCommit = processorContext.getStateStore(wiring.preCommitStore());
        preCommit.onPreCommit(() -> storeChanged(buckets));
    }

    @Override
    public void process(Record<String, ActivityOutput> record) {
        if (record.value() instanceof FeatureRow row && !row.event().contextId().isEmpty()) {
            Event event = row.event();
            Place place = new Place(ContextBucket.index(event.timeMillis()), event.contextId());
            open.computeIfAbsent(place, p -> format.newBucket()).add(event.type(), Hashes.id64(event.entityId()));
            changed.add(place);
        }
        long watermark = record.value().watermarkMillis();
        while (!open.isEmpty() && (open.firstKey().index + 1) * ContextBucket.MILLIS <= watermark) {
            Map.Entry<Place, ContextBucket> closed = open.pollFirstEntry();
            changed.remove(closed.getKey());
            if (stored.remove(closed.getKey())) {
                opened(store).delete(closed.getKey().key());
            }
            byte[] value = format.write(closed.getKey().index, closed.getValue());
            opened(context).forward(new Record<>(closed.getKey().contextId, value, record.timestamp()));
        }
    }

    private void storeChanged(KeyValueStore<Bytes, byte[]> buckets) {
        for (Place place : changed) {
            ContextBucket bucket = open.get(place);
            if (bucket != null) {
                buckets.put(place.key(), format.write(place.index, bucket));
                stored.add(place);
            } else if (stored.remove(place)) {
                buckets.delete(place.key());
            }
        }
        changed.clear();
    }

    private static <T> T opened(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("process was called before init");
        }
        return value;
    }
}
