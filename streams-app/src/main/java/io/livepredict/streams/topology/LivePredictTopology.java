package io.livepredict.streams.topology;

import io.livepredict.contract.Topic;
import io.livepredict.streams.activity.ActivityProcessor;
import io.livepredict.streams.context.ContextFlow;
import io.livepredict.streams.context.ContextReader;
import io.livepredict.streams.ingest.IngestProcessor;
import io.livepredict.streams.ingest.IngestProcessor.Form;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.ingest.TransportTime;
import io.livepredict.streams.outcome.OutcomeProcessor;
import io.livepredict.streams.score.MicroBatchProcessor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Repartitioned;

/**
 * The flow, a pure function of its inputs. Kinds share nothing but the topics they write to.
 *
 * <pre>
 * source ──────────────────────────► ingest ─► activity ─► score ─► outcome ─► predictions
 * source ─► rekey ─► repartition ──► ingest ─┘    │          │         └─────► labelled-examples
 *             └────────────────────────┴──────────┴──────────┴───────────────► dead-letters
 * </pre>
 *
 * With context features, activity also feeds a tally per room or match, which comes back as a global table
 * ({@link ContextFlow}).
 *
 * <p>Nodes are added in the order of the flow: Kafka Streams empties their stores before a commit in that order, so that
 * the rows which score forwards then are still taken in by outcome.
 */
public final class LivePredictTopology {
    /** Small values that are rewritten all the time: compact early. */
    private static final Map<String, String> CHANGELOG =
            Map.of("min.cleanable.dirty.ratio", "0.3", "segment.bytes", Integer.toString(64 << 20));

    private LivePredictTopology() {}

    /** Builds the flow of these kinds. */
    public static Topology build(FlowSettings settings, List<KindFlow> flows) {
        StreamsBuilder sources = new StreamsBuilder();
        for (KindFlow flow : flows) {
            for (Source source : flow.sources()) {
                addSource(sources, settings, flow, source);
            }
        }
        Topology topology = sources.build();
        for (KindFlow flow : flows) {
            addSteps(topology, settings, flow);
        }
        return topology;
    }

    private static void addSource(StreamsBuilder builder, FlowSettings settings, KindFlow flow, Source source) {
        NodeNames names = new NodeNames(flow.kind());
        String topic = source.topic();
        KStream<byte[], byte[]> raw = builder.stream(
                topic,
                Consumed.with(Serdes.ByteArray(), Serdes.ByteArray())
                        .withTimestampExtractor(new TransportTime(settings.wallClockMillis()))
                        .withName(names.source(topic)));
        if (!source.rekey()) {
            raw.process(
                    ingest(settings, flow, source, names.activity(), names.deadLetters())
                            .<byte[]>supplier(Form.DIRECT),
                    Named.as(names.ingest(topic)));
            return;
        }
        raw.process(
                        ingest(settings, flow, source, names.rekeyed(topic), names.rekeyDeadLetters(topic))
                                .<byte[]>supplier(Form.REKEY),
                        Named.as(names.rekey(topic)))
                .map(RekeyedRecord::of, Named.as(names.rekeyed(topic)))
                .repartition(Repartitioned.<String, byte[]>as(names.repartition(topic))
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.ByteArray())
                        .withNumberOfPartitions(flow.repartitions()))
                .process(
                        ingest(settings, flow, source, names.activity(), names.deadLetters())
                                .<String>supplier(Form.REKEYED),
                        Named.as(names.ingest(topic)));
    }

    private static IngestProcessor.Wiring ingest(
            FlowSettings settings, KindFlow flow, Source source, String next, String deadLetters) {
        return new IngestProcessor.Wiring(
                source,
                flow.definition(),
                settings.bounds(),
                settings.serdes(),
                settings.avro(),
                flow.counters().ingest(),
                settings.wallClockMillis(),
                next,
                deadLetters);
    }

    private static void addSteps(Topology topology, FlowSettings settings, KindFlow flow) {
        NodeNames names = new NodeNames(flow.kind());
        String[] ingests =
                flow.sources().stream().map(s -> names.ingest(s.topic())).toArray(String[]::new);
        Optional<ContextFlow> contexts = flow.contextFeatures()
                ? Optional.of(new ContextFlow(
                        flow.definition(),
                        settings.topics().contextParts(flow.kind()).name(),
                        settings.topics().contextRecent(flow.kind()).name(),
                        names.context(),
                        settings.stores(),
                        CHANGELOG,
                        flow.counters().activity()::unreadable))
                : Optional.empty();
        topology.addProcessor(
                names.activity(),
                new ActivityProcessor.Wiring(
                                flow.definition(),
                                settings.time(),
                                settings.progress(),
                                flow.counters().activity(),
                                settings.wallClockMillis(),
                                settings.stores().apply(names.activity()),
                                settings.recent(),
                                CHANGELOG,
                                names.activityCommit(),
                                names.score(),
                                names.deadLetters(),
                                contexts.map(context -> new ActivityProcessor.Context(
                                        ContextReader.features(flow.definition()),
                                        context::reader,
                                        context.tallyNode())))
                        .supplier(),
                ingests);
        topology.addProcessor(
                names.score(),
                new MicroBatchProcessor.Wiring(
                                flow.definition(),
                                flow.schema(),
                                flow.targets(),
                                settings.score(),
                                flow.activeModel(),
                                flow.counters().score(),
                                settings.wallClockMillis(),
                                names.scoreCommit(),
                                names.outcome(),
                                names.deadLetters())
                        .supplier(),
                names.activity());
        topology.addProcessor(
                names.outcome(),
                new OutcomeProcessor.Wiring(
                                flow.definition(),
                                flow.schema(),
                                flow.targets(),
                                settings.outcome(),
                                flow.counters().outcome(),
                                settings.wallClockMillis(),
                                settings.stores().apply(names.pendingStore()),
                                settings.stores().apply(names.openStore()),
                                settings.recent(),
                                CHANGELOG,
                                names.predictions(),
                                names.labelledExamples())
                        .supplier(),
                names.score());
        addSink(topology, names.predictions(), settings.topics().predictions(), names.outcome());
        addSink(topology, names.labelledExamples(), settings.topics().labelledExamples(flow.kind()), names.outcome());
        List<String> refusing = new ArrayList<>(List.of(ingests));
        refusing.add(names.activity());
        refusing.add(names.score());
        addSink(topology, names.deadLetters(), settings.topics().deadLetters(), refusing.toArray(String[]::new));
        contexts.ifPresent(context -> context.addTo(topology, names.activity()));
        // A sink of its own for each re-keying: a shared one would tie the two sides of the repartition topic into one
        // sub-topology, and the user's topic would have to have as many partitions as ours.
        for (Source source : flow.sources()) {
            if (source.rekey()) {
                addSink(
                        topology,
                        names.rekeyDeadLetters(source.topic()),
                        settings.topics().deadLetters(),
                        names.rekey(source.topic()));
            }
        }
    }

    private static <K, V> void addSink(Topology topology, String name, Topic<K, V> topic, String... parents) {
        topology.addSink(
                name, topic.name(), topic.key().serializer(), topic.value().serializer(), parents);
    }
}
