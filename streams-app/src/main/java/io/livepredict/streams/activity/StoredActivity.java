package io.livepredict.streams.activity;

import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.state.EntityKey;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Reads entities as they lie in an activity store, from outside of the task that has it, and changes nothing. One thread at a
 * time.
 */
public final class StoredActivity {
    private final ActivityLayout layout;
    private final EntityActivity activity;

    /** Reads entities of that kind. */
    public StoredActivity(KindDefinition definition) {
        layout = new ActivityLayout(definition);
        activity = new EntityActivity(layout);
    }

    /** What is known of an entity, as this build would read it; null for nothing. Overwritten by the next call. */
    public @Nullable EntityActivity read(ReadOnlyKeyValueStore<Bytes, byte[]> store, String entityId) {
        byte[] stored = store.get(EntityKey.of(entityId));
        if (stored == null) {
            return null;
        }
        return activity.read(stored) || convert(store, stored) ? activity : null;
    }

    /** Reads a value of a former definition, which lies in the same store. */
    private boolean convert(ReadOnlyKeyValueStore<Bytes, byte[]> store, byte[] stored) {
        byte[] definition = store.get(KnownEntities.definitionKey(EntityActivity.layoutHash(stored)));
        KindDefinition former = definition == null ? null : StoredDefinition.read(definition);
        if (former == null) {
            return false;
        }
        ActivityLayout formerLayout = new ActivityLayout(former);
        EntityActivity of = new EntityActivity(formerLayout);
        if (!of.read(stored)) {
            return false;
        }
        activity.copy(of, new LayoutMapping(formerLayout, layout));
        return true;
    }
}
