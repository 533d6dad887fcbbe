package io.livepredict.streams.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.streams.mapping.RefusedRecordException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalTextTest {
    private static final InProcessRegistry REGISTRY = new InProcessRegistry();
    private static final AvroSerdes SERDES = new AvroSerdes(REGISTRY);

    private final Ingest ingest = new Source("t", Kind.VIEWER, Source.Format.CANONICAL, null, true)
            .ingest(
                    KindDefinition.defaults(Kind.VIEWER),
                    TimeBounds.NONE,
                    new EventFormats(SERDES, () -> new AvroDecoder(REGISTRY)),
                    (column, why) -> {});

    @AfterAll
    static void close() {
        REGISTRY.close();
    }

    private static byte[] event(String id) {
        return SERDES.events(Kind.VIEWER)
                .serializer()
                .serialize(
                        "t",
                        CanonicalEventBuilder.builder()
                                .eventId("event-" + id)
                                .entityId("viewer-" + id)
                                .contextId("room-" + id)
                                .timeMillis(1_700_000_000_000L)
                                .type("CHAT")
                                .numbers(Map.of())
                                .attributes(Map.of("device", "device-" + id))
                                .text("text-" + id)
                                .build());
    }

    private SourceRecord record(byte[] value) {
        return new SourceRecord(null, value, "t", 0, 1, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"event-é", "viewer-é", "room-é", "device-é", "text-é"})
    void shouldRefuseTextThatIsNotUtf8(String of) {
        byte[] value = event("é");
        byte[] good = of.getBytes(StandardCharsets.UTF_8);
        String bytes = new String(value, StandardCharsets.ISO_8859_1);
        int at = bytes.indexOf(new String(good, StandardCharsets.ISO_8859_1)) + good.length - 1;
        value[at] = 'x'; // the second byte of é is none any more
        assertThatThrownBy(() -> ingest.take(record(value))).isInstanceOfSatisfying(RefusedRecordException.class, e -> {
            assertThat(e.reason()).isEqualTo(DeadLetterReason.BAD_FIELD);
            assertThat(e.words()).contains("not text in UTF-8");
        });
    }

    @Test
    void shouldTakeTheSignThatStandsForWhatCantBeReadWhereItWasSent() throws RefusedRecordException {
        Ingest.Valid taken = (Ingest.Valid) ingest.take(record(event("\uFFFD")));
        assertThat(taken.ingested().event().entityId()).isEqualTo("viewer-\uFFFD");
    }
}
