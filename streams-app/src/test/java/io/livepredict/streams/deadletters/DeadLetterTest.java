package io.livepredict.streams.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.DeadLetters.Payload;
import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.ingest.DeadLetterRecords;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.ingest.SourceRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the app writes to the dead letters is found there. */
class DeadLetterTest {
    private static @Nullable DeadLetter written(SourceRecord source, String without) {
        Record<byte[], byte[]> record =
                DeadLetterRecords.of(source, Payload.KEEP, DeadLetterReason.SCORING_FAILED, "no score", 5_000);
        ConsumerRecord<byte[], byte[]> read =
                new ConsumerRecord<>("ns.dead-letters", 2, 9, record.key(), record.value());
        record.headers().forEach(read.headers()::add);
        read.headers().remove(without);
        return DeadLetter.of(read);
    }

    @Test
    void shouldFindTheDeadLetterOfALookWhichHasNoRecord() {
        Event look = Event.of("ada")
                .context("r")
                .id("ada@1+60000")
                .at(60_001)
                .type(0)
                .build();
        assertThat(written(SourceRecord.ofLook(look, 3), "")).isNotNull().satisfies(letter -> {
            assertThat(letter.source().topic()).isEqualTo(KindDefinition.LOOK);
            assertThat(letter.source().partition()).isEqualTo(3);
            assertThat(letter.reason()).isEqualTo("SCORING_FAILED");
        });
    }

    @Test
    void shouldTakeNoRecordForADeadLetterThatDoesNotSayWhereItCameFrom() {
        SourceRecord source = new SourceRecord(null, new byte[] {1}, "plays", 0, 7, 1_000);
        assertThat(written(source, "")).isNotNull();
        assertThat(written(source, DeadLetters.OFFSET)).isNull();
        assertThat(written(source, DeadLetters.PARTITION)).isNull();
        assertThat(written(source, DeadLetters.TOPIC)).isNull();
        assertThat(written(source, DeadLetters.REASON)).isNull();
    }
}
