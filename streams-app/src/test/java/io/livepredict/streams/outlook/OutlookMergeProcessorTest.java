package io.livepredict.streams.outlook;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.Outlook;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.settings.TargetSettings;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.StateStores;
import io.livepredict.streams.time.OutputGate;
import io.livepredict.streams.time.PartitionTime;
import io.livepredict.streams.time.SourceAnnouncement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

class OutlookMergeProcessorTest {
    private static final KindDefinition DEFINITION = KindDefinition.defaults(Kind.VIEWER);
    private static final long FIRST = Buckets.of(1_700_000_000_000L);

    private final InProcessRegistry registry = new InProcessRegistry();
    private final Topic<String, Outlook> topic =
            new Topics(new Namespace("merge"), 1, new AvroSerdes(registry)).outlook();
    private final KindSetup setup = new KindSetup(
            DEFINITION,
            new StateStores(Stores::inMemoryKeyValueStore, new RecentValues.Budget(4_096)),
            () -> Buckets.start(FIRST));
    private final NodeNames names = setup.names();
    private final TopologyTestDriver driver = driver();
    private final TestInputTopic<String, byte[]> parts =
            driver.createInputTopic("parts", new StringSerializer(), new ByteArraySerializer());
    private final TestOutputTopic<String, Outlook> outlook = driver.createOutputTopic(
            topic.name(), new StringDeserializer(), topic.value().deserializer());

    private TopologyTestDriver driver() {
        Topology topology = new Topology()
                .addSource("in", new StringDeserializer(), new ByteArrayDeserializer(), "parts")
                .addProcessor(
                        names.outlookMerge(),
                        new OutlookMergeProcessor.Wiring(
                                        setup,
                                        List.of(TargetSettings.builder("leave-30s", Kind.VIEWER, Duration.ofSeconds(30))
                                                .anyOf(List.of("LEAVE"))
                                                .prior(0.1)
                                                .build()
                                                .target(DEFINITION)),
                                        Duration.ofMinutes(1),
                                        1,
                                        OutputGate.OPEN,
                                        () -> {
                                            throw new AssertionError("a part that could not be read");
                                        })
                                .supplier(),
                        "in")
                .addSink(
                        "out",
                        topic.name(),
                        new StringSerializer(),
                        topic.value().serializer(),
                        names.outlookMerge());
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "merge");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
        return new TopologyTestDriver(topology, properties, Instant.ofEpochMilli(Buckets.start(FIRST)));
    }

    @AfterEach
    void close() {
        driver.close();
        registry.close();
    }

    /** @param change of how many are present from that bucket on */
    private void part(long bucket, int change) {
        OutlookPart part = new OutlookPart(FIRST + bucket);
        part.presence = change;
        parts.pipeInput("room", part.write());
    }

    /** Closes all buckets up to that one. */
    private void close(long bucket) {
        SourceAnnouncement said = new SourceAnnouncement(
                new TopicPartition(names.outcome(), 0), Buckets.end(FIRST + bucket), PartitionTime.NONE, 1);
        parts.pipeInput(SourceAnnouncement.KEY, said.write());
    }

    private List<Long> present() {
        return outlook.readValuesToList().stream().map(Outlook::getPresent).toList();
    }

    @Test
    void shouldCountRightWhenThePartThatSaysWhoCameIsBehindTheOneThatSaysWhoWent() {
        part(0, 2);
        close(0);
        assertThat(present()).containsExactly(2L);
        part(0, -3);
        close(1);
        assertThat(present()).isEmpty();
        part(0, 3);
        close(2);
        assertThat(present()).containsExactly(2L);
    }

    @Test
    void shouldTakeNobodyForPresentInARoomOfWhichNothingWasHeardForLongerThanAnybodyStays() {
        part(0, 2); // and the part that says when they went is lost
        close(1_000_000);
        assertThat(present()).containsOnly(2L).hasSize(6 + 360 + 1);
        part(1_000_001, 1);
        close(1_000_001);
        assertThat(present()).containsExactly(1L);
    }

    @Test
    void shouldCountFromZeroAgainInABusyRoomOfWhichThePartThatSaysWhoCameIsLost() {
        part(0, -2);
        for (int bucket = 1; bucket <= 6 + 360; bucket++) {
            part(bucket, bucket % 2 == 0 ? -1 : 1); // somebody comes and goes all the time
            close(bucket);
        }
        assertThat(present()).isEmpty();
        part(6 + 360 + 1, -1);
        close(6 + 360 + 1);
        part(6 + 360 + 2, 1);
        close(6 + 360 + 2);
        assertThat(present()).containsExactly(1L);
    }
}
