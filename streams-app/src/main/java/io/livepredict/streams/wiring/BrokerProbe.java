package io.livepredict.streams.wiring;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the brokers answer: Kafka Streams stays RUNNING while they do not. */
final class BrokerProbe implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerProbe.class);
    private static final Duration SILENT_AFTER = Duration.ofSeconds(5);

    private final Admin admin;
    private final String address;
    private final InstantSource clock;
    private volatile @Nullable Instant silentSince;

    /** @param address where the brokers are, for messages */
    BrokerProbe(Admin admin, String address, InstantSource clock) {
        this.admin = admin;
        this.address = address;
        this.clock = clock;
    }

    /** Asks once and waits for the answer, for some seconds at most. */
    void look() throws InterruptedException {
        Instant asked = clock.instant();
        try {
            admin.describeCluster(new DescribeClusterOptions().timeoutMs((int) SILENT_AFTER.toMillis()))
                    .nodes()
                    .get();
            Instant since = silentSince;
            if (since != null) {
                LOG.info(
                        "kafka at {} answers again, after {} s",
                        address,
                        Duration.between(since, clock.instant()).toSeconds());
                silentSince = null;
            }
        } catch (ExecutionException e) {
            if (silentSince == null) {
                silentSince = asked;
                LOG.warn(
                        "kafka at {} does not answer ({}): everything waits, nothing is lost",
                        address,
                        Cure.oneLine(e));
            }
        }
    }

    /** Since when the brokers have not answered; empty when they do. */
    Optional<String> trouble() {
        Instant since = silentSince;
        return since == null
                ? Optional.empty()
                : Optional.of("kafka at " + address + " does not answer since " + since);
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
