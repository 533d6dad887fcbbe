package io.livepredict.streams.activity;

import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.state.StoreWalk;
import io.livepredict.streams.time.PartitionTime;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The entities of a task as they lie in its activity store: those written under a former definition are converted when they
 * are read, and those that are too old for any event to come are forgotten. One task's thread only.
 */
final class KnownEntities implements AutoCloseable {
    /** The key of what a task keeps beside its entities and their definitions. */
    static final Bytes TIMES_KEY = Bytes.wrap(new byte[] {0});

    /** Two zero bytes followed by a layout's hash form the key of the definition with that layout. */
    private static final byte DEFINITION_PREFIX = 0;

    /** Entities' keys begin with 1. */
    private static final Bytes FIRST_ENTITY_KEY = Bytes.wrap(new byte[] {1});

    /** What reads values that were written under a former definition. */
    private record Former(EntityActivity activity, LayoutMapping mapping) {}

    private final KeyValueStore<Bytes, byte[]> store;
    private final RecentValues recent;
    private final StoreWalk<Bytes> walk;
    private final KindDefinition definition;
    private final long retentionMillis;
    private final ActivityCounters counters;
    /** By layout hash. */
    private final Map<Integer, Former> formers = new HashMap<>();

    private boolean definitionStored;

    /** @param retention an entity that has been silent for longer is unknown */
    KnownEntities(
            KeyValueStore<Bytes, byte[]> store,
            RecentValues.Budget budget,
            KindDefinition definition,
            Duration retention,
            ActivityCounters counters) {
        this.store = store;
        this.definition = definition;
        this.counters = counters;
        retentionMillis = retention.toMillis();
        recent = new RecentValues(store, budget);
        walk = StoreWalk.ofEntities(store);
        readFormerDefinitions();
    }

    private void readFormerDefinitions() {
        ActivityLayout own = new ActivityLayout(definition);
        Bytes ownKey = definitionKey(own.hash);
        try (KeyValueIterator<Bytes, byte[]> definitions = store.range(TIMES_KEY, FIRST_ENTITY_KEY)) {
            while (definitions.hasNext()) {
                KeyValue<Bytes, byte[]> entry = definitions.next();
                KindDefinition former = entry.key.get().length == 1 || entry.key.equals(ownKey)
                        ? null
                        : StoredDefinition.read(entry.value);
                if (former != null) {
                    ActivityLayout layout = new ActivityLayout(former);
                    formers.put(layout.hash, new Former(new EntityActivity(layout), new LayoutMapping(layout, own)));
                }
            }
        }
        definitionStored = store.get(ownKey) != null;
    }

    /**
     * Makes the activity that of the entity, or clears it where nothing is known of that entity.
     *
     * @param entity its {@link io.livepredict.streams.state.EntityKey}
     */
    void load(Bytes entity, EntityActivity activity) {
        byte[] stored = recent.get(entity);
        if (stored == null) {
            activity.clear();
        } else if (!activity.read(stored) && !convert(stored, activity)) {
            counters.unreadable();
        }
    }

    /** Reads a value of a former definition. */
    private boolean convert(byte[] stored, EntityActivity activity) {
        Former former = formers.get(EntityActivity.layoutHash(stored));
        if (former == null || !former.activity.read(stored)) {
            return false;
        }
        activity.copy(former.activity, former.mapping);
        counters.converted();
        return true;
    }

    /** Whether an entity of that activity counts as unknown when an event of that time comes. */
    boolean isForgotten(EntityActivity activity, long eventTimeMillis) {
        return activity.latestMillis() != PartitionTime.NONE
                && activity.latestMillis() < eventTimeMillis - retentionMillis;
    }

    /** Stores the activity as that of the entity. */
    void save(Bytes entity, EntityActivity activity) {
        recent.put(entity, activity.write());
    }

    /**
     * Forgets the entity.
     *
     * @return whether anything was known of it
     */
    boolean forget(Bytes entity) {
        if (recent.get(entity) == null) {
            return false;
        }
        recent.delete(entity);
        return true;
    }

    /** Looks at the next few entities and forgets those that are too old for any event at or after that time. */
    void expire(long labelTimeMillis) {
        List<Bytes> expired =
                walk.next(value -> EntityActivity.latestMillis(value) < labelTimeMillis - retentionMillis);
        for (Bytes entity : expired) {
            recent.delete(entity);
            counters.expired();
        }
    }

    /** Stores the definition that entities are written under, once. Call before a commit. */
    void storeDefinition() {
        if (!definitionStored) {
            store.put(definitionKey(new ActivityLayout(definition).hash), StoredDefinition.write(definition));
            definitionStored = true;
        }
    }

    static Bytes definitionKey(int hash) {
        return Bytes.wrap(ByteBuffer.allocate(6)
                .put(DEFINITION_PREFIX)
                .put(DEFINITION_PREFIX)
                .putInt(hash)
                .array());
    }

    @Override
    public void close() {
        recent.close();
    }
}
