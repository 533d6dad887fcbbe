package io.livepredict.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.livepredict.avro.PlayerEvent;
import io.livepredict.avro.ViewerEvent;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.Kind;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;

class CanonicalEventsProperties {
    private final AvroSerdes serdes = new AvroSerdes(new InProcessRegistry());

    @Provide
    Arbitrary<CanonicalEvent> events() {
        Arbitrary<String> text = Arbitraries.strings().alpha().ofMaxLength(12);
        return Combinators.combine(
                        text,
                        text,
                        text,
                        Arbitraries.longs(),
                        text,
                        Arbitraries.maps(text, Arbitraries.doubles()).ofMaxSize(4),
                        Arbitraries.maps(text, text).ofMaxSize(4),
                        text.injectNull(0.5))
                .as(CanonicalEvent::new);
    }

    @Property(tries = 200)
    void shouldReadBackWhatWasWritten(@ForAll("events") CanonicalEvent event, @ForAll Kind kind) {
        Serde<CanonicalEvent> serde = serdes.events(kind);
        byte[] bytes = serde.serializer().serialize("t", event);
        assertThat(serde.deserializer().deserialize("t", bytes)).isEqualTo(event);
    }

    /** The bytes are those of the generated classes, which other programs read and write. */
    @Example
    void shouldBeTheGeneratedClassesInBytes() {
        CanonicalEvent event = CanonicalEventBuilder.builder()
                .eventId("e")
                .entityId("who")
                .contextId("where")
                .timeMillis(1_000)
                .type("CHAT")
                .numbers(Map.of("length", 3.5))
                .attributes(Map.of("device", "tv"))
                .text("hello")
                .build();
        assertThat(serdes.events(Kind.VIEWER).serializer().serialize("v", event))
                .isEqualTo(serdes.value(ViewerEvent.class)
                        .serializer()
                        .serialize(
                                "v",
                                new ViewerEvent(
                                        "e",
                                        "who",
                                        "where",
                                        1_000L,
                                        "CHAT",
                                        event.numbers(),
                                        event.attributes(),
                                        "hello")));
        assertThat(serdes.events(Kind.PLAYER).serializer().serialize("p", event))
                .isEqualTo(serdes.value(PlayerEvent.class)
                        .serializer()
                        .serialize(
                                "p",
                                new PlayerEvent(
                                        "e",
                                        "who",
                                        "where",
                                        1_000L,
                                        "CHAT",
                                        event.numbers(),
                                        event.attributes(),
                                        "hello")));
    }

    @Example
    void shouldRefuseAnEventWithoutAnId() {
        CanonicalEvent event = CanonicalEventBuilder.builder()
                .entityId("who")
                .contextId("")
                .timeMillis(1)
                .type("CHAT")
                .numbers(Map.of())
                .attributes(Map.of())
                .build();
        assertThatExceptionOfType(SerializationException.class)
                .isThrownBy(() -> serdes.events(Kind.VIEWER).serializer().serialize("v", event))
                .withMessageStartingWith("can't write a ViewerEvent to v: ");
    }

    @Example
    @SuppressWarnings("NullAway") // Kafka's contract: null for null
    void shouldLeaveNullNull() {
        Serde<CanonicalEvent> serde = serdes.events(Kind.VIEWER);
        assertThat(serde.serializer().serialize("t", null)).isNull();
        assertThat(serde.deserializer().deserialize("t", null)).isNull();
    }
}
