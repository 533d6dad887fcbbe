package io.livepredict.deploy.local;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker that was killed on a directory is declared dead before another starts there. Kafka 4.3.0 to 4.4.0 would otherwise lose
 * markers of transactions (KAFKA-20734): the broker takes up its former partitions, its transaction coordinator sends the markers
 * that are missing, the controller then takes the partitions from the former broker, and while a partition has no leader its marker
 * counts as written. The transaction stays open there for ever although its offsets are committed. If the former broker is dead
 * beforehand, all partitions have leaders before the coordinator begins.
 */
final class FormerBroker {
    private static final Logger LOG = LoggerFactory.getLogger(FormerBroker.class);
    /** A broker that ends in order writes it, and takes it away when it starts. */
    private static final String ENDED_IN_ORDER = ".kafka_cleanshutdown";

    private static final String FORMATTED = "meta.properties";
    private static final String DEAD_AFTER_MILLIS = "1000";
    /** Nobody sends any; Kafka logs an error unless two fit into the session. */
    private static final String HEARTBEAT_MILLIS = "500";

    private static final Duration AT_MOST = Duration.ofSeconds(30);
    /** The counts of brokers are zero until the controller has passed on what it has read. */
    private static final Duration COUNTS_FOLLOW = Duration.ofSeconds(5);

    private static final Duration LOOKS = Duration.ofMillis(50);

    private FormerBroker() {}

    /** Whether a broker ran on that directory and did not end in order. */
    static boolean wasKilled(Path directory) {
        return Files.exists(directory.resolve(FORMATTED)) && !Files.exists(directory.resolve(ENDED_IN_ORDER));
    }

    /**
     * Runs only the controller until it has declared the former broker dead, or knows of none: that one was killed before it
     * had registered, and has left no transactions.
     *
     * @param broker the settings with which the broker will start
     * @return whether no broker is alive there; false, and a line says so, if the controller has not declared it dead in time
     */
    static boolean bury(Properties broker) {
        Properties controller = new Properties();
        controller.putAll(broker);
        controller.put("process.roles", "controller");
        controller.put("listeners", "CONTROLLER://" + address(broker.getProperty("controller.quorum.voters")));
        controller.put("broker.session.timeout.ms", DEAD_AFTER_MILLIS);
        controller.put("broker.heartbeat.interval.ms", HEARTBEAT_MILLIS);
        controller
                .keySet()
                .removeIf(key -> key.equals("advertised.listeners")
                        || key.equals("inter.broker.listener.name")
                        || key.toString().startsWith("listener.name."));
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(controller, false), Time.SYSTEM);
        try {
            server.startup();
            long giveUp = System.nanoTime() + AT_MOST.toNanos();
            long noneSince = System.nanoTime();
            while (count("FencedBrokerCount") == 0) {
                long now = System.nanoTime();
                if (count("ActiveControllerCount") == 0 || count("ActiveBrokerCount") > 0) {
                    noneSince = now;
                } else if (now - noneSince > COUNTS_FOLLOW.toNanos()) {
                    return true;
                }
                if (now - giveUp > 0) {
                    LOG.warn(
                            "the broker that was killed is not declared dead after {} s; going on, but transactions that were"
                                    + " being committed may stay open",
                            AT_MOST.toSeconds());
                    return false;
                }
                LockSupport.parkNanos(LOOKS.toNanos());
            }
            return true;
        } finally {
            server.shutdown();
            server.awaitShutdown();
        }
    }

    private static String address(String voters) {
        return voters.substring(voters.indexOf('@') + 1);
    }

    private static int count(String gauge) {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        try {
            ObjectName name = new ObjectName("kafka.controller:type=KafkaController,name=" + gauge);
            return beans.isRegistered(name) ? ((Number) beans.getAttribute(name, "Value")).intValue() : 0;
        } catch (JMException e) {
            throw new IllegalStateException("the controller does not tell its " + gauge, e);
        }
    }
}
