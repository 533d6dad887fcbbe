package io.livepredict.serde;

import io.livepredict.avro.PlayerEvent;
import io.livepredict.avro.ViewerEvent;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.SerdeSource;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** Canonical events as Avro records and back: viewers' and players' records differ in the names of two fields only. */
final class CanonicalEvents {
    private CanonicalEvents() {}

    /** The serde of a kind's events, over the serde of its generated class. Null is null both ways. */
    static Serde<CanonicalEvent> serde(Kind kind, SerdeSource serdes) {
        return switch (kind) {
            case VIEWER -> over(serdes.value(ViewerEvent.class), CanonicalEvents::viewer, CanonicalEvents::canonical);
            case PLAYER -> over(serdes.value(PlayerEvent.class), CanonicalEvents::player, CanonicalEvents::canonical);
        };
    }

    @SuppressWarnings("NullAway") // Kafka's contract: null for null
    private static <T extends SpecificRecord> Serde<CanonicalEvent> over(
            Serde<T> serde, Function<CanonicalEvent, T> toAvro, Function<T, CanonicalEvent> fromAvro) {
        return Serdes.serdeFrom(
                (topic, event) -> serde.serializer().serialize(topic, event == null ? null : toAvro.apply(event)),
                (topic, bytes) -> {
                    T record = serde.deserializer().deserialize(topic, bytes);
                    return record == null ? null : fromAvro.apply(record);
                });
    }

    private static ViewerEvent viewer(CanonicalEvent e) {
        return new ViewerEvent(
                e.eventId(),
                e.entityId(),
                e.contextId(),
                e.timeMillis(),
                e.type(),
                e.numbers(),
                e.attributes(),
                e.text());
    }

    private static PlayerEvent player(CanonicalEvent e) {
        return new PlayerEvent(
                e.eventId(),
                e.entityId(),
                e.contextId(),
                e.timeMillis(),
                e.type(),
                e.numbers(),
                e.attributes(),
                e.text());
    }

    private static CanonicalEvent canonical(ViewerEvent e) {
        return new CanonicalEvent(
                e.getEventId(),
                e.getViewerId(),
                e.getRoomId(),
                e.getEventTime(),
                e.getType(),
                e.getNumbers(),
                e.getAttributes(),
                e.getText());
    }

    private static CanonicalEvent canonical(PlayerEvent e) {
        return new CanonicalEvent(
                e.getEventId(),
                e.getPlayerId(),
                e.getMatchId(),
                e.getEventTime(),
                e.getType(),
                e.getNumbers(),
                e.getAttributes(),
                e.getText());
    }
}
