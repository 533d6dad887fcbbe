package io.livepredict.streams.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.CompactionStyle;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

class BoundedRocksDbTest {
    private static final long MIB = 1 << 20;
    private static final long BOUND = 16 * MIB;
    private static final int STORES = 4;
    private static final int VALUES = 12_000;

    @TempDir
    Path directory;

    @Test
    void shouldBoundWhatAllStoresTakeTogether() throws Exception {
        List<RocksDB> stores = new ArrayList<>();
        List<Options> all = new ArrayList<>();
        try {
            for (int store = 0; store < STORES; store++) {
                Options options =
                        new Options().setCreateIfMissing(true).setTableFormatConfig(new BlockBasedTableConfig());
                new BoundedRocksDb().setConfig("store-" + store, options, Map.of(BoundedRocksDb.BYTES, BOUND));
                all.add(options);
                stores.add(RocksDB.open(
                        options, directory.resolve("store-" + store).toString()));
            }
            byte[] value = new byte[1024];
            Random random = new Random(3);
            for (int i = 0; i < VALUES; i++) {
                random.nextBytes(value);
                for (RocksDB store : stores) {
                    store.put(("key-" + i).getBytes(StandardCharsets.UTF_8), value);
                }
            }
            for (int i = 0; i < VALUES; i++) {
                for (RocksDB store : stores) {
                    assertThat(store.get(("key-" + i).getBytes(StandardCharsets.UTF_8)))
                            .hasSize(value.length);
                }
            }

            // 12 MB went into each of four stores, which each had 48 to itself. What is above the bound is written out
            // by threads
            // of RocksDB's own, so it may be above for a moment.
            await().untilAsserted(() -> {
                assertThat(writes(stores)).isLessThanOrEqualTo(BOUND);
                assertThat(stores.getFirst().getLongProperty("rocksdb.block-cache-usage"))
                        .isBetween(MIB, 5 * BOUND / 4);
            });
            assertThat(stores.getFirst().getLongProperty("rocksdb.block-cache-capacity"))
                    .isEqualTo(BOUND);
        } finally {
            stores.forEach(RocksDB::close);
            all.forEach(Options::close);
        }
    }

    @Test
    void shouldKeepNothingThatWasDeletedInAnyFileOnceAStoreIsOpenedAgainOrWritesItsNextOne() throws Exception {
        for (boolean reopened : new boolean[] {true, false}) {
            Path store = directory.resolve("deleted-" + reopened);
            try (Options options =
                            new Options().setCreateIfMissing(true).setCompactionStyle(CompactionStyle.UNIVERSAL);
                    WriteOptions write = new WriteOptions().setDisableWAL(true);
                    FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
                new BoundedRocksDb().setConfig("store", options, Map.of(BoundedRocksDb.OLDEST_SECONDS, 1));
                try (RocksDB db = RocksDB.open(options, store.toString())) {
                    db.put(write, bytes("forget-me"), bytes("secret"));
                    db.put(write, bytes("keep-me"), bytes("all"));
                    db.flush(flush);
                    db.delete(write, bytes("forget-me"));
                    assertThat(found(store)).containsExactly("forget-me", "keep-me");
                    if (!reopened) {
                        await().untilAsserted(() -> {
                            db.put(write, bytes("other"), bytes("news"));
                            db.flush(flush);
                            assertThat(found(store)).containsExactly("keep-me");
                        });
                    }
                }
                await().atMost(Duration.ofMinutes(1))
                        .ignoreException(ConditionTimeoutException.class)
                        .untilAsserted(() -> {
                            try (RocksDB db = RocksDB.open(options, store.toString())) {
                                assertThat(db.get(bytes("keep-me"))).isEqualTo(bytes("all"));
                                await().atMost(Duration.ofSeconds(2))
                                        .untilAsserted(
                                                () -> assertThat(found(store)).containsExactly("keep-me"));
                            }
                        });
            }
        }
    }

    /** Which of the keys are in any of a store's files. */
    private static List<String> found(Path store) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(store)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try {
                    all.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
                } catch (NoSuchFileException e) {
                    // deleted meanwhile
                }
            }
        }
        return Stream.of("forget-me", "keep-me")
                .filter(key -> all.indexOf(key) >= 0)
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static long writes(List<RocksDB> stores) throws RocksDBException {
        long bytes = 0;
        for (RocksDB store : stores) {
            bytes += store.getLongProperty("rocksdb.cur-size-all-mem-tables");
        }
        return bytes;
    }
}
