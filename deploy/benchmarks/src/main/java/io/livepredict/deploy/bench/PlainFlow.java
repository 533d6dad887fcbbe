package io.livepredict.deploy.bench;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.SerdeSource;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.streams.config.StreamsAppSettings;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/**
 * What a competent person writes first: the Streams DSL with one windowed aggregation for each window, joined by a step that
 * reads them at every event, calls the same model for that one record, and keeps an entity's open snapshots as a list in one
 * store. The same events, predictions and examples as ours; far fewer features, which is in its favour, and the DSL's record
 * caches left on.
 */
record PlainFlow(StreamsAppSettings config, BenchModels models, Topics events) implements BenchFlow {
    private static final Serde<double[]> DOUBLES = Serdes.serdeFrom(
            (topic, values) -> {
                ByteBuffer bytes = ByteBuffer.allocate(values.length * Double.BYTES);
                bytes.asDoubleBuffer().put(values);
                return bytes.array();
            },
            (topic, bytes) -> {
                double[] values = new double[bytes.length / Double.BYTES];
                ByteBuffer.wrap(bytes).asDoubleBuffer().get(values);
                return values;
            });

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public Topology topology(Topics topics, SerdeSource serdes) {
        StreamsBuilder builder = new StreamsBuilder();
        for (Kind kind : config.kinds().active()) {
            add(builder, kind, serdes, topics);
        }
        return builder.build();
    }

    private void add(StreamsBuilder builder, Kind kind, SerdeSource serdes, Topics topics) {
        KindDefinition definition = config.kinds().definition(kind);
        KStream<String, CanonicalEvent> seen = builder.stream(
                events.events(kind).name(),
                Consumed.with(Serdes.String(), serdes.events(kind))
                        .withTimestampExtractor(
                                (record, partitionTime) -> ((CanonicalEvent) record.value()).timeMillis()));
        List<String> types = definition.eventTypes();
        List<String> numbers = List.copyOf(definition.numbers().keySet());
        Duration grace = config.time().grace();
        List<String> stores = new ArrayList<>();
        for (Duration window : definition.windows()) {
            String store = kind.id() + "-window-" + window.toSeconds();
            stores.add(store);
            seen.groupByKey()
                    .windowedBy(TimeWindows.ofSizeAndGrace(window, grace))
                    .aggregate(
                            () -> new double[types.size() + numbers.size()],
                            (key, event, sums) -> counted(event, sums, types, numbers),
                            Materialized.<String, double[], WindowStore<Bytes, byte[]>>as(store)
                                    .withKeySerde(Serdes.String())
                                    .withValueSerde(DOUBLES)
                                    .withRetention(window.plus(grace).multipliedBy(2)));
        }
        String pending = kind.id() + "-pending";
        builder.addStateStore(Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(pending), Serdes.String(), Serdes.ByteArray())
                .withCachingEnabled());
        stores.add(pending);
        PlainStep.Wiring wiring = new PlainStep.Wiring(
                definition,
                config.schema(kind),
                config.kinds().targets(kind),
                models.active(kind),
                grace.toMillis(),
                kind.id() + "-window-",
                pending);
        KStream<String, SpecificRecord> results =
                seen.process(() -> new PlainStep(wiring), stores.toArray(String[]::new));
        to(results, Prediction.class, topics.predictions());
        to(results, LabelledExample.class, topics.labelledExamples(kind));
    }

    private static double[] counted(CanonicalEvent event, double[] sums, List<String> types, List<String> numbers) {
        int type = types.indexOf(event.type());
        if (type >= 0) {
            sums[type]++;
        }
        for (int i = 0; i < numbers.size(); i++) {
            sums[types.size() + i] += event.numbers().getOrDefault(numbers.get(i), 0.0);
        }
        return sums;
    }

    private static <V extends SpecificRecord> void to(
            KStream<String, SpecificRecord> results, Class<V> type, Topic<String, V> topic) {
        results.filter((key, value) -> type.isInstance(value))
                .mapValues(type::cast)
                .to(topic.name(), Produced.with(topic.key(), topic.value()));
    }
}
