package io.livepredict.streams.choice;

import io.livepredict.avro.ChoiceExample;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.NodeNames;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The nodes that log one kind's choices.
 *
 * <pre>
 * activity ─► choice ─► choice-examples
 *               ▲ └─► room-parts (by room) ─► merge ─► rooms (compacted)
 *               └──────────── board ◄─ global table ◄────┘
 * </pre>
 *
 * @param retention an entity that is silent for longer is forgotten
 */
public record ChoiceFlow(
        KindSetup setup, Topics topics, ChoiceSettings settings, Duration retention, ChoiceCounters counters) {
    /** Adds the nodes, behind activity. */
    public void addTo(Topology topology) {
        NodeNames names = setup.names();
        Topic<String, ChoiceExample> examples = topics.choiceExamples(setup.kind());
        Topic<String, byte[]> parts = topics.roomParts(setup.kind());
        Topic<String, byte[]> rooms = topics.rooms(setup.kind());
        RoomBoard board = new RoomBoard();
        topology.addProcessor(
                names.choice(),
                new ChoiceProcessor.Wiring(setup, settings, board, retention, counters).supplier(),
                names.activity());
        topology.addSink(
                names.choiceExamples(),
                examples.name(),
                examples.key().serializer(),
                examples.value().serializer(),
                names.choice());
        topology.addSink(
                names.roomPartsOut(),
                parts.name(),
                parts.key().serializer(),
                parts.value().serializer(),
                names.choice());
        topology.addSource(
                names.roomPartsIn(), parts.key().deserializer(), parts.value().deserializer(), parts.name());
        topology.addProcessor(
                names.roomMerge(),
                new RoomMergeProcessor.Wiring(setup, settings, counters::unreadable).supplier(),
                names.roomPartsIn());
        topology.addSink(
                names.roomsOut(),
                rooms.name(),
                rooms.key().serializer(),
                rooms.value().serializer(),
                names.roomMerge());
        topology.addGlobalStore(
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(names.roomsStore()), Serdes.String(), Serdes.ByteArray())
                        .withLoggingDisabled(),
                names.roomsIn(),
                rooms.key().deserializer(),
                rooms.value().deserializer(),
                rooms.name(),
                names.roomsTable(),
                table(board));
    }

    /** Kafka Streams passes what it restores through this processor too, so the board has all that the store has. */
    private ProcessorSupplier<String, byte[], Void, Void> table(RoomBoard board) {
        String store = setup.names().roomsStore();
        return () -> new ContextualProcessor<>() {
            @Override
            public void process(Record<String, byte[]> record) {
                KeyValueStore<String, byte[]> rooms = context().getStateStore(store);
                rooms.put(record.key(), record.value());
                RoomStats stats = record.value() == null ? null : RoomStats.read(record.value());
                if (stats == null) {
                    board.remove(record.key());
                    if (record.value() != null) {
                        counters.unreadable();
                    }
                } else {
                    board.put(record.key(), stats);
                }
            }
        };
    }
}
