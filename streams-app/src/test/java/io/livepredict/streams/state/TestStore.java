package io.livepredict.streams.state;

import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** A key-value store as a processor gets it, by itself. */
public final class TestStore implements AutoCloseable {
    public final KeyValueStore<Bytes, byte[]> store;
    private final TopologyTestDriver driver;

    public TestStore() {
        Topology topology = new Topology();
        topology.addSource("source", new ByteArrayDeserializer(), new ByteArrayDeserializer(), "in");
        topology.addProcessor(
                "processor",
                new ProcessorSupplier<byte[], byte[], Void, Void>() {
                    @Override
                    public Processor<byte[], byte[], Void, Void> get() {
                        return new Processor<>() {
                            @Override
                            public void process(Record<byte[], byte[]> record) {}
                        };
                    }

                    @Override
                    public Set<StoreBuilder<?>> stores() {
                        return Set.of(Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore("store"), Serdes.Bytes(), Serdes.ByteArray()));
                    }
                },
                "source");
        Properties properties = new Properties();
        properties.put("application.id", "test-store");
        properties.put("bootstrap.servers", "nowhere:1");
        driver = new TopologyTestDriver(topology, properties);
        store = driver.getKeyValueStore("store");
    }

    @Override
    public void close() {
        driver.close();
    }
}
