package io.livepredict.deploy.bench;

import io.livepredict.contract.SerdeSource;
import io.livepredict.contract.Topics;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.ingest.EventFormats;
import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.step.StateStores;
import io.livepredict.streams.topology.FlowSurroundings;
import io.livepredict.streams.wiring.AppFlow;
import io.livepredict.streams.wiring.FlowPlan;
import java.util.Map;
import org.apache.kafka.streams.Topology;

/** Ours: the topology that the streams app runs, with its metrics. */
record OurFlow(
        String name, StreamsAppSettings config, BenchModels models, InProcessRegistry registry, AppMetrics metrics)
        implements BenchFlow {
    /** In the form in which predictions leave as shipped. */
    OurFlow(StreamsAppSettings config, BenchModels models, InProcessRegistry registry, AppMetrics metrics) {
        this("livepredict", config, models, registry, metrics);
    }

    @Override
    public Topology topology(Topics topics, SerdeSource serdes) {
        return new AppFlow(FlowPlan.of(config, Map.of()), models.served(), metrics)
                .topology(FlowSurroundings.driven(
                        topics,
                        new EventFormats(serdes, () -> new AvroDecoder(registry)),
                        new StateStores(config.stores(), new RecentValues.Budget(config.recentBytes())),
                        System::currentTimeMillis));
    }
}
