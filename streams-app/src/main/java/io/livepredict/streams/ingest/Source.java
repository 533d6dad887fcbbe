package io.livepredict.streams.ingest;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.mapping.EventMapping;
import io.livepredict.streams.mapping.FieldFaults;
import io.livepredict.streams.mapping.MappingSettings;
import org.jspecify.annotations.Nullable;

/**
 * A topic that events of one kind are read from.
 *
 * @param topic its full name
 * @param kind whose events
 * @param format how its values are written
 * @param mapping how they become events; null for canonical records
 * @param rekey whether it is keyed by something else than the entity id, and goes through a repartition topic
 */
public record Source(
        String topic, Kind kind, Format format, @Nullable MappingSettings mapping, boolean rekey) {
    /** How values are written. */
    public enum Format {
        /** This project's own Avro schemas. */
        CANONICAL,
        /** Avro of any schema, Confluent wire format. */
        AVRO,
        /** One JSON object per record. */
        JSON
    }

    public Source {
        if ((format == Format.CANONICAL) != (mapping == null)) {
            throw new IllegalArgumentException(
                    format == Format.CANONICAL
                            ? "source " + topic + ": canonical events need no mapping"
                            : "source " + topic + ": a mapping is missing");
        }
        if (mapping != null && !mapping.logKeys().isEmpty()) {
            throw new IllegalArgumentException(
                    "source " + topic + ": its mapping says " + String.join(", ", mapping.logKeys())
                            + ", which is for log files; records of a topic have none of it");
        }
        if (mapping != null && mapping.kind() != kind) {
            throw new IllegalArgumentException("source " + topic + ": its mapping is for another kind");
        }
    }

    /**
     * Makes the reader of this source's records for one task.
     *
     * @param faults hears of optional values that are left out because they can't be used
     */
    public Ingest ingest(KindDefinition definition, TimeBounds bounds, EventFormats formats, FieldFaults faults) {
        RecordDecoder decoder = mapping == null
                ? Decoders.canonical(kind, topic, formats)
                : switch (format) {
                    case CANONICAL -> Decoders.canonical(kind, topic, formats);
                    case AVRO -> Decoders.avro(formats.avro().get(), new EventMapping(mapping, faults));
                    case JSON -> Decoders.json(new EventMapping(mapping, faults));
                };
        return new Ingest(decoder, new EventResolver(definition, bounds), !rekey, formats.pseudonyms());
    }
}
