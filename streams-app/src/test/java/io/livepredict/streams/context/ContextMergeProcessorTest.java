package io.livepredict.streams.context;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.activity.RandomEvents;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.StateStores;
import io.livepredict.streams.time.PartitionTime;
import io.livepredict.streams.time.SourceAnnouncement;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ContextMergeProcessorTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration THREE_HOURS = Duration.ofHours(3);

    private final KindDefinition definition = RandomEvents.everything();
    private final KindSetup setup = new KindSetup(
            definition,
            new StateStores(Stores::inMemoryKeyValueStore, new RecentValues.Budget(4_096)),
            START::toEpochMilli);
    private final NodeNames names = setup.names();
    private final PartFormat format = new PartFormat(definition);
    private final TopologyTestDriver driver = driver();
    private final TestInputTopic<String, byte[]> parts =
            driver.createInputTopic("parts", new StringSerializer(), new ByteArraySerializer());
    private final TestOutputTopic<String, byte[]> recent =
            driver.createOutputTopic("recent", new StringDeserializer(), new ByteArrayDeserializer());

    private TopologyTestDriver driver() {
        Topology topology = new Topology()
                .addSource("in", new StringDeserializer(), new ByteArrayDeserializer(), "parts")
                .addProcessor(
                        names.contextMerge(),
                        new ContextMergeProcessor.Wiring(setup, 2, Duration.ofMinutes(10), () -> {
                                    throw new AssertionError("a part that could not be read");
                                })
                                .supplier(),
                        "in")
                .addSink("out", "recent", new StringSerializer(), new ByteArraySerializer(), names.contextMerge());
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "merge");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
        return new TopologyTestDriver(topology, properties, START);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private void part(String contextId, Instant at) {
        ContextBucket bucket = format.newBucket();
        bucket.add(0, 1);
        parts.pipeInput(contextId, format.write(ContextBucket.index(at.toEpochMilli()), bucket));
    }

    private void announce(int task, Instant watermark) {
        SourceAnnouncement said = new SourceAnnouncement(
                new TopicPartition(names.activity(), task), watermark.toEpochMilli(), PartitionTime.NONE, 2);
        parts.pipeInput(SourceAnnouncement.KEY, said.write());
    }

    private void sweep() {
        driver.advanceWallClockTime(Duration.ofSeconds(31));
    }

    @Test
    void shouldKeepTheContextsOfATaskThatIsHoursBehindAnother() {
        part("slow room", START);
        announce(1, START);
        part("fast room", START.plus(THREE_HOURS));
        announce(0, START.plus(THREE_HOURS));
        sweep();
        assertThat(recent.readKeyValuesToMap())
                .containsOnlyKeys("slow room", "fast room")
                .doesNotContainValue(null);

        announce(1, START.plus(THREE_HOURS));
        sweep();
        assertThat(recent.readKeyValuesToMap()).containsOnlyKeys("slow room").containsEntry("slow room", null);
    }

    @Test
    void shouldForgetNothingBeforeEachTaskWasHeardOf() {
        part("room", START);
        announce(0, START.plus(THREE_HOURS));
        sweep();
        assertThat(recent.readKeyValuesToMap()).containsOnlyKeys("room").doesNotContainValue(null);
    }
}
