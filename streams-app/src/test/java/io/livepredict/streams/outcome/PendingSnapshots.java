package io.livepredict.streams.outcome;

import io.livepredict.streams.outcome.PendingSnapshot.ServedTarget;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** What is still waiting in a pending store: at the end of a log, the labels that are censored. */
final class PendingSnapshots {
    private PendingSnapshots() {}

    /** How many labels of each target, by name, have not been emitted yet. Reads the whole store. */
    static Map<String, Long> labels(ReadOnlyKeyValueStore<Bytes, byte[]> pendingStore) {
        Map<String, Long> labels = new TreeMap<>();
        try (KeyValueIterator<Bytes, byte[]> all = pendingStore.all()) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> entry = all.next();
                PendingSnapshot snapshot = PendingSnapshot.read(entry.value);
                if (snapshot != null) {
                    for (ServedTarget target : snapshot.served().targets()) {
                        labels.merge(target.name(), 1L, Long::sum);
                    }
                }
            }
        }
        return labels;
    }
}
