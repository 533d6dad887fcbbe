package io.livepredict.streams.config;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/**
 * Lets all RocksDB stores of this process share one amount of memory outside the heap. Without it each store, and there are
 * six for each partition, may take 100 MB: 48 for what is not on disk yet and 50 for what was read.
 */
public final class BoundedRocksDb implements RocksDBConfigSetter {
    /** The property of Kafka Streams that says how many bytes. */
    static final String BYTES = "livepredict.rocksdb.bytes";

    static final long FEWEST_BYTES = 16 << 20;

    /** RocksDB moves what is not on disk yet out when it is more than half of all. */
    private static final double FOR_WRITES = 0.5;

    /** For as long as the process lives: stores come and go with their tasks. */
    private static final Map<Long, Memory> SHARED = new ConcurrentHashMap<>();

    private record Memory(Cache cache, WriteBufferManager writes) {
        static Memory of(long bytes) {
            Cache cache = new LRUCache(bytes);
            return new Memory(cache, new WriteBufferManager((long) (bytes * FOR_WRITES), cache));
        }
    }

    @Override
    public void setConfig(String store, Options options, Map<String, Object> configs) {
        Memory memory = SHARED.computeIfAbsent(Long.parseLong(String.valueOf(configs.get(BYTES))), Memory::of);
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(memory.cache());
        // Otherwise indexes and filters take memory beside the cache, as much as there are files.
        table.setCacheIndexAndFilterBlocks(true);
        options.setTableFormatConfig(table);
        options.setWriteBufferManager(memory.writes());
    }

    @Override
    public void close(String store, Options options) {
        // What it set belongs to all stores.
    }
}
