package io.livepredict.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.streams.context.ContextReader;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.mapping.MappingSettingsBuilder;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.model.TestModels;
import io.livepredict.streams.score.ScoreSettings;
import io.livepredict.streams.time.PartitionTime;
import io.livepredict.streams.time.SourceAnnouncement;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class LivePredictTopologyTest {
    private static final long NOON = FlowFixture.NOON;

    @Test
    void shouldPredictThePriorBeforeThereIsAModel() {
        try (FlowFixture flow = FlowFixture.canonical()) {
            flow.send("e1", "ada", "JOIN", NOON);

            List<Prediction> predictions = flow.predictions();
            assertThat(predictions).hasSize(2).allSatisfy(p -> {
                assertThat(p.getModelVersion()).isZero();
                assertThat(p.getModelHash()).isEmpty();
                assertThat(p.getScore()).isEqualTo(0.25);
                assertThat(p.getEntityId()).isEqualTo("ada");
                assertThat(p.getContextId()).isEqualTo("room");
                assertThat(p.getEventId()).isEqualTo("e1");
            });
            assertThat(predictions).extracting(Prediction::getTarget).containsExactly("leave-30s", "gift-10s");
        }
    }

    @Test
    void shouldScoreWithTheModelThatWasSwappedIn() {
        try (FlowFixture flow = FlowFixture.canonical()) {
            flow.send("e1", "ada", "JOIN", NOON);
            TestModels.Builder model = TestModels.over(flow.schema, flow.targets)
                    .dense(flow.schema.dense().get(0).name())
                    .weight(0)
                    .bias(2);
            flow.publish(model.published(flow.key));
            flow.send("e2", "ada", "CHAT", NOON + 1000);
            flow.publish(model.version(2).bias(-2).published(flow.key));
            flow.send("e3", "ada", "CHAT", NOON + 2000);

            List<Prediction> predictions = flow.predictions();
            assertThat(predictions).extracting(Prediction::getModelVersion).containsExactly(0L, 0L, 1L, 1L, 2L, 2L);
            assertThat(predictions.get(2).getScore()).isCloseTo(0.8808, within(1e-4));
            assertThat(predictions.get(4).getScore()).isCloseTo(0.1192, within(1e-4));
            assertThat(predictions.get(4).getModelHash())
                    .hasSize(64)
                    .isNotEqualTo(predictions.get(2).getModelHash());
            assertThat(flow.metrics.sum(Metric.ACTIVATIONS)).isEqualTo(2);
            assertThat(flow.metrics.sum(Metric.ACTIVE_VERSION)).isEqualTo(2);
        }
    }

    @Test
    void shouldLabelTheVectorThatWasScoredWithWhatHappenedThen() {
        try (FlowFixture flow = FlowFixture.canonical()) {
            flow.send("e1", "ada", "JOIN", NOON);
            flow.send("e2", "ada", "LEAVE", NOON + 20_000);
            flow.send("e3", "bob", "JOIN", NOON + 60_000);

            List<LabelledExample> examples = flow.examples().stream()
                    .filter(e -> e.getEventId().equals("e1"))
                    .toList();
            assertThat(examples).hasSize(2).allSatisfy(example -> {
                float[] dense = new float[flow.schema.dense().size()];
                FeatureVector.read(example.getDense(), dense);
                assertThat(example.getFeatureSchema()).isEqualTo(flow.schema.id());
                assertThat(example.getLabels()).hasSize(1);
                assertThat(example.getLabels().get(0).getServedScore()).isEqualTo(0.25);
            });
            assertThat(examples)
                    .extracting(e -> e.getLabels().get(0).getTarget() + "="
                            + e.getLabels().get(0).getLabel())
                    .containsExactlyInAnyOrder("leave-30s=1.0", "gift-10s=0.0");
        }
    }

    @Test
    void shouldKeepEachEntitysOrderAndMakeOnePredictionPerEventAndTarget() {
        try (FlowFixture flow = FlowFixture.canonical()) {
            Random random = new Random(5);
            List<String> types = List.of("JOIN", "CHAT", "LIKE", "LEAVE", "FOLLOW", "GIFT");
            long expected = 0;
            for (int i = 0; i < 500; i++) {
                String type = types.get(random.nextInt(types.size()));
                for (Target target : flow.targets) {
                    expected += target.predictOn().contains(type) ? 1 : 0;
                }
                flow.send("e" + i, "v" + random.nextInt(7), type, NOON + i * 100L);
            }

            List<Prediction> predictions = flow.predictions();
            assertThat(predictions).hasSize((int) expected);
            assertThat(flow.metrics.sum(Metric.PREDICTIONS)).isEqualTo(expected);
            assertThat(flow.metrics.sum(Metric.EVENTS, "outcome", "valid")).isEqualTo(500);
            for (int v = 0; v < 7; v++) {
                String viewer = "v" + v;
                assertThat(predictions)
                        .filteredOn(p -> p.getEntityId().equals(viewer))
                        .isSortedAccordingTo((a, b) -> a.getEventTime().compareTo(b.getEventTime()));
            }
        }
    }

    @Test
    void shouldScoreANullKeyJsonTopicThatIsRekeyed() {
        try (FlowFixture flow = new FlowFixture(List.of(json("clicks", true)))) {
            flow.pipe(
                    "clicks",
                    null,
                    FlowFixture.utf8("{\"who\":{\"id\":\"ada\"},\"at\":1772366400.5,\"what\":\"hi\","
                            + "\"room\":\"r1\",\"cents\":12}"));
            flow.pipe("clicks", FlowFixture.utf8("k"), FlowFixture.utf8("not json"));
            flow.pipe("clicks", null, FlowFixture.utf8("{\"who\":{\"id\":\"bob\"},\"at\":1772366401,\"what\":\"hi\"}"));
            flow.pipe(
                    "clicks", null, FlowFixture.utf8("{\"who\":{\"id\":\"bob\"},\"at\":1772366401,\"what\":\"odd\"}"));

            assertThat(flow.predictions())
                    .filteredOn(p -> p.getTarget().equals("leave-30s"))
                    .extracting(p -> p.getEntityId() + " " + p.getContextId() + " " + p.getEventId() + " "
                            + p.getEventTime().toEpochMilli())
                    .containsExactly("ada r1 clicks-0-0 1772366400500", "bob  clicks-0-2 1772366401000");
            List<FlowFixture.Letter> letters = flow.deadLetters();
            assertThat(letters).hasSize(1);
            assertThat(letters.get(0).topic()).isEqualTo("clicks");
            assertThat(letters.get(0).offset()).isEqualTo(1);
            assertThat(letters.get(0).key()).isEqualTo(FlowFixture.utf8("k"));
            assertThat(letters.get(0).value()).isEqualTo(FlowFixture.utf8("not json"));
            assertThat(flow.metrics.sum(Metric.EVENTS, "outcome", "undeclared-type"))
                    .isEqualTo(1);
            assertThat(flow.metrics.sum(Metric.DEAD_LETTERS)).isEqualTo(1);
        }
    }

    @Test
    void shouldNameTheUsersRecordWhenARekeyedOneIsLate() {
        try (FlowFixture flow = new FlowFixture(List.of(json("clicks", true)))) {
            flow.clock.set(NOON + 100_000);
            flow.pipe(
                    "clicks",
                    FlowFixture.utf8("x"),
                    FlowFixture.utf8("{\"who\":{\"id\":\"ada\"},\"at\":" + (NOON / 1000 + 90) + ",\"what\":\"hi\"}"));
            byte[] late = FlowFixture.utf8("{\"who\":{\"id\":\"bob\"},\"at\":" + NOON / 1000 + ",\"what\":\"hi\"}");
            flow.pipe("clicks", FlowFixture.utf8("y"), late);

            List<FlowFixture.Letter> letters = flow.deadLetters();
            assertThat(letters).hasSize(1);
            assertThat(letters.get(0).reason().name()).isEqualTo("LATE");
            assertThat(letters.get(0).topic()).isEqualTo("clicks");
            assertThat(letters.get(0).offset()).isEqualTo(1);
            assertThat(letters.get(0).key()).isEqualTo(FlowFixture.utf8("y"));
            assertThat(letters.get(0).value()).isEqualTo(late);
        }
    }

    @Test
    void shouldLetLabelsWaitForEverySourceAndAnnounceHowFarEachHasCome() {
        try (FlowFixture flow = new FlowFixture(List.of(json("clicks", true), json("taps", true)))) {
            flow.clock.set(NOON + 100_000);
            flow.pipe("clicks", null, hello("ada", 0));
            flow.pipe("clicks", null, hello("bob", 60));
            flow.driver.advanceWallClockTime(java.time.Duration.ofSeconds(2));
            assertThat(flow.examples()).isEmpty();
            assertThat(flow.written("test.streams-viewer-clicks-repartition"))
                    .filteredOn(record -> record.key().length == 0)
                    .extracting(record -> SourceAnnouncement.read(record.value()))
                    .containsExactly(new SourceAnnouncement(
                            new TopicPartition("clicks", 0), NOON + 55_000, PartitionTime.NONE, 1));

            flow.pipe("taps", null, hello("cy", 50)); // not late, though clicks are further
            assertThat(flow.examples())
                    .isNotEmpty()
                    .allMatch(example -> example.getEntityId().equals("ada"));
            assertThat(flow.deadLetters()).isEmpty();
        }
    }

    private static byte[] hello(String who, int second) {
        return FlowFixture.utf8(
                "{\"who\":{\"id\":\"" + who + "\"},\"at\":" + (NOON / 1000 + second) + ",\"what\":\"hi\"}");
    }

    @Test
    void shouldScoreAForeignAvroTopic() {
        Schema foreign = SchemaBuilder.record("Click")
                .namespace("shop")
                .fields()
                .name("user")
                .type()
                .record("User")
                .fields()
                .requiredLong("number")
                .endRecord()
                .noDefault()
                .requiredLong("when")
                .requiredString("kind")
                .endRecord();
        MappingSettings mapping = MappingSettingsBuilder.builder()
                .kind(Kind.VIEWER)
                .time(MappingSettings.Time.of("when", MappingSettings.Unit.MICROS))
                .id(List.of("user.number"))
                .type(MappingSettings.Type.of("kind"))
                .build();
        try (FlowFixture flow =
                new FlowFixture(List.of(new Source("shop", Kind.VIEWER, Source.Format.AVRO, mapping, false)))) {
            int id = flow.registry.register("shop-value", foreign);
            GenericRecord user = new GenericData.Record(foreign.getField("user").schema());
            user.put("number", 42L);
            GenericRecord click = new GenericData.Record(foreign);
            click.put("user", user);
            click.put("when", NOON * 1000 + 999);
            click.put("kind", "CHAT");
            flow.pipe("shop", FlowFixture.utf8("42"), wire(id, click));
            flow.pipe("shop", FlowFixture.utf8("43"), wire(id, click));

            assertThat(flow.predictions())
                    .hasSize(2)
                    .allSatisfy(p -> assertThat(p.getEntityId()).isEqualTo("42"))
                    .allSatisfy(p -> assertThat(p.getEventTime().toEpochMilli()).isEqualTo(NOON));
            assertThat(flow.deadLetters())
                    .extracting(letter -> letter.reason().name())
                    .containsExactly("KEY_MISMATCH");
        }
    }

    @Test
    void shouldGiveReasonsForTheRowsThatPassTheThreshold() {
        Source canonical = new Source("test.viewer-events", Kind.VIEWER, Source.Format.CANONICAL, null, false);
        try (FlowFixture flow = new FlowFixture(List.of(canonical), new ScoreSettings.Explain(0.5, 0))) {
            List<String> counts = flow.schema.dense().stream()
                    .map(f -> f.name())
                    .filter(name -> name.contains("CHAT"))
                    .limit(4)
                    .toList();
            TestModels.Builder model = TestModels.over(flow.schema, flow.targets)
                    .dense(counts.toArray(String[]::new))
                    .weight(1)
                    .bias(-1)
                    .explaining();
            flow.publish(model.published(flow.key));
            assertThat(flow.activation.activeVersion()).isEqualTo(1);
            flow.send("e0", "ada", "JOIN", NOON);
            IntStream.range(1, 6).forEach(i -> flow.send("e" + i, "ada", "CHAT", NOON + i * 1000));

            List<Prediction> predictions = flow.predictions();
            assertThat(predictions).allSatisfy(p -> {
                if (p.getScore() >= 0.5) {
                    assertThat(p.getReason1()).isNotNull().contains("chat");
                    assertThat(p.getContribution1()).isPositive();
                } else {
                    assertThat(p.getReason1()).isNull();
                }
            });
            assertThat(predictions).anySatisfy(p -> assertThat(p.getReason1()).isNotNull());
            assertThat(flow.metrics.sum(Metric.EXPLAINED)).isPositive();
        }
    }

    @Test
    void shouldTellTheModelWhatGoesOnInTheRoomWhenContextFeaturesAreOn() {
        Source canonical = new Source("test.viewer-events", Kind.VIEWER, Source.Format.CANONICAL, null, false);
        try (FlowFixture flow = new FlowFixture(List.of(canonical), ScoreSettings.Explain.NEVER, true)) {
            List<io.livepredict.contract.DenseFeature> room = ContextReader.features(flow.definition);
            int own = flow.schema.dense().size() - room.size();
            assertThat(flow.schema.dense().subList(own, flow.schema.dense().size()))
                    .isEqualTo(room);
            for (int i = 0; i < 60; i++) {
                flow.send("crowd-" + i, "v" + i % 5, "CHAT", NOON + i * 1000L);
            }
            flow.send("e1", "ada", "JOIN", NOON + 60_000);
            flow.send("e2", "ada", "CHAT", NOON + 200_000);

            LabelledExample joined = flow.examples().stream()
                    .filter(e -> e.getEventId().equals("e1"))
                    .findFirst()
                    .orElseThrow();
            float[] dense = new float[flow.schema.dense().size()];
            FeatureVector.read(joined.getDense(), dense);
            float busiest = 0;
            for (int i = own; i < dense.length; i++) {
                busiest = Math.max(busiest, dense[i]);
            }
            assertThat(busiest).isBetween(10f, 50f); // chats of the others, of buckets closed ten seconds before
        }
    }

    @Test
    void shouldKeepPartsOfRoomsFromNowHoweverOldTheEventsAre() {
        Source canonical = new Source("test.viewer-events", Kind.VIEWER, Source.Format.CANONICAL, null, false);
        try (FlowFixture flow = new FlowFixture(List.of(canonical), ScoreSettings.Explain.NEVER, true)) {
            flow.sendOld(flow.event("e1", "ada", "JOIN", NOON - 7_200_000));
            flow.sendOld(flow.event("e2", "ada", "CHAT", NOON - 7_000_000));

            assertThat(flow.timestamps(flow.topics.contextParts(Kind.VIEWER).name()))
                    .isNotEmpty()
                    .containsOnly(NOON);
        }
    }

    @Test
    void shouldDescribeTheTopologyAsItWasWhenItsStateWasWritten() throws java.io.IOException {
        List<Source> sources = new ArrayList<>();
        sources.add(new Source("test.viewer-events", Kind.VIEWER, Source.Format.CANONICAL, null, false));
        sources.add(json("clicks", true));
        try (FlowFixture flow = new FlowFixture(sources)) {
            assertThat(flow.topology.describe().toString().strip()).isEqualTo(golden());
        }
    }

    /** Kafka Streams' description. A difference here means new names of changelog topics: empty state after an upgrade. */
    private static String golden() throws java.io.IOException {
        try (var in = LivePredictTopologyTest.class.getResourceAsStream("topology.txt")) {
            return text(java.util.Objects.requireNonNull(in).readAllBytes()).strip();
        }
    }

    static Source json(String topic, boolean rekey) {
        return new Source(
                topic,
                Kind.VIEWER,
                Source.Format.JSON,
                MappingSettingsBuilder.builder()
                        .kind(Kind.VIEWER)
                        .time(MappingSettings.Time.of("at", MappingSettings.Unit.SECONDS))
                        .id(List.of("who.id"))
                        .context("room")
                        .type(new MappingSettings.Type("what", java.util.Map.of("hi", "JOIN", "say", "CHAT"), null))
                        .numbers(java.util.Map.of("gift_value", "cents"))
                        .build(),
                rekey);
    }

    static byte[] wire(int id, GenericRecord record) {
        try {
            java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
            out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
            var encoder = EncoderFactory.get().binaryEncoder(out, null);
            new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
            encoder.flush();
            return out.toByteArray();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
