package io.livepredict.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.deploy.bench.StreamThreadSamples.Part;
import io.livepredict.deploy.bench.StreamThreadSamples.Place;
import io.livepredict.deploy.bench.StreamThreadSamples.Step;
import io.livepredict.deploy.bench.ThreadCosts.Group;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CostProfileTest {
    private static final String STORE = "org.apache.kafka.streams.state.internals.ChangeLoggingKeyValueBytesStore";
    private static final String OUTCOME = "io.livepredict.streams.outcome.OutcomeProcessor";
    private static final String SCORE = "io.livepredict.streams.score.MicroBatchProcessor";

    @Test
    void shouldFindTheInnermostStepAndWhatItWasDoing() {
        assertThat(Place.of(List.of("org.rocksdb.RocksDB", "org.apache.kafka.streams.X", OUTCOME, SCORE)))
                .isEqualTo(new Place(Step.OUTCOME, Part.ROCKSDB));
        assertThat(Place.of(List.of("java.util.Arrays", "io.livepredict.streams.state.StateWriter", OUTCOME, SCORE)))
                .isEqualTo(new Place(Step.OUTCOME, Part.OWN));
        assertThat(Place.of(List.of("ai.onnxruntime.OrtSession", SCORE))).isEqualTo(new Place(Step.SCORE, Part.MODEL));
        assertThat(Place.of(List.of("java.lang.Thread", "org.apache.kafka.streams.X")))
                .isEqualTo(new Place(Step.REST, Part.STREAMS));
    }

    @Test
    void shouldTellAChangelogsRecordFromAResult() {
        String producer = "org.apache.kafka.clients.producer.KafkaProducer";
        assertThat(Place.of(List.of(producer, STORE, OUTCOME))).isEqualTo(new Place(Step.OUTCOME, Part.CHANGELOG));
        assertThat(Place.of(List.of(producer, "org.apache.kafka.streams.SinkNode", OUTCOME)))
                .isEqualTo(new Place(Step.OUTCOME, Part.PRODUCER));
    }

    @Test
    void shouldKnowThreadsByTheirNames() {
        String app = "bench.streams";
        assertThat(Group.of(app + "-StreamThread-1", app)).isEqualTo(Group.STREAM_THREAD);
        assertThat(Group.of("kafka-producer-network-thread | " + app + "-StreamThread-1-producer", app))
                .isEqualTo(Group.PRODUCER);
        assertThat(Group.of("kafka-coordinator-heartbeat-thread | " + app, app)).isEqualTo(Group.CLIENT);
        assertThat(Group.of("data-plane-kafka-request-handler-0", app)).isEqualTo(Group.BROKER);
        assertThat(Group.ofNative("C2 CompilerThre")).isEqualTo(Group.JIT);
        assertThat(Group.ofNative("rocksdb:low")).isEqualTo(Group.ROCKSDB);
    }

    @Test
    void shouldCountWhatAThreadAllocates() throws InterruptedException {
        String app = "counted.streams";
        byte[][] kept = new byte[1][];
        List<ThreadCosts> costs = new ArrayList<>();
        Thread thread = new Thread(
                () -> {
                    ThreadCosts before = ThreadCosts.now(app);
                    kept[0] = new byte[64 << 20];
                    costs.add(ThreadCosts.now(app).since(before));
                },
                app + "-StreamThread-1");
        thread.start();
        thread.join();
        ThreadCosts cost = costs.get(0);
        assertThat(kept[0]).hasSize(64 << 20);
        assertThat(cost.of(Group.STREAM_THREAD).bytes()).isBetween(64.0 * (1 << 20), 128.0 * (1 << 20));
    }
}
