package io.livepredict.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.Kind;
import io.livepredict.streams.metrics.Metric;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Everything that can be wrong with a record, between good ones: each kind has its own count, and the good records are scored. */
class BadInputTest {
    private static final long NOON = FlowFixture.NOON;

    @Test
    void shouldTellEachBadRecordApartAndScoreTheGoodOnesAroundIt() {
        try (FlowFixture flow = FlowFixture.canonical()) {
            String topic = flow.topics.events(Kind.VIEWER).name();
            byte[] ada = FlowFixture.utf8("ada");
            byte[] good = flow.bytes(flow.event("x", "ada", "CHAT", NOON));
            int otherId =
                    flow.registry.register("other-value", Schema.createRecord("Other", null, "a", false, List.of()));
            List<DeadLetterReason> expected = new ArrayList<>();
            List<byte @Nullable []> values = new ArrayList<>();
            class Input {
                int sent;

                void bad(DeadLetterReason reason, byte @Nullable [] key, byte @Nullable [] value) {
                    flow.send("good-" + sent++, "ada", "CHAT", flow.clock.get());
                    flow.pipe(topic, key, value);
                    expected.add(reason);
                    values.add(value);
                }
            }
            Input input = new Input();
            Random random = new Random(1);
            byte[] noise = new byte[200];
            random.nextBytes(noise);
            noise[0] = 7;

            input.bad(DeadLetterReason.UNDECODABLE, ada, noise);
            input.bad(DeadLetterReason.UNDECODABLE, ada, new byte[0]);
            input.bad(DeadLetterReason.UNDECODABLE, ada, java.util.Arrays.copyOf(good, good.length - 3));
            input.bad(DeadLetterReason.UNKNOWN_SCHEMA, ada, withId(good, 4711));
            input.bad(
                    DeadLetterReason.UNKNOWN_SCHEMA,
                    ada,
                    LivePredictTopologyTest.wire(otherId, emptyRecord(flow.registry.byId(otherId))));
            input.bad(DeadLetterReason.NULL_KEY, null, good);
            input.bad(DeadLetterReason.NULL_KEY, new byte[0], good);
            input.bad(DeadLetterReason.NULL_VALUE, ada, null);
            input.bad(DeadLetterReason.KEY_MISMATCH, FlowFixture.utf8("bob"), good);
            input.bad(
                    DeadLetterReason.TIME_AHEAD, ada, flow.bytes(flow.event("ahead", "ada", "CHAT", NOON + 3_600_000)));
            input.bad(DeadLetterReason.TIME_AHEAD, ada, flow.bytes(flow.event("max", "ada", "CHAT", Long.MAX_VALUE)));
            input.bad(
                    DeadLetterReason.TIME_BEHIND,
                    ada,
                    flow.bytes(flow.event("behind", "ada", "CHAT", NOON - 30 * 86_400_000L)));
            input.bad(DeadLetterReason.TIME_BEHIND, ada, flow.bytes(flow.event("min", "ada", "CHAT", Long.MIN_VALUE)));
            var nan = flow.event("nan", "ada", "GIFT", NOON, Map.of("gift_value", Double.NaN), null);
            input.bad(DeadLetterReason.NOT_FINITE, ada, flow.bytes(nan));
            var infinite = flow.event("inf", "ada", "GIFT", NOON, Map.of("other", Double.POSITIVE_INFINITY), null);
            input.bad(DeadLetterReason.NOT_FINITE, ada, flow.bytes(infinite));
            String longId = "x".repeat(1_000_000);
            input.bad(
                    DeadLetterReason.ID_TOO_LONG,
                    FlowFixture.utf8("x"),
                    flow.bytes(flow.event("long", longId, "CHAT", NOON)));
            input.bad(
                    DeadLetterReason.ID_TOO_LONG,
                    FlowFixture.utf8(longId),
                    flow.bytes(flow.event("k", "x", "CHAT", NOON)));
            input.bad(DeadLetterReason.MISSING_FIELD, ada, flow.bytes(flow.event("", "ada", "CHAT", NOON)));
            input.bad(DeadLetterReason.MISSING_FIELD, ada, flow.bytes(flow.event("no-type", "ada", "", NOON)));
            input.bad(DeadLetterReason.UNDECODABLE, ada, new byte[2_000_000]);
            flow.clock.addAndGet(10_000);
            flow.send("later", "ada", "CHAT", NOON + 10_000);
            input.bad(DeadLetterReason.LATE, ada, flow.bytes(flow.event("late", "ada", "CHAT", NOON + 4_000)));
            flow.pipe(topic, ada, flow.bytes(flow.event("undeclared", "ada", "SNEEZE", NOON + 10_000)));
            flow.pipe(topic, ada, flow.bytes(flow.event("later", "ada", "CHAT", NOON + 10_000)));
            flow.send("last", "ada", "CHAT", NOON + 10_001);

            List<FlowFixture.Letter> letters = flow.deadLetters();
            assertThat(letters).extracting(FlowFixture.Letter::reason).containsExactlyElementsOf(expected);
            assertThat(letters).allSatisfy(letter -> {
                assertThat(letter.topic()).isEqualTo(topic);
                assertThat(FlowFixture.header(letter.headers(), DeadLetters.MESSAGE))
                        .isNotBlank()
                        .hasSizeLessThanOrEqualTo(500)
                        .doesNotContain("\n");
                assertThat(size(letter.key()) + size(letter.value())).isLessThanOrEqualTo(600_000);
            });
            for (int i = 0; i < values.size(); i++) {
                if (size(values.get(i)) <= DeadLetters.MAX_VALUE_BYTES) {
                    assertThat(letters.get(i).value()).isEqualTo(values.get(i));
                } else {
                    assertThat(letters.get(i).value()).hasSize(DeadLetters.MAX_VALUE_BYTES);
                    assertThat(FlowFixture.header(letters.get(i).headers(), DeadLetters.VALUE_LENGTH))
                            .isEqualTo("" + size(values.get(i)));
                }
            }
            assertThat(flow.metrics.sum(Metric.DEAD_LETTERS)).isEqualTo(expected.size());
            for (DeadLetterReason reason : DeadLetterReason.values()) {
                assertThat(flow.metrics.sum(Metric.DEAD_LETTERS, "reason", reason.name()))
                        .as("%s", reason)
                        .isEqualTo(expected.stream().filter(reason::equals).count());
            }
            assertThat(flow.metrics.sum(Metric.EVENTS, "outcome", "undeclared-type"))
                    .isEqualTo(1);
            assertThat(flow.metrics.sum(Metric.EVENTS, "outcome", "repeated")).isEqualTo(1);

            List<String> scored = flow.predictions().stream()
                    .filter(p -> p.getTarget().equals("leave-30s"))
                    .map(Prediction::getEventId)
                    .toList();
            assertThat(scored).hasSize(input.sent + 2).doesNotHaveDuplicates().contains("good-0", "later", "last");
        }
    }

    private static GenericRecord emptyRecord(Schema schema) {
        return new GenericData.Record(schema);
    }

    private static byte[] withId(byte[] value, int id) {
        byte[] copy = value.clone();
        ByteBuffer.wrap(copy).putInt(1, id);
        return copy;
    }

    private static int size(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
