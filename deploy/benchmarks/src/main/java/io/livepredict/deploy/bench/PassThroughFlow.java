package io.livepredict.deploy.bench;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.SerdeSource;
import io.livepredict.contract.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * The work that no topology can avoid: events are decoded, and for each as many predictions and examples are encoded
 * and written as ours makes, taken in turn from those that it made. No features, no model, and no state, unless it
 * is given stores: then it also writes to them, and so to their changelogs, what ours wrote to its own.
 *
 * @param samples by kind
 * @param stores makes the store of a name; null for no state
 */
record PassThroughFlow(
        Topics events, Map<Kind, Sample> samples, @Nullable Function<String, KeyValueBytesStoreSupplier> stores)
        implements BenchFlow {
    /**
     * What ours made of one kind's events.
     *
     * @param events how many events
     * @param allPredictions how many predictions of them
     * @param allExamples how many examples
     * @param predictions some of the predictions
     * @param examples some of the examples
     * @param changes of its stores, by name
     */
    record Sample(
            long events,
            long allPredictions,
            long allExamples,
            List<Prediction> predictions,
            List<LabelledExample> examples,
            Map<String, Changes> changes) {}

    /**
     * What ours wrote to one store.
     *
     * @param all how many changes
     * @param some of them, in the order of the changelog; no value for a deletion
     */
    record Changes(long all, List<KeyValue<Bytes, byte @Nullable []>> some) {}

    @Override
    public String name() {
        return stores == null ? "pass_through" : "pass_through_with_state";
    }

    @Override
    public Topology topology(Topics topics, SerdeSource serdes) {
        Topology topology = new Topology();
        samples.forEach((kind, sample) -> {
            String source = kind.id() + "-source";
            String step = kind.id() + "-step";
            topology.addSource(
                    source,
                    Serdes.String().deserializer(),
                    serdes.events(kind).deserializer(),
                    events.events(kind).name());
            topology.addProcessor(step, () -> new Step(sample, kind.id(), stores != null), source);
            if (stores != null) {
                sample.changes
                        .keySet()
                        .forEach(store -> topology.addStateStore(
                                Stores.keyValueStoreBuilder(stores.apply(store), Serdes.Bytes(), Serdes.ByteArray())
                                        .withCachingDisabled()
                                        .withLoggingEnabled(Map.of()),
                                step));
            }
            topology.addSink(
                    kind.id() + "-predictions",
                    topics.predictions().name(),
                    topics.predictions().key().serializer(),
                    topics.predictions().value().serializer(),
                    step);
            topology.addSink(
                    kind.id() + "-examples",
                    topics.labelledExamples(kind).name(),
                    topics.labelledExamples(kind).key().serializer(),
                    topics.labelledExamples(kind).value().serializer(),
                    step);
        });
        return topology;
    }

    private static final class Step implements Processor<String, CanonicalEvent, String, SpecificRecord> {
        private final Sample sample;
        private final String predictions;
        private final String examples;
        private final double predictionsAnEvent;
        private final double examplesAnEvent;
        private double duePredictions;
        private double dueExamples;
        private int nextPrediction;
        private int nextExample;
        private ProcessorContext<String, SpecificRecord> context;
        private final List<Written> written = new ArrayList<>();

        @SuppressWarnings("NullAway.Init") // Kafka Streams calls init first
        Step(Sample sample, String kind, boolean withState) {
            this.sample = sample;
            if (withState) {
                sample.changes.forEach((store, changes) -> written.add(new Written(store, changes, sample.events)));
            }
            predictions = kind + "-predictions";
            examples = kind + "-examples";
            predictionsAnEvent = (double) sample.allPredictions / sample.events;
            examplesAnEvent = (double) sample.allExamples / sample.events;
        }

        @Override
        public void init(ProcessorContext<String, SpecificRecord> its) {
            context = its;
            written.forEach(each -> each.init(its));
        }

        @Override
        public void process(Record<String, CanonicalEvent> event) {
            for (duePredictions += predictionsAnEvent; duePredictions >= 1; duePredictions--) {
                context.forward(
                        event.withValue(sample.predictions.get(nextPrediction++ % sample.predictions.size())),
                        predictions);
            }
            for (dueExamples += examplesAnEvent; dueExamples >= 1; dueExamples--) {
                context.forward(event.withValue(sample.examples.get(nextExample++ % sample.examples.size())), examples);
            }
            written.forEach(Written::next);
        }
    }

    /** One store that is written as ours wrote it. */
    private static final class Written {
        private final String name;
        private final Changes changes;
        private final double anEvent;
        private double due;
        private int next;
        private KeyValueStore<Bytes, byte[]> store;

        @SuppressWarnings("NullAway.Init") // set before the first event
        Written(String name, Changes changes, long events) {
            this.name = name;
            this.changes = changes;
            anEvent = (double) changes.all / events;
        }

        void init(ProcessorContext<String, SpecificRecord> context) {
            store = context.getStateStore(name);
        }

        @SuppressWarnings("NullAway") // null is documented to delete
        void next() {
            for (due += anEvent; due >= 1; due--) {
                KeyValue<Bytes, byte @Nullable []> change = changes.some.get(next++ % changes.some.size());
                store.put(change.key, change.value);
            }
        }
    }
}
