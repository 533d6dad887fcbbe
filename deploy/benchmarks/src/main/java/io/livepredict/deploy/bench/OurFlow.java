package io.livepredict.deploy.bench;

import io.livepredict.contract.Kind;
import io.livepredict.contract.SerdeSource;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topics;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.streams.config.StreamsAppConfig;
import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.topology.FlowSettings;
import io.livepredict.streams.topology.KindFlow;
import io.livepredict.streams.topology.LivePredictTopology;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.streams.Topology;

/** Ours: the topology that the streams app runs, with its metrics, as its wiring makes it. */
record OurFlow(StreamsAppConfig config, BenchModels models, InProcessRegistry registry, AppMetrics metrics)
        implements BenchFlow {
    @Override
    public String name() {
        return "livepredict";
    }

    @Override
    public Topology topology(Topics topics, SerdeSource serdes) {
        FlowSettings settings = new FlowSettings(
                topics,
                serdes,
                () -> new AvroDecoder(registry),
                config.timeSettings(),
                config.timeBounds(),
                config.scoreSettings(),
                config.outcomeSettings(),
                config.stores(),
                config.recentValues(),
                System::currentTimeMillis);
        List<KindFlow> flows = new ArrayList<>();
        for (Kind kind : config.activeKinds()) {
            List<Target> own = Target.of(config.resolvedTargets(), kind);
            flows.add(new KindFlow(
                    Objects.requireNonNull(config.definitions().get(kind), kind.id()),
                    config.schema(kind),
                    own,
                    config.resolvedSources().stream()
                            .filter(source -> source.kind() == kind)
                            .toList(),
                    config.resolvedPartitions(),
                    models.active(kind),
                    metrics.counters(kind, own),
                    config.withContextFeatures()));
        }
        return LivePredictTopology.build(settings, flows);
    }
}
