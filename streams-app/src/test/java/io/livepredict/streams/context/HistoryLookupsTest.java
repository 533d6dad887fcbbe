package io.livepredict.streams.context;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topics;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.streams.activity.ActivityProcessor.ContextAccess;
import io.livepredict.streams.activity.ContextFeatures;
import io.livepredict.streams.context.HistoryLookups.Count;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.StateStores;
import java.time.Duration;
import java.util.Objects;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class HistoryLookupsTest {
    private static final KindDefinition DEFINITION = KindDefinition.defaults(Kind.VIEWER);
    private static final long NEWEST = 100_000 * ContextBucket.MILLIS;
    private static final Duration SLACK = Duration.ofMinutes(10);

    private final MockProcessorContext<Object, Object> task = new MockProcessorContext<>();

    private static ContextAccess access(long liveFromMillis) {
        KindSetup setup = new KindSetup(
                DEFINITION, new StateStores(Stores::inMemoryKeyValueStore, new RecentValues.Budget(1_000)), () -> 0);
        Topics topics = new Topics(new Namespace("lookups"), 1, new AvroSerdes(new InProcessRegistry()));
        return new ContextFlow(setup, topics, 1, SLACK, liveFromMillis, () -> {}).access();
    }

    private <T extends StateStore> T store(StoreBuilder<T> builder) {
        T store = builder.withLoggingDisabled().build();
        store.init(task.getStateStoreContext(), store);
        task.addStateStore(store);
        return store;
    }

    @Test
    void shouldCountWhatIsMissingForHistoryAndGoOnAfterARestart() {
        ContextWindows windows = new ContextWindows(DEFINITION, SLACK);
        ContextBucket bucket = new ContextBucket(DEFINITION.eventTypes().size());
        bucket.add(0, 1);
        windows.add(NEWEST / ContextBucket.MILLIS, bucket);
        KeyValueStore<String, byte[]> recent = store(Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore("viewer-context-recent"), Serdes.String(), Serdes.ByteArray()));
        recent.put("room", windows.write());
        ContextAccess access = access(NEWEST);
        assertThat(access.stores()).hasSize(1);
        KeyValueStore<Bytes, byte[]> counted = counted(access);
        look(access, NEWEST - SLACK.toMillis() / 2);
        look(access, NEWEST - 2 * SLACK.toMillis());
        look(access, NEWEST + 60_000); // live
        assertThat(count(counted)).isEqualTo(new Count(2, 1));
        look(access, NEWEST - 3 * SLACK.toMillis());
        assertThat(count(counted)).isEqualTo(new Count(3, 2));
    }

    @Test
    void shouldStoreNothingWhereThereIsNoHistory() {
        assertThat(access(Long.MIN_VALUE).stores()).isEmpty();
    }

    @Test
    void shouldTakeWhatAnotherBuildHasStoredForNothing() {
        assertThat(Count.read(new byte[] {7, 7})).isEqualTo(Count.NONE);
    }

    @SuppressWarnings("unchecked")
    private KeyValueStore<Bytes, byte[]> counted(ContextAccess access) {
        return store(
                (StoreBuilder<KeyValueStore<Bytes, byte[]>>) access.stores().getFirst());
    }

    /** Each by a reader of its own, as after a restart. */
    private void look(ContextAccess access, long asOfMillis) {
        ContextFeatures reader = access.reader().apply(task);
        reader.fill("room", asOfMillis, new float[access.features().size()], 0);
    }

    private static Count count(KeyValueStore<Bytes, byte[]> store) {
        return Count.read(Objects.requireNonNull(store.get(Bytes.wrap(new byte[] {0}))));
    }
}
