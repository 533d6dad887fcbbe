package io.livepredict.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.Alert;
import io.livepredict.avro.ErasureReceipt;
import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.Erasure;
import io.livepredict.contract.Kind;
import io.livepredict.streams.erasure.flow.ErasureJson;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.output.AlertRule;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.time.OutputGate;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

class ErasureTest {
    private static final long NOON = FlowFixture.NOON;
    private static final List<String> STORES =
            List.of("viewer-activity", "viewer-open", "viewer-pending", "viewer-last-scores");

    @Test
    void shouldForgetAllStateOfOneAndNothingOfAnother() {
        try (FlowFixture flow = FlowFixture.erasing();
                FlowFixture untouched = FlowFixture.erasing()) {
            watch(flow);
            watch(untouched);
            assertThat(keysOf(flow, "ada")).isNotEmpty();
            erase(flow, "ada", "r1", NOON + 3_000);

            assertThat(keysOf(flow, "ada")).isEmpty();
            assertThat(valuesOf(flow, "bob")).isEqualTo(valuesOf(untouched, "bob"));
            assertThat(receipts(flow)).singleElement().satisfies(receipt -> {
                assertThat(receipt.getErasureId()).isEqualTo("r1");
                assertThat(receipt.getPartitions()).isEqualTo(1);
                assertThat(receipt.getRemoved())
                        .isEqualTo(Map.of("viewer-activity", 1L, "viewer-open", 1L, "viewer-pending", 4L));
                assertThat(receipt.toString()).doesNotContain("ada");
            });

            flow.send("b9", "bob", "HEARTBEAT", NOON + 120_000);
            untouched.send("b9", "bob", "HEARTBEAT", NOON + 120_000);
            assertThat(flow.examples())
                    .extracting(LabelledExample::getEntityId)
                    .containsOnly("bob")
                    .hasSameSizeAs(untouched.examples().stream()
                            .filter(example -> example.getEntityId().equals("bob"))
                            .toList());
            assertThat(flow.metrics.sum(Metric.STATE_UNREADABLE)).isZero();
        }
    }

    @Test
    void shouldDropEarlierEventsThatArriveAfterwards() {
        try (FlowFixture flow = FlowFixture.erasing()) {
            watch(flow);
            flow.predictions();
            erase(flow, "ada", "r1", NOON + 3_000);
            flow.send("a3", "ada", "CHAT", NOON + 2_500);

            assertThat(flow.predictions()).isEmpty();
            assertThat(flow.deadLetters()).isEmpty();
            assertThat(keysOf(flow, "ada")).isEmpty();
            assertThat(flow.metrics.sum(Metric.EVENTS, "outcome", "erased")).isEqualTo(1);
        }
    }

    @Test
    void shouldStartFromNothingWithWhoComesBack() {
        try (FlowFixture flow = FlowFixture.erasing();
                FlowFixture fresh = FlowFixture.erasing()) {
            watch(flow);
            erase(flow, "ada", "r1", NOON + 3_000);
            flow.send("a4", "ada", "JOIN", NOON + 4_000);
            fresh.send("a4", "ada", "JOIN", NOON + 4_000);

            assertThat(valuesOf(flow, "ada")).isEqualTo(valuesOf(fresh, "ada"));
        }
    }

    @Test
    void shouldClearTheAlertsOfOneSoThatNobodyActsOnItAnyLonger() {
        AlertRule rule =
                new AlertRule("going", "leave-30s", 0.2, 0.1, Duration.ofMinutes(5), Duration.ZERO, List.of(), 0);
        OutputSettings outputs =
                new OutputSettings(OutputGate.OPEN, true, Optional.empty(), Map.of(), List.of(rule), Optional.empty());
        try (FlowFixture flow = FlowFixture.erasing(outputs)) {
            watch(flow);
            assertThat(alerts(flow)).extracting(Alert::getState).containsExactly("raised", "raised");
            erase(flow, "ada", "r1", NOON + 3_000);
            erase(flow, "ada", "r2", NOON + 3_000);

            assertThat(alerts(flow)).singleElement().satisfies(alert -> {
                assertThat(alert.getEntityId()).isEqualTo("ada");
                assertThat(alert.getState()).isEqualTo("cleared");
                assertThat(alert.getCause()).isEqualTo("erased");
                assertThat(alert.getRaisedAt()).isEqualTo(Instant.ofEpochMilli(NOON));
                assertThat(alert.getEventTime()).isEqualTo(Instant.ofEpochMilli(NOON + 1_000));
            });
            flow.send("a4", "ada", "JOIN", NOON + 4_000);
            assertThat(alerts(flow)).singleElement().satisfies(alert -> {
                assertThat(alert.getState()).isEqualTo("raised");
                assertThat(alert.getEntityId()).isEqualTo("ada");
            });
        }
    }

    private static List<Alert> alerts(FlowFixture flow) {
        return flow.driver
                .createOutputTopic(
                        flow.topics.alerts().name(),
                        new StringDeserializer(),
                        flow.topics.alerts().value().deserializer())
                .readValuesToList();
    }

    @Test
    void shouldFindNothingTheSecondTime() {
        try (FlowFixture flow = FlowFixture.erasing()) {
            watch(flow);
            erase(flow, "ada", "r1", NOON + 3_000);
            receipts(flow);
            erase(flow, "ada", "r1", NOON + 3_000);
            erase(flow, "nobody", "r2", NOON + 3_000);

            assertThat(receipts(flow)).extracting(ErasureReceipt::getRemoved).containsExactly(Map.of(), Map.of());
        }
    }

    @Test
    void shouldPutWhatIsNoRequestToTheDeadLettersAndGoOn() {
        try (FlowFixture flow = FlowFixture.erasing()) {
            watch(flow);
            for (String junk : List.of(
                    "junk",
                    "{}",
                    "{\"kind\":\"room\",\"entity\":\"x\"}",
                    "{\"kind\":\"player\",\"entity\":\"x\"}",
                    "{\"kind\":\"viewer\",\"entity\":\"\"}",
                    "{\"kind\":\"viewer\",\"entity\":\"x\",\"requested-at\":\"now\"}")) {
                flow.pipe("test.erasures", null, FlowFixture.utf8(junk));
            }
            flow.pipe("test.erasures", null, null);
            flow.pipe("test.erasures", null, FlowFixture.utf8("{\"kind\": \"viewer\", \"entity\": \"ada\"}"));

            assertThat(flow.deadLetters())
                    .extracting(FlowFixture.Letter::reason)
                    .containsExactly(
                            DeadLetterReason.BAD_FIELD,
                            DeadLetterReason.BAD_FIELD,
                            DeadLetterReason.BAD_FIELD,
                            DeadLetterReason.BAD_FIELD,
                            DeadLetterReason.BAD_FIELD,
                            DeadLetterReason.BAD_FIELD,
                            DeadLetterReason.NULL_VALUE);
            assertThat(receipts(flow))
                    .singleElement()
                    .satisfies(receipt -> assertThat(receipt.getErasureId()).isEqualTo("test.erasures-0@7"));
            assertThat(keysOf(flow, "ada")).isEmpty();
        }
    }

    @Test
    void shouldLetNoRequestStopATaskOrBlockAPerson() {
        String entity = "{\"kind\":\"viewer\",\"entity\":\"x\",";
        List<String> hostile = List.of(
                entity + "\"requested-at\":\"+999999999-12-31T23:59:59Z\"}", // no long has its milliseconds
                entity + "\"requested-at\":\"3000-01-01T00:00:00Z\"}",
                entity + "\"id\":\"" + "i".repeat(2_000) + "\"}",
                "{\"kind\":\"viewer\",\"entity\":\"" + "x".repeat(2_000) + "\"}",
                "{\"kind\":\"viewer\",\"entity\":\"\\ud800\"}",
                "{\"kind\":\"x-is-her-id\",\"entity\":\"viewer\"}");
        try (FlowFixture flow = FlowFixture.erasing()) {
            watch(flow);
            hostile.forEach(request -> flow.pipe("test.erasures", null, FlowFixture.utf8(request)));
            flow.pipe("test.streams-viewer-erasures-repartition", null, FlowFixture.utf8("junk"));
            flow.pipe("test.streams-viewer-erasures-repartition", null, null);

            assertThat(flow.deadLetters())
                    .hasSize(hostile.size() + 2)
                    .allSatisfy(letter -> assertThat(FlowFixture.header(letter.headers(), DeadLetters.MESSAGE))
                            .doesNotContain("x-is", "3000"));
            assertThat(receipts(flow)).isEmpty();
            erase(flow, "ada", "r1", NOON + 3_000);
            assertThat(keysOf(flow, "ada")).isEmpty();
        }
    }

    private static void watch(FlowFixture flow) {
        flow.send("a1", "ada", "JOIN", NOON);
        flow.send("b1", "bob", "JOIN", NOON + 500);
        flow.send("a2", "ada", "CHAT", NOON + 1_000);
        flow.send("b2", "bob", "CHAT", NOON + 2_000);
    }

    private static void erase(FlowFixture flow, String viewer, String id, long requestedAt) {
        flow.pipe("test.erasures", null, ErasureJson.write(new Erasure(Kind.VIEWER, viewer, id, requestedAt)));
    }

    private static List<ErasureReceipt> receipts(FlowFixture flow) {
        return flow.driver
                .createOutputTopic(
                        flow.topics.erasureReceipts().name(),
                        new StringDeserializer(),
                        flow.topics.erasureReceipts().value().deserializer())
                .readValuesToList();
    }

    /** The keys of all stores that hold the id. */
    private static List<String> keysOf(FlowFixture flow, String viewer) {
        return valuesOf(flow, viewer).keySet().stream().toList();
    }

    /** What the stores hold of that viewer. */
    private static Map<String, String> valuesOf(FlowFixture flow, String viewer) {
        Map<String, String> values = new TreeMap<>();
        for (String name : STORES) {
            KeyValueStore<Bytes, byte[]> store = flow.driver.getKeyValueStore(name);
            try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
                while (all.hasNext()) {
                    KeyValue<Bytes, byte[]> entry = all.next();
                    String key = new String(entry.key.get(), StandardCharsets.ISO_8859_1);
                    String value = new String(entry.value, StandardCharsets.ISO_8859_1);
                    if (key.contains(viewer) || value.contains(viewer)) {
                        values.put(name + key, value);
                    }
                }
            }
        }
        return values;
    }
}
