package io.livepredict.streams.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinitionBuilder;
import io.livepredict.streams.mapping.RefusedRecordException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventResolverTest {
    @Test
    void shouldHashAttributesAndTokensIntoTheirBuckets() throws RefusedRecordException {
        KindDefinition shipped = KindDefinition.defaults(Kind.VIEWER);
        KindDefinition definition = KindDefinitionBuilder.builder(shipped)
                .kind(Kind.VIEWER)
                .attributes(Map.of("device", 8))
                .contextBuckets(1024)
                .textBuckets(100)
                .sequenceLength(32)
                .build();
        EventResolver resolver = new EventResolver(definition, TimeBounds.NONE);
        Event event = java.util.Objects.requireNonNull(resolver.resolve(
                CanonicalEventBuilder.builder()
                        .entityId("ada")
                        .contextId("")
                        .timeMillis(5)
                        .type("CHAT")
                        .numbers(Map.of())
                        .attributes(Map.of("device", "web"))
                        .text("Hello, hello WORLD 42")
                        .build(),
                "t-0-1",
                0));
        assertThat(event.eventId()).isEqualTo("t-0-1");
        assertThat(event.attributeIds()[0]).isBetween(1, 7).isEqualTo(Hashes.bucket("web", 8));
        assertThat(event.tokens()).hasSize(4);
        assertThat(event.tokens()[0]).isEqualTo(event.tokens()[1]).isNotEqualTo(event.tokens()[2]);
        assertThat(event.numbers()).containsExactly(Double.NaN);
    }

    @Test
    void shouldCountAnIdsLengthInBytes() {
        EventResolver resolver = new EventResolver(KindDefinition.defaults(Kind.VIEWER), TimeBounds.NONE);
        String wide = "\uD83D\uDE00".repeat(256); // four bytes each
        assertThat(wide.getBytes(StandardCharsets.UTF_8)).hasSize(Ids.MAX_BYTES);
        assertThat(wide).satisfies(id -> resolver.resolve(event(id), "x", 0));
        assertThatThrownBy(() -> resolver.resolve(event(wide + "x"), "x", 0))
                .isInstanceOfSatisfying(
                        RefusedRecordException.class,
                        e -> assertThat(e.reason()).isEqualTo(DeadLetterReason.ID_TOO_LONG));
    }

    @Test
    void shouldRefuseAnIdThatWouldBecomeAnothersInUtf8() {
        EventResolver resolver = new EventResolver(KindDefinition.defaults(Kind.VIEWER), TimeBounds.NONE);
        assertThatThrownBy(() -> resolver.resolve(event("a\uD800b"), "x", 0))
                .isInstanceOfSatisfying(RefusedRecordException.class, e -> {
                    assertThat(e.reason()).isEqualTo(DeadLetterReason.BAD_FIELD);
                    assertThat(e.words()).contains("surrogate");
                });
    }

    private static CanonicalEvent event(String id) {
        return CanonicalEventBuilder.builder()
                .eventId("e")
                .entityId(id)
                .contextId("")
                .timeMillis(5)
                .type("CHAT")
                .numbers(Map.of())
                .attributes(Map.of())
                .build();
    }
}
