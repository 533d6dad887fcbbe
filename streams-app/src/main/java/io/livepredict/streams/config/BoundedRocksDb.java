package io.livepredict.streams.config;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/**
 * Bounds what RocksDB takes and keeps. All stores of this process share one amount of memory outside the heap: without it each
 * store, and there are six for each partition, may take 100 MB, 48 for what is not on disk yet and 50 for what was read. And
 * values that were replaced or deleted do not lie in files for ever: without it a file stays as it is until it is merged for
 * its size, which the oldest ones may wait for as long as the store exists.
 */
public final class BoundedRocksDb implements RocksDBConfigSetter {
    /** The property of Kafka Streams that says how many bytes. */
    static final String BYTES = "livepredict.rocksdb.bytes";

    /** The property of Kafka Streams that says how many seconds old a file may become before it is written anew. */
    static final String OLDEST_SECONDS = "livepredict.rocksdb.oldest-seconds";

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

    /** Tells Kafka Streams to use this, with either bound or both. */
    static void configure(Map<String, Object> properties, @Nullable Long bytes, @Nullable Duration oldest) {
        if (bytes == null && oldest == null) {
            return;
        }
        properties.put("rocksdb.config.setter", BoundedRocksDb.class.getName());
        if (bytes != null) {
            properties.put(BYTES, Long.toString(bytes));
        }
        if (oldest != null) {
            properties.put(OLDEST_SECONDS, Long.toString(Math.max(1, oldest.toSeconds())));
        }
    }

    @Override
    public void setConfig(String store, Options options, Map<String, Object> configs) {
        Object bytes = configs.get(BYTES);
        if (bytes != null) {
            share(SHARED.computeIfAbsent(Long.parseLong(String.valueOf(bytes)), Memory::of), options);
        }
        Object seconds = configs.get(OLDEST_SECONDS);
        if (seconds != null) {
            options.setPeriodicCompactionSeconds(Long.parseLong(String.valueOf(seconds)));
            // The list of files names the first and last key of each, of former ones too until it is begun anew.
            options.setMaxManifestFileSize(1);
        }
    }

    private static void share(Memory memory, Options options) {
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
