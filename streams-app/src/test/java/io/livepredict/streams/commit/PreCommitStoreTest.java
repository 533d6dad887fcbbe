package io.livepredict.streams.commit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.internals.StreamTask;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What this project needs of Kafka Streams beyond its public interface; when an upgrade breaks it, these fail. */
class PreCommitStoreTest {
    private final List<String> calls = new ArrayList<>();

    /** Holds every record back until the pre-commit hook; then puts it into a logged store and forwards it. */
    private final class Holding implements Processor<String, String, String, String> {
        private final String name;
        private final List<Record<String, String>> held = new ArrayList<>();
        private final List<PreCommitStore.Position> positions = new ArrayList<>();
        private PreCommitStore.@Nullable Forwarder<String, String> forwarder;

        Holding(String name) {
            this.name = name;
        }

        @Override
        public void init(ProcessorContext<String, String> context) {
            PreCommitStore.Forwarder<String, String> out = new PreCommitStore.Forwarder<>(context);
            forwarder = out;
            KeyValueStore<String, String> logged = context.getStateStore(name + "-logged");
            PreCommitStore commit = context.getStateStore(name + "-commit");
            commit.onPreCommit(() -> {
                calls.add(name + " pre-commit " + held.size());
                out.begin();
                try {
                    for (int i = 0; i < held.size(); i++) {
                        logged.put(held.get(i).key(), held.get(i).value());
                        out.forward(positions.get(i), held.get(i), null);
                    }
                } finally {
                    out.end();
                    held.clear();
                    positions.clear();
                }
            });
        }

        @Override
        public void process(Record<String, String> record) {
            calls.add(name + " takes " + record.value());
            PreCommitStore.Position position = new PreCommitStore.Position();
            if (forwarder != null) {
                forwarder.remember(position);
            }
            held.add(record);
            positions.add(position);
        }
    }

    private ProcessorSupplier<String, String, String, String> holding(String name) {
        return new ProcessorSupplier<>() {
            @Override
            public Processor<String, String, String, String> get() {
                return new Holding(name);
            }

            @Override
            public Set<StoreBuilder<?>> stores() {
                return Set.of(
                        PreCommitStore.builder(name + "-commit"),
                        Stores.keyValueStoreBuilder(
                                        Stores.inMemoryKeyValueStore(name + "-logged"),
                                        Serdes.String(),
                                        Serdes.String())
                                .withLoggingEnabled(java.util.Map.of()));
            }
        };
    }

    private TopologyTestDriver driver() {
        Topology topology = new Topology();
        topology.addSource(
                "source", Serdes.String().deserializer(), Serdes.String().deserializer(), "in");
        topology.addProcessor("first", holding("first"), "source");
        topology.addProcessor("second", holding("second"), "first");
        topology.addProcessor(
                "last",
                () -> new ContextualProcessor<String, String, String, String>() {
                    @Override
                    public void process(Record<String, String> record) {
                        calls.add("last gets " + record.value() + " of offset "
                                + context()
                                        .recordMetadata()
                                        .map(m -> m.offset())
                                        .orElse(-1L));
                        context().forward(record);
                    }
                },
                "second");
        topology.addSink(
                "sink", "out", Serdes.String().serializer(), Serdes.String().serializer(), "last");
        Properties properties = new Properties();
        properties.put("application.id", "commit");
        properties.put("bootstrap.servers", "nowhere:1");
        // In a transaction, what is forwarded after its commit is not seen until the next one.
        properties.put("processing.guarantee", "exactly_once_v2");
        return new TopologyTestDriver(topology, properties, Instant.EPOCH);
    }

    @Test
    void shouldEmptyInFlowOrderBeforeTheCommitSoThatWhatIsForwardedThenIsPartOfIt() {
        try (TopologyTestDriver driver = driver()) {
            var in = driver.createInputTopic(
                    "in", Serdes.String().serializer(), Serdes.String().serializer());
            var out = driver.createOutputTopic(
                    "out", Serdes.String().deserializer(), Serdes.String().deserializer());
            in.pipeInput("a", "1");
            in.pipeInput("a", "2");
            assertThat(calls)
                    .containsSubsequence(
                            "first takes 1",
                            "first pre-commit 1",
                            "second takes 1",
                            "second pre-commit 1",
                            "last gets 1 of offset 0",
                            "first takes 2",
                            "first pre-commit 1",
                            "second takes 2",
                            "second pre-commit 1",
                            "last gets 2 of offset 1");
            assertThat(out.readValuesToList()).containsExactly("1", "2");
            assertThat(driver.getKeyValueStore("first-logged").get("a")).isEqualTo("2");
            assertThat(driver.getKeyValueStore("second-logged").get("a")).isEqualTo("2");
        }
    }

    @Test
    void shouldStillBeWhatKafkaStreamsFlushesBeforeItCommits() throws Exception {
        // Measured on a real broker with 4.3.1 (deploy's commit tests repeat it). If one of these names is gone, read
        // StreamTask.prepareCommit and ProcessorStateManager.flushCache again before anything else.
        assertThat(CachedStateStore.class.getMethod("flushCache")).isNotNull();
        assertThat(StreamTask.class.getDeclaredMethod("prepareCommit", boolean.class))
                .isNotNull();
        assertThat(Class.forName("org.apache.kafka.streams.processor.internals.ProcessorStateManager")
                        .getDeclaredMethod("flushCache"))
                .isNotNull();
        StateStore store = PreCommitStore.builder("x").build();
        assertThat(store).isInstanceOf(CachedStateStore.class);
        assertThat(store.persistent()).isFalse();
    }
}
