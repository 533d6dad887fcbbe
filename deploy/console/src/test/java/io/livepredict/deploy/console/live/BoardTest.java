package io.livepredict.deploy.console.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.OracleRecord;
import io.livepredict.avro.Outlook;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Namespace;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.TrustedKeys;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BoardTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private Instant now = NOW.minusSeconds(100);
    private final InstantSource clock = () -> now;
    private final Board board = new Board(
            new ModelVerifier(Namespace.defaults(), TrustedKeys.of(List.of())),
            clock.withZone(ZoneOffset.UTC),
            Duration.ofSeconds(60));

    @BeforeEach
    void hasRunForAWhile() {
        now = NOW;
    }

    @Test
    void shouldSumWhatIsExpectedOfThosePresentInTheRoomOfTheirLastEvent() {
        predict("ann", "e1", "red", 20, "leave", 0.9, null, 0);
        predict("ann", "e2", "blue", 10, "leave", 0.25, "quiet for long", 0.5);
        predict(
                "bob",
                "e0",
                "blue",
                6,
                "leave",
                0.5,
                "quiet for long",
                1); // of the next score no reasons were computed
        predict("bob", "e3", "blue", 5, "leave", 0.5, null, 0);
        predict("bob", "e3", "blue", 5, "gift", 0.125, null, 0);
        predict("old", "e4", "blue", 61, "leave", 1, null, 0);

        JsonNode rooms = board.rooms(Kind.VIEWER, "leave");

        assertThat(rooms.get("present").asInt()).isEqualTo(2);
        assertThat(rooms.get("list")).hasSize(1);
        JsonNode blue = rooms.get("list").get(0);
        assertThat(blue.get("context").asText()).isEqualTo("blue");
        assertThat(blue.get("expected").get(0).asDouble()).isEqualTo(0.75);
        assertThat(blue.get("expected").get(1).asDouble()).isEqualTo(0.125);
        JsonNode why = blue.get("why").get(0);
        assertThat(why.get("words").asText()).isEqualTo("quiet for long");
        assertThat(why.get("entities").asInt()).isEqualTo(2);
        assertThat(rooms.get("likeliest").findValuesAsText("id")).containsExactly("bob", "ann");
    }

    @Test
    void shouldTellOfRoomsWhatTheOutlookSaysAndWhatCameOfIt() {
        predict("ann", "e1", "red", 20, "leave", 0.9, null, 0);
        predict("bob", "e2", "blue", 10, "leave", 0.25, "quiet for long", 0.5);
        board.take(outlook("blue", 50, 10, 8, 2, 3.0));
        board.take(outlook("blue", 20, 40, 4, 1, null));

        JsonNode rooms = board.rooms(Kind.VIEWER, "leave");

        assertThat(rooms.get("outlook").asBoolean()).isTrue();
        assertThat(rooms.get("list").findValuesAsText("context"))
                .as("nobody is in the room that the outlook does not tell of")
                .containsExactly("blue");
        JsonNode blue = rooms.get("list").get(0);
        assertThat(blue.get("present").asInt()).isEqualTo(40);
        assertThat(blue.get("expected").get(0).asDouble()).isEqualTo(40 * 3.0 / 12);
        assertThat(blue.at("/came/expected").asDouble()).isEqualTo(2);
        assertThat(blue.at("/came/happened").asDouble()).isEqualTo(3);
        assertThat(blue.at("/why/0/words").asText()).isEqualTo("quiet for long");
        assertThat(rooms.get("present").asInt()).isEqualTo(40);
    }

    @Test
    void shouldSumAgainWhatEntitiesSayOnceTheOutlookIsSilent() {
        board.take(outlook("blue", 20, 40, 4, 1, null));
        now = NOW.plusSeconds(119);
        predict("ann", "e1", "red", -115, "leave", 0.5, null, 0);
        assertThat(board.rooms(Kind.VIEWER, "leave").get("list")).isEmpty();

        now = NOW.plusSeconds(120);
        JsonNode rooms = board.rooms(Kind.VIEWER, "leave");

        assertThat(rooms.get("outlook").asBoolean()).isFalse();
        assertThat(rooms.get("list").findValuesAsText("context")).containsExactly("red");
        assertThat(rooms.at("/list/0/present").asInt()).isEqualTo(1);
    }

    @Test
    void shouldForgetRoomsOfWhichTheOutlookHasNotToldForFiveMinutes() {
        Outlooks outlooks = new Outlooks(clock, 100);
        outlooks.take(Kind.VIEWER, outlook("gone", 620, 10, 8, 2, 3.0));
        outlooks.take(Kind.VIEWER, outlook("left", 310, 10, 8, 2, 3.0));
        outlooks.take(Kind.VIEWER, outlook("blue", 20, 10, 8, 2, 3.0));
        outlooks.take(Kind.VIEWER, outlook("late", 330, 10, 8, 2, 3.0));

        assertThat(outlooks.came(Kind.VIEWER, "gone", "leave").snapshots()).isZero();
        assertThat(outlooks.came(Kind.VIEWER, "late", "leave").snapshots()).isZero();
        assertThat(outlooks.came(Kind.VIEWER, "left", "leave").snapshots()).isEqualTo(8);
        assertThat(outlooks.came(Kind.VIEWER, "blue", "leave").snapshots()).isEqualTo(8);
    }

    @Test
    void shouldHoldOnlyTheRoomsOfWhichTheOutlookToldLast() {
        Outlooks outlooks = new Outlooks(clock, 2);
        outlooks.take(Kind.VIEWER, outlook("gone", 400, 10, 8, 2, 3.0));
        outlooks.take(Kind.VIEWER, outlook("first", 30, 10, 8, 2, 3.0));
        outlooks.take(Kind.VIEWER, outlook("second", 20, 10, 8, 2, 3.0));
        assertThat(outlooks.present(Kind.VIEWER, "first")).isEqualTo(10);

        outlooks.take(Kind.VIEWER, outlook("third", 20, 10, 8, 2, 3.0));

        assertThat(outlooks.present(Kind.VIEWER, "second"))
                .as("the first was asked for since")
                .isZero();
        assertThat(outlooks.present(Kind.VIEWER, "first")).isEqualTo(10);
        assertThat(outlooks.present(Kind.VIEWER, "third")).isEqualTo(10);
    }

    @Test
    void shouldAddUpWhatCameOfTheLastFiveMinutesOnly() {
        Outlooks outlooks = new Outlooks(clock, 100);
        for (int ago = 700; ago > 0; ago -= 10) {
            outlooks.take(Kind.VIEWER, outlook("blue", ago, 10, 4, 2, null));
            outlooks.take(Kind.VIEWER, outlook("blue", ago, 10, 4, 2, 1.0));
        }
        assertThat(outlooks.came(Kind.VIEWER, "blue", "leave")).isEqualTo(new Outlooks.Came(31 * 4, 31 * 2, 31));
        assertThat(outlooks.expected(Kind.VIEWER, "blue", "leave")).isEqualTo(5);
    }

    private static Outlook outlook(
            String room, int secondsAgo, long present, long snapshots, double scores, @Nullable Double labels) {
        return new Outlook(
                "viewer",
                room,
                NOW.minusSeconds(secondsAgo),
                "leave",
                present,
                snapshots,
                scores,
                1L,
                1L,
                labels == null ? null : snapshots,
                labels);
    }

    @Test
    void shouldTellOfAnEntityWhatWasExpectedAndWhatCameOfIt() {
        predict("ann", "e1", "red", 20, "leave", 0.9, "quiet for long", 1.5);
        predict("ann", "e2", "red", 10, "leave", 0.4, null, 0);
        board.take(Kind.VIEWER, example("ann", "e1", 20, "leave", 1, 0.9));

        JsonNode ann = board.entity(Kind.VIEWER, "ann").orElseThrow();

        assertThat(ann.get("moments")).hasSize(2);
        assertThat(ann.at("/moments/0/labels/0").asDouble()).isEqualTo(1);
        assertThat(ann.at("/moments/1/labels/0").isMissingNode()
                        || ann.at("/moments/1/labels/0").isNull())
                .isTrue();
        assertThat(ann.at("/moments/0/reasons/0/0/words").asText()).isEqualTo("quiet for long");
        assertThat(board.entity(Kind.PLAYER, "ann")).isEmpty();
        assertThat(board.search(Kind.VIEWER, "nn").get("ids")).hasSize(1);
    }

    @Test
    void shouldCompareWhatWasServedWithWhatTheOracleExpectedAtThatMoment() {
        predict("ann", "e1", "red", 20, "leave", 0.5, null, 0);
        board.take(new OracleRecord(
                "viewer", "ann", NOW.minusSeconds(20).toEpochMilli(), new HashMap<>(Map.of("leave", 0.8))));
        board.take(Kind.VIEWER, example("ann", "e1", 20, "leave", 1, 0.5));

        Map<String, Double> row = new HashMap<>();
        board.putQuality(row);

        assertThat(row).containsEntry("quality.served.leave", Math.log(2));
        assertThat(row.get("quality.oracle.leave")).isCloseTo(-Math.log(0.8), offset(1e-6));
    }

    @Test
    void shouldHoldNoMoreThanItsBoundsHoweverManyEntitiesAndEventsCome() {
        for (int event = 0; event < 100; event++) {
            predict("busy", "busy-" + event, "red", 1, "leave", 0.5, null, 0);
        }
        for (int entity = 0; entity < Entities.MOST_MOMENTS + 1_000; entity++) {
            predict("e" + entity, "x" + entity, "red", 1, "leave", 0.5, null, 0);
        }
        assertThat(board.search(Kind.VIEWER, "e").get("held").asInt()).isEqualTo(Entities.MOST_MOMENTS);
        assertThat(board.entity(Kind.VIEWER, "busy")).as("quiet for longest").isEmpty();
        assertThat(board.count().events()).isEqualTo(Entities.MOST_MOMENTS + 1_100L);
    }

    @Test
    void shouldShowWhatTopicsHeldBeforeItsStartWithoutTakingItForTraffic() {
        predict("ann", "e1", "red", 3_000, "leave", 0.5, null, 0);
        board.takeDeadLetter(deadLetter("BAD_FIELD", 3_000));
        assertThat(board.entity(Kind.VIEWER, "ann")).isPresent();
        assertThat(board.deadLetters().get("last")).hasSize(1);
        Board.Counted counted = board.count();
        assertThat(counted.predictions()).isZero();
        assertThat(counted.events()).isZero();
        assertThat(counted.p50Millis()).isNaN();
        assertThat(counted.deadLetters()).isEmpty();

        predict("ann", "e2", "red", 2, "leave", 0.5, null, 0);
        board.takeDeadLetter(deadLetter("BAD_FIELD", 2));
        counted = board.count();
        assertThat(counted.predictions()).isEqualTo(1);
        assertThat(counted.p50Millis()).isEqualTo(2_000, offset(50.0));
        assertThat(counted.deadLetters()).containsExactly(Map.entry("BAD_FIELD", 1L));
    }

    @Test
    void shouldNotTakeTheReceiptOfAReplayForADeadLetter() {
        ConsumerRecord<byte[], byte[]> receipt = deadLetter("BAD_FIELD", 2);
        receipt.headers().remove(DeadLetters.REASON).add(DeadLetters.RECEIPT, new byte[] {1});
        board.takeDeadLetter(receipt);
        assertThat(board.deadLetters().get("last")).isEmpty();
        assertThat(board.count().deadLetters()).isEmpty();
    }

    private static ConsumerRecord<byte[], byte[]> deadLetter(String reason, int secondsAgo) {
        ConsumerRecord<byte[], byte[]> letter = new ConsumerRecord<>(
                "livepredict.dead-letters",
                0,
                0,
                NOW.minusSeconds(secondsAgo).toEpochMilli(),
                TimestampType.CREATE_TIME,
                0,
                0,
                new byte[0],
                new byte[0],
                new RecordHeaders(),
                Optional.empty());
        letter.headers().add(DeadLetters.REASON, reason.getBytes(StandardCharsets.UTF_8));
        return letter;
    }

    private void predict(
            String id,
            String event,
            String room,
            int secondsAgo,
            String target,
            double score,
            @Nullable String why,
            double by) {
        Instant at = NOW.minusSeconds(secondsAgo);
        board.take(
                Prediction.newBuilder()
                        .setKind("viewer")
                        .setEntityId(id)
                        .setContextId(room)
                        .setEventId(event)
                        .setEventType("CHAT")
                        .setEventTime(at)
                        .setTarget(target)
                        .setScore(score)
                        .setModelName("viewer")
                        .setModelVersion(3)
                        .setModelHash("")
                        .setScoredAt(at)
                        .setReason1(why)
                        .setContribution1(why == null ? null : by)
                        .build(),
                at.toEpochMilli());
    }

    private static LabelledExample example(
            String id, String event, int secondsAgo, String target, double label, double served) {
        long at = NOW.minusSeconds(secondsAgo).toEpochMilli();
        ByteBuffer none = ByteBuffer.allocate(0);
        return LabelledExample.newBuilder()
                .setEntityId(id)
                .setContextId("red")
                .setEventId(event)
                .setEventTime(at)
                .setAsOf(at)
                .setHorizonMs(30_000)
                .setFeatureSchema("s")
                .setDense(none)
                .setSequenceTypes(none)
                .setSequenceGaps(none)
                .setIds(none)
                .setLabels(List.of(new TargetLabel(target, "d", label, served, false)))
                .setModelVersion(3)
                .setModelHash("")
                .setEmittedAt(at)
                .build();
    }
}
