package io.livepredict.deploy.bench;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.PlayerEvent;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.ViewerEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.SerdeSource;
import io.livepredict.contract.Topics;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * What nobody can do without: events are decoded, and for each as many predictions and examples are encoded and written as ours
 * makes, taken in turn from those that it made. No state, no features, no model.
 *
 * @param samples by kind
 */
record PassThroughFlow(Topics events, Map<Kind, Sample> samples) implements BenchFlow {
    /**
     * What ours made of one kind's events.
     *
     * @param events how many events
     * @param allPredictions how many predictions of them
     * @param allExamples how many examples
     * @param predictions some of the predictions
     * @param examples some of the examples
     */
    record Sample(
            long events,
            long allPredictions,
            long allExamples,
            List<Prediction> predictions,
            List<LabelledExample> examples) {}

    @Override
    public String name() {
        return "pass_through";
    }

    @Override
    public Topology topology(Topics topics, SerdeSource serdes) {
        Topology topology = new Topology();
        samples.forEach((kind, sample) -> {
            String source = kind.id() + "-source";
            String step = kind.id() + "-step";
            switch (kind) {
                case VIEWER ->
                    source(
                            topology,
                            source,
                            serdes.value(ViewerEvent.class),
                            events.viewerEvents().name());
                case PLAYER ->
                    source(
                            topology,
                            source,
                            serdes.value(PlayerEvent.class),
                            events.playerEvents().name());
            }
            topology.addProcessor(step, () -> new Step(sample, kind.id()), source);
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

    private static <V> void source(Topology topology, String name, Serde<V> value, String topic) {
        topology.addSource(name, Serdes.String().deserializer(), value.deserializer(), topic);
    }

    private static final class Step implements Processor<String, SpecificRecord, String, SpecificRecord> {
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

        @SuppressWarnings("NullAway.Init") // Kafka Streams calls init first
        Step(Sample sample, String kind) {
            this.sample = sample;
            predictions = kind + "-predictions";
            examples = kind + "-examples";
            predictionsAnEvent = (double) sample.allPredictions / sample.events;
            examplesAnEvent = (double) sample.allExamples / sample.events;
        }

        @Override
        public void init(ProcessorContext<String, SpecificRecord> its) {
            context = its;
        }

        @Override
        public void process(Record<String, SpecificRecord> event) {
            for (duePredictions += predictionsAnEvent; duePredictions >= 1; duePredictions--) {
                context.forward(
                        event.withValue(sample.predictions.get(nextPrediction++ % sample.predictions.size())),
                        predictions);
            }
            for (dueExamples += examplesAnEvent; dueExamples >= 1; dueExamples--) {
                context.forward(event.withValue(sample.examples.get(nextExample++ % sample.examples.size())), examples);
            }
        }
    }
}
