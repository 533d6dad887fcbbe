package io.livepredict.streams.wiring;

import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.topology.FlowSurroundings;
import io.livepredict.streams.topology.KindFlow;
import io.livepredict.streams.topology.LivePredictTopology;
import java.util.List;
import org.apache.kafka.streams.Topology;

/**
 * What the app is put together from: the one place where a configuration becomes the topology that runs. The app, the
 * backtest, the benchmarks and the tests all come here, so that what they run is the same by construction.
 *
 * @param plan what is configured
 * @param models what the plan's kinds are scored with
 * @param metrics counts what the steps report
 */
public record AppFlow(FlowPlan plan, ServedModels models, AppMetrics metrics) {
    /** The topology. */
    public Topology topology(FlowSurroundings around) {
        List<KindFlow> flows = plan.kinds().stream()
                .map(kind ->
                        new KindFlow(kind, models.active(kind.kind()), metrics.counters(kind.kind(), kind.targets())))
                .toList();
        return LivePredictTopology.build(plan.settings(), around, flows);
    }
}
