package io.livepredict.streams.step;

import io.livepredict.streams.state.RecentValues;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;

/**
 * Where the flow keeps its state.
 *
 * @param suppliers makes the store of a name: RocksDB, in memory, or what a backtest restores
 * @param recent how much of what is known of entities is kept on the heap as well
 */
public record StateStores(Function<String, KeyValueBytesStoreSupplier> suppliers, RecentValues.Budget recent) {
    /** The store of that name. */
    public LoggedStore<Bytes> store(String name) {
        return LoggedStore.of(suppliers.apply(name), Serdes.Bytes());
    }

    /** The store of that name for a single small value: in memory however the others are, for it is restored in no time. */
    public LoggedStore<Bytes> ofOneValue(String name) {
        return LoggedStore.of(Stores.inMemoryKeyValueStore(name), Serdes.Bytes());
    }

    /** The store of that name, its keys being texts. */
    public LoggedStore<String> storeByText(String name) {
        return LoggedStore.of(suppliers.apply(name), Serdes.String());
    }
}
