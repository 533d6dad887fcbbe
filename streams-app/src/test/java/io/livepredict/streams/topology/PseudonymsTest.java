package io.livepredict.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.DeadLetters.Payload;
import io.livepredict.contract.Kind;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.config.PrivacySettings;
import io.livepredict.streams.ingest.Pseudonyms;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.metrics.Metric;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** Where ids are pseudonyms, nothing behind ingest knows the ids; labels follow the pseudonym. */
class PseudonymsTest {
    private static final String ID = "marked-ada";
    private static final String TEXT = "marked-text";
    private static final Instant CHANGE = Instant.ofEpochMilli(FlowFixture.NOON + 60_000);
    private static final Pseudonyms ONE = pseudonyms();
    private static final Pseudonyms TWO = pseudonyms(CHANGE);

    private static Pseudonyms pseudonyms(Instant... changes) {
        List<Pseudonyms.Epoch> epochs =
                new ArrayList<>(List.of(Pseudonyms.Epoch.of(Instant.MIN, "key-0".getBytes(StandardCharsets.UTF_8))));
        for (Instant change : changes) {
            epochs.add(Pseudonyms.Epoch.of(change, "key-1".getBytes(StandardCharsets.UTF_8)));
        }
        return new Pseudonyms(epochs);
    }

    private static Source json(boolean rekey) {
        MappingSettings mapping = YamlFile.parse(
                "{kind: viewer, time: {column: at, unit: millis}, id: who, type: {column: what}, text: text}",
                "mapping.yaml",
                MappingSettings.class);
        return new Source("clicks", Kind.VIEWER, Source.Format.JSON, mapping, rekey);
    }

    private static Source canonical(boolean rekey) {
        return new Source("test.viewer-events", Kind.VIEWER, Source.Format.CANONICAL, null, rekey);
    }

    private static byte[] click(String who, String what, long at) {
        return FlowFixture.utf8(
                "{\"who\":\"%s\",\"at\":%d,\"what\":\"%s\",\"text\":\"%s\"}".formatted(who, at, what, TEXT));
    }

    private static boolean isMarked(byte[] bytes) {
        return bytes != null && new String(bytes, StandardCharsets.ISO_8859_1).contains("marked-");
    }

    private static void assertUnmarked(FlowFixture flow, String topic) {
        for (TestRecord<byte[], byte[]> record : flow.written(topic)) {
            assertThat(isMarked(record.key())).as(topic).isFalse();
            assertThat(isMarked(record.value())).as(topic).isFalse();
            record.headers()
                    .forEach(header -> assertThat(isMarked(header.value()))
                            .as(topic + " " + header.key())
                            .isFalse());
        }
    }

    @Test
    void shouldBeTheFirstHalfOfTheHmacOfTheId() {
        // printf %s marked-ada | openssl dgst -sha256 -hmac key-0 | cut -c1-32
        assertThat(ONE.of(ID, 0)).hasSize(32).isEqualTo("eb502bb9a832aba24c8fe1282d184ce3");
        assertThat(HexFormat.of().parseHex(ONE.of("Jürgen", 0))).hasSize(16);
        assertThat(ONE.of("b", 0)).isNotEqualTo(ONE.of("a", 0));
    }

    @Test
    void shouldStandInThePlaceOfIdsBehindEachKindOfSource() {
        for (boolean rekey : new boolean[] {false, true}) {
            for (Source source : List.of(json(rekey), canonical(rekey))) {
                try (FlowFixture flow = new FlowFixture(List.of(source), new PrivacySettings(Payload.HASH, ONE))) {
                    byte[] value = source.format() == Source.Format.JSON
                            ? click(ID, "JOIN", FlowFixture.NOON)
                            : flow.bytes(flow.event("e1", ID, "JOIN", FlowFixture.NOON));
                    flow.pipe(source.topic(), FlowFixture.utf8(ID), value);
                    assertThat(flow.predictions())
                            .as(source + "")
                            .isNotEmpty()
                            .extracting(Prediction::getEntityId)
                            .containsOnly(ONE.of(ID, FlowFixture.NOON));
                    flow.driver.producedTopicNames().forEach(topic -> assertUnmarked(flow, topic));
                    assertThat(flow.driver.producedTopicNames())
                            .anyMatch(topic -> topic.endsWith("activity-changelog"));
                }
            }
        }
    }

    @Test
    void shouldMakeTheSameFeaturesAsIdsDo() {
        List<Map<String, byte[]>> runs = new ArrayList<>();
        for (Pseudonyms pseudonyms : new Pseudonyms[] {null, ONE}) {
            Map<String, byte[]> vectors = new TreeMap<>();
            runs.add(vectors);
            try (FlowFixture flow =
                    new FlowFixture(List.of(json(true)), new PrivacySettings(Payload.KEEP, pseudonyms))) {
                for (int i = 0; i < 20; i++) {
                    long at = FlowFixture.NOON + i * 2_000L;
                    flow.clock.set(at);
                    flow.pipe("clicks", null, click("v" + i % 3, i % 4 == 0 ? "GIFT" : "CHAT", at));
                }
                flow.examples()
                        .forEach(example -> vectors.put(
                                example.getEventId() + " " + example.getHorizonMs() + " "
                                        + example.getLabels().get(0).getLabel(),
                                example.getDense().array()));
            }
        }
        assertThat(runs.get(0)).hasSizeGreaterThan(5);
        assertThat(runs.get(1).keySet()).isEqualTo(runs.get(0).keySet());
        runs.get(1)
                .forEach((event, vector) ->
                        assertThat(vector).as(event).isEqualTo(runs.get(0).get(event)));
    }

    @Test
    void shouldStartAnewAndLabelNothingAcrossAChangeOfKeys() {
        try (FlowFixture flow = new FlowFixture(List.of(json(true)), new PrivacySettings(Payload.HASH, TWO))) {
            long change = CHANGE.toEpochMilli();
            // leave-30s: the second snapshot's horizon reaches over the change, the first one's and the third's do not.
            for (long at : new long[] {change - 50_000, change - 10_000, change}) {
                flow.clock.set(at);
                flow.pipe("clicks", null, click(ID, "CHAT", at));
            }
            flow.clock.set(change + 20_000);
            flow.pipe("clicks", null, click(ID, "LEAVE", change + 20_000));
            flow.clock.set(change + 100_000);
            flow.pipe("clicks", null, click("other", "CHAT", change + 100_000));
            assertThat(flow.predictions())
                    .filteredOn(p -> p.getEventTime().toEpochMilli() <= change + 20_000)
                    .extracting(Prediction::getEntityId)
                    .containsOnly(TWO.all(ID).get(0).text(), TWO.all(ID).get(1).text());
            assertThat(flow.examples())
                    .filteredOn(example -> example.getHorizonMs() == 30_000)
                    .extracting(example -> example.getEntityId() + " "
                            + example.getLabels().get(0).getLabel())
                    .containsExactlyInAnyOrder(
                            TWO.all(ID).get(0).text() + " 0.0",
                            TWO.all(ID).get(1).text() + " 1.0");
        }
    }

    @Test
    void shouldKeepNothingOfWhatCantBeUsedButItsHash() {
        for (Payload payload : new Payload[] {Payload.HASH, Payload.NONE}) {
            try (FlowFixture flow = new FlowFixture(List.of(json(true)), new PrivacySettings(payload, null))) {
                flow.clock.set(FlowFixture.NOON + 100_000);
                flow.pipe("clicks", FlowFixture.utf8(ID), FlowFixture.utf8("\"" + ID + "\" "));
                flow.pipe("clicks", FlowFixture.utf8(ID), FlowFixture.utf8(ID));
                flow.pipe("clicks", FlowFixture.utf8(ID), FlowFixture.utf8("{\"who\":\"x\",\"at\":\"" + ID + "\"}"));
                flow.pipe("clicks", null, click("x", "CHAT", FlowFixture.NOON + 100_000));
                flow.pipe("clicks", null, click(ID, "CHAT", FlowFixture.NOON));
                List<FlowFixture.Letter> letters = flow.deadLetters();
                assertThat(letters).hasSize(4);
                assertThat(letters.get(3).reason().name()).isEqualTo("LATE");
                assertThat(letters).allSatisfy(letter -> {
                    assertThat(letter.key()).isNull();
                    assertThat(letter.value()).isNull();
                    assertThat(FlowFixture.header(letter.headers(), DeadLetters.PAYLOAD))
                            .isEqualTo(payload.name());
                    assertThat(letter.headers().lastHeader(DeadLetters.VALUE_SHA256) != null)
                            .isEqualTo(payload == Payload.HASH);
                    letter.headers()
                            .forEach(header -> assertThat(isMarked(header.value()))
                                    .as(header.key())
                                    .isFalse());
                });
                assertThat(flow.metrics.sum(Metric.DEAD_LETTERS)).isEqualTo(4);
            }
        }
    }
}
