package io.livepredict.deploy.connect;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.NotFoundException;
import org.apache.kafka.connect.health.ConnectClusterState;
import org.apache.kafka.connect.rest.ConnectRestExtension;
import org.apache.kafka.connect.rest.ConnectRestExtensionContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restarts connectors and tasks that failed, which Kafka Connect itself never does: a sink whose database went away for a
 * moment would stay down until somebody came. It looks once a second and restarts by a {@link RestartPlan}, each time with
 * one line that says what and why, and shows what it sees at {@code /metrics} of the worker ({@link MetricsEndpoint}).
 *
 * <p>To be named in {@code rest.extension.classes} of a worker, which must have a listener on http. With several workers
 * each of them looks after all tasks; the second one finds nothing left to restart.
 */
public final class TaskSupervisor implements ConnectRestExtension {
    private static final Logger LOG = LoggerFactory.getLogger(TaskSupervisor.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(5);

    private final InstantSource clock = InstantSource.system();
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Map<String, RestartPlan> plans = new HashMap<>();
    private volatile List<ConnectorLook> looks = List.of();
    private final MetricsEndpoint metrics = new MetricsEndpoint(() -> looks);
    private @Nullable URI address;
    private @Nullable Thread thread;

    /**
     * @param worker the worker's properties
     * @throws org.apache.kafka.common.config.ConfigException if the worker listens on https only
     */
    @Override
    public void configure(Map<String, ?> worker) {
        address = WorkerRest.address(worker);
    }

    @Override
    public void register(ConnectRestExtensionContext context) {
        if (address == null) {
            throw new IllegalStateException("configure was not called");
        }
        context.configurable().register(metrics);
        URI own = address;
        thread = Thread.ofPlatform()
                .name("livepredict-supervisor")
                .daemon()
                .start(() -> supervise(context.clusterState(), own));
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public void close() throws IOException {
        if (thread != null) {
            thread.interrupt();
            try {
                thread.join(ENDS_WITHIN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void supervise(ConnectClusterState cluster, URI own) {
        try (WorkerRest rest = new WorkerRest(own)) {
            while (true) {
                Thread.sleep(BETWEEN_LOOKS);
                try {
                    look(cluster, rest);
                } catch (ConnectException e) {
                    // The worker is too busy with itself to answer: it starts, or its broker is away. The next look
                    // tells.
                    LOG.debug("the worker does not say how its connectors are", e);
                } catch (RuntimeException e) {
                    LOG.error("supervising goes on after an error; please report it", e);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("supervising ends with the worker");
        }
    }

    private void look(ConnectClusterState cluster, WorkerRest rest) throws InterruptedException {
        List<ConnectorLook> seen = new ArrayList<>();
        for (String connector : cluster.connectors()) {
            try {
                seen.add(ConnectorLook.at(cluster.connectorHealth(connector)));
            } catch (NotFoundException e) {
                LOG.debug("connector {} has no state yet, or was deleted", connector);
            }
        }
        looks = List.copyOf(seen);
        plans.keySet().retainAll(seen.stream().map(ConnectorLook::connector).toList());
        for (ConnectorLook each : seen) {
            RestartPlan plan = plans.computeIfAbsent(each.connector(), key -> new RestartPlan(clock, random));
            int tries = plan.tries();
            if (plan.hasRecovered()) {
                LOG.info("connector {} is well again after {} restarts", each.connector(), tries);
            }
            if (plan.isDue(!each.failed().isEmpty())) {
                restart(each, plan, rest);
            }
        }
    }

    private void restart(ConnectorLook look, RestartPlan plan, WorkerRest rest) throws InterruptedException {
        LOG.warn(
                "connector {}: restarting {}, which failed: {} (restart {} in a row; if it fails again, the next comes"
                        + " within {} s)",
                look.connector(),
                String.join(" and ", look.failed()),
                look.cause(),
                plan.tries(),
                plan.longestNextWait().toSeconds());
        metrics.countRestart(look.connector());
        try {
            rest.restartFailed(look.connector());
        } catch (IOException e) {
            LOG.warn("connector {}: the worker did not take the restart: {}", look.connector(), e.toString());
        }
    }
}
