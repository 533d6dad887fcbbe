package io.livepredict.streams.topology;

import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.streams.activity.ActivityCounters;
import io.livepredict.streams.activity.ActivityProcessor;
import io.livepredict.streams.choice.ChoiceFlow;
import io.livepredict.streams.context.ContextFlow;
import io.livepredict.streams.erasure.flow.ErasureFlow;
import io.livepredict.streams.ingest.IngestProcessor;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.ingest.TransportTime;
import io.livepredict.streams.outcome.LastScoresProcessor;
import io.livepredict.streams.outcome.OutcomeProcessor;
import io.livepredict.streams.outlook.OutlookFlow;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.score.MicroBatchProcessor;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.time.AnnouncementPartitioner;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
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
 * ({@link ContextFlow}). With choices, it also feeds a step that logs them ({@link ChoiceFlow}).
 *
 * <p>Nodes are added in the order of the flow: Kafka Streams empties their stores before a commit in that order, so that
 * the rows which score forwards then are still taken in by outcome.
 */
public final class LivePredictTopology {
    private final FlowSettings settings;
    private final FlowSurroundings around;
    private final KindFlow flow;
    private final KindSetup setup;
    private final NodeNames names;

    private LivePredictTopology(FlowSettings settings, FlowSurroundings around, KindFlow flow) {
        this.settings = settings;
        this.around = around;
        this.flow = flow;
        setup = new KindSetup(
                flow.plan().definition(), around.stores(), around.wallClockMillis(), settings.deadLetters());
        names = setup.names();
    }

    /** Builds the flow of these kinds. */
    public static Topology build(FlowSettings settings, FlowSurroundings around, List<KindFlow> flows) {
        List<LivePredictTopology> kinds = flows.stream()
                .map(flow -> new LivePredictTopology(settings, around, flow))
                .toList();
        StreamsBuilder sources = new StreamsBuilder();
        for (LivePredictTopology kind : kinds) {
            kind.flow.plan().sources().forEach(source -> kind.addSource(sources, source));
        }
        Optional<ErasureFlow> erasures = erasures(around, kinds);
        erasures.ifPresent(flow -> flow.addTo(sources));
        Topology topology = sources.build();
        for (LivePredictTopology kind : kinds) {
            kind.addSteps(topology);
            kind.addSinks(topology);
        }
        erasures.ifPresent(flow -> flow.addTo(topology));
        return topology;
    }

    private static Optional<ErasureFlow> erasures(FlowSurroundings around, List<LivePredictTopology> kinds) {
        Map<NodeNames, Integer> tasks = new LinkedHashMap<>();
        for (LivePredictTopology kind : kinds) {
            if (kind.flow.plan().erasures()) {
                tasks.put(kind.names, kind.flow.plan().repartitions());
            }
        }
        return tasks.isEmpty()
                ? Optional.empty()
                : Optional.of(new ErasureFlow(around.topics(), tasks, around.wallClockMillis()));
    }

    private void addSource(StreamsBuilder builder, Source source) {
        String topic = source.topic();
        KStream<byte[], byte[]> raw = builder.stream(
                topic,
                Consumed.with(Serdes.ByteArray(), Serdes.ByteArray())
                        .withTimestampExtractor(new TransportTime(around.wallClockMillis()))
                        .withName(names.source(topic)));
        IngestProcessor.Wiring ingest = new IngestProcessor.Wiring(
                setup,
                source,
                settings.bounds(),
                around.formats(),
                flow.counters().ingest());
        if (!source.rekey()) {
            raw.process(ingest.direct(), Named.as(names.ingest(topic)));
            return;
        }
        int targets = flow.plan().repartitions();
        raw.process(
                        ingest.rekey(
                                settings.time(), around.progress(), flow.plan().partitions(source), targets),
                        Named.as(names.rekey(topic)))
                .map(RekeyedRecord::of, Named.as(names.rekeyed(topic)))
                .repartition(Repartitioned.<String, byte[]>as(names.repartition(topic))
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.ByteArray())
                        .withStreamPartitioner(new AnnouncementPartitioner())
                        .withNumberOfPartitions(targets))
                .process(ingest.rekeyed(), Named.as(names.ingest(topic)));
    }

    private void addSteps(Topology topology) {
        Optional<ContextFlow> contexts = contextFlow();
        topology.addProcessor(
                names.activity(),
                new ActivityProcessor.Wiring(
                                setup,
                                settings.time(),
                                flow.plan().input(),
                                around.progress(),
                                flow.counters().activity(),
                                contexts.map(ContextFlow::access),
                                flow.plan().choices().isPresent())
                        .supplier(),
                entries().toArray(String[]::new));
        topology.addProcessor(
                names.score(),
                new MicroBatchProcessor.Wiring(
                                setup,
                                flow.plan().schema(),
                                flow.plan().targets(),
                                settings.score(),
                                flow.activeModel(),
                                flow.counters().score(),
                                settings.lastScores())
                        .supplier(),
                names.activity());
        topology.addProcessor(
                names.outcome(),
                new OutcomeProcessor.Wiring(
                                setup,
                                flow.plan().schema(),
                                flow.plan().targets(),
                                settings.outcome(),
                                settings.outputs(),
                                flow.plan().erasures() ? flow.plan().repartitions() : 0,
                                flow.counters().outcome())
                        .supplier(),
                names.score());
        if (settings.lastScores()) {
            topology.addProcessor(
                    names.lastScores(),
                    new LastScoresProcessor.Wiring(
                                    setup,
                                    flow.plan().targets(),
                                    settings.outputs().gate(),
                                    settings.time().retention())
                            .supplier(),
                    names.score());
        }
        contexts.ifPresent(context -> context.addTo(topology));
        flow.plan()
                .choices()
                .ifPresent(choices -> new ChoiceFlow(
                                setup,
                                around.topics(),
                                choices,
                                settings.time().retention(),
                                flow.counters().choices())
                        .addTo(topology));
        settings.outputs()
                .presentFor()
                .ifPresent(presentFor -> new OutlookFlow(
                                setup,
                                around.topics(),
                                flow.plan().targets(),
                                presentFor,
                                flow.plan().repartitions(),
                                settings.outputs().gate(),
                                flow.counters().outcome()::unreadable)
                        .addTo(topology));
    }

    private Optional<ContextFlow> contextFlow() {
        return flow.plan().contextFeatures()
                ? Optional.of(new ContextFlow(
                        setup,
                        around.topics(),
                        flow.plan().repartitions(),
                        settings.contextSlack(),
                        settings.time().liveFromMillis(),
                        counters(flow.counters().activity())))
                : Optional.empty();
    }

    private static ContextFlow.Counters counters(ActivityCounters activity) {
        return new ContextFlow.Counters() {
            @Override
            public void unreadable() {
                activity.unreadable();
            }

            @Override
            public void looked(boolean whole, long asOfMillis) {
                activity.contextLooked(whole);
            }
        };
    }

    private void addSinks(Topology topology) {
        Topics topics = around.topics();
        OutputSettings outputs = settings.outputs();
        if (outputs.flat()) {
            addSink(topology, names.predictions(), topics.predictions(), names.outcome());
        }
        outputs.rows()
                .ifPresent(rows -> addSink(
                        topology, names.predictionRows(), topics.predictionRows(rows.schema()), names.outcome()));
        if (!outputs.alerts().isEmpty()) {
            addSink(topology, names.alerts(), topics.alerts(), names.outcome());
        }
        addSink(topology, names.labelledExamples(), topics.labelledExamples(flow.kind()), names.outcome());
        if (flow.plan().erasures()) {
            addSink(topology, names.erasureReceipts(), topics.erasureReceipts(), names.outcome());
        }
        addSink(
                topology,
                names.deadLetters(),
                topics.deadLetters(),
                Stream.concat(entries(), Stream.of(names.activity(), names.score()))
                        .toArray(String[]::new));
        // A sink of its own for each re-keying: a shared one would tie the two sides of the repartition topic into one
        // sub-topology, and the user's topic would have to have as many partitions as ours.
        for (Source source : flow.plan().sources()) {
            if (source.rekey()) {
                addSink(
                        topology,
                        names.rekeyDeadLetters(source.topic()),
                        topics.deadLetters(),
                        names.rekey(source.topic()));
            }
        }
    }

    private Stream<String> entries() {
        return flow.plan().erasures() ? Stream.concat(ingests(), Stream.of(names.erase())) : ingests();
    }

    private Stream<String> ingests() {
        return flow.plan().sources().stream().map(source -> names.ingest(source.topic()));
    }

    private static <K, V> void addSink(Topology topology, String name, Topic<K, V> topic, String... parents) {
        topology.addSink(
                name, topic.name(), topic.key().serializer(), topic.value().serializer(), parents);
    }
}
