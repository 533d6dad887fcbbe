package io.livepredict.streams.erasure.flow;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.streams.ingest.TransportTime;
import io.livepredict.streams.step.NodeNames;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Repartitioned;

/**
 * The way of a request to forget somebody: from the topic {@code erasures} to every task of its kind, where it passes through
 * activity, score and outcome like an event. Each of them removes what it holds, and outcome answers with a receipt.
 *
 * @param tasks how many tasks each kind has
 */
public record ErasureFlow(Topics topics, Map<NodeNames, Integer> tasks, LongSupplier wallClockMillis) {
    /** Adds what brings requests to the tasks. */
    public void addTo(StreamsBuilder builder) {
        Set<Kind> kinds = tasks.keySet().stream().map(NodeNames::kind).collect(Collectors.toSet());
        KStream<String, byte[]> requests = builder.stream(
                        topics.erasures().name(),
                        Consumed.with(Serdes.ByteArray(), Serdes.ByteArray())
                                .withTimestampExtractor(new TransportTime(wallClockMillis))
                                .withName(ErasureIntake.SOURCE))
                .process(ErasureIntake.supplier(kinds, wallClockMillis), Named.as(ErasureIntake.NODE))
                .map(ErasureFlow::typed, Named.as(ErasureIntake.REQUESTS));
        tasks.forEach((names, partitions) -> {
            String id = names.kind().id();
            requests.filter((kind, request) -> id.equals(kind), Named.as(ErasureIntake.requestsOf(id)))
                    .repartition(Repartitioned.<String, byte[]>as(names.erasuresRepartition())
                            .withKeySerde(Serdes.String())
                            .withValueSerde(Serdes.ByteArray())
                            .withStreamPartitioner(new EveryTask())
                            .withNumberOfPartitions(partitions))
                    .process(ErasureEntry.supplier(names, wallClockMillis), Named.as(names.erase()));
        });
    }

    /** Adds where requests go that are none. */
    public void addTo(Topology topology) {
        Topic<byte[], byte[]> letters = topics.deadLetters();
        topology.addSink(
                ErasureIntake.DEAD_LETTERS,
                letters.name(),
                letters.key().serializer(),
                letters.value().serializer(),
                ErasureIntake.NODE);
    }

    private static KeyValue<String, byte[]> typed(Object key, Object value) {
        return KeyValue.pair((String) key, (byte[]) value);
    }
}
