package io.livepredict.streams.ingest;

import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A valid event as it travels through the repartition topic where ids are pseudonyms: nothing of the source record but what
 * features are made of. Types, numbers and attributes go by name, so that a configuration that changes in between mixes
 * nothing up. One thread's.
 */
final class EventBytes {
    /** Also tells these bytes from Avro, which begins with a zero. */
    private static final int LAYOUT = 1;

    private final List<String> types;
    private final List<String> numbers;
    private final List<String> attributes;
    private final List<Integer> buckets;
    private final int textBuckets;
    private final StateWriter writer = new StateWriter();
    private final StateReader reader = new StateReader();

    EventBytes(KindDefinition definition) {
        types = definition.eventTypes();
        numbers = new ArrayList<>(definition.numbers().keySet());
        attributes = new ArrayList<>(definition.attributes().keySet());
        buckets = new ArrayList<>(definition.attributes().values());
        textBuckets = definition.textBuckets();
    }

    byte[] write(Event event) {
        writer.reset();
        writer.writeByte(LAYOUT);
        writer.writeString(event.entityId());
        writer.writeString(event.contextId());
        writer.writeString(event.eventId());
        writer.writeLong(event.timeMillis());
        writer.writeString(types.get(event.type()));
        writer.writeVarint(event.numbers().length);
        for (int i = 0; i < event.numbers().length; i++) {
            writer.writeString(numbers.get(i));
            writer.writeDouble(event.numbers()[i]);
        }
        writer.writeVarint(event.attributeIds().length);
        for (int i = 0; i < event.attributeIds().length; i++) {
            writer.writeString(attributes.get(i));
            writer.writeVarint(buckets.get(i));
            writer.writeVarint(event.attributeIds()[i]);
        }
        writer.writeVarint(textBuckets);
        writer.writeVarint(event.tokens().length);
        for (int token : event.tokens()) {
            writer.writeVarint(token);
        }
        return writer.toBytes();
    }

    /**
     * The event, as far as the present configuration knows its parts.
     *
     * @return null if its type is not declared any more
     * @throws IllegalStateException if another build wrote it
     */
    @Nullable
    Event read(byte[] bytes) {
        reader.reset(bytes);
        int layout = reader.readByte();
        if (layout != LAYOUT) {
            throw new IllegalStateException("an event in a repartition topic has layout " + layout
                    + ", this build reads " + LAYOUT + ": go back to the build that wrote it");
        }
        Event.Builder event =
                Event.of(reader.readString()).context(reader.readString()).id(reader.readString());
        event.at(reader.readLong());
        int type = types.indexOf(reader.readString());
        event.numbers(readNumbers()).attributes(readAttributes()).tokens(readTokens());
        return type < 0 ? null : event.type(type).build();
    }

    private double[] readNumbers() {
        double[] values = numbers.isEmpty() ? Event.NO_NUMBERS : new double[numbers.size()];
        Arrays.fill(values, Double.NaN);
        for (int i = reader.readCount(); i > 0; i--) {
            int at = numbers.indexOf(reader.readString());
            double value = reader.readDouble();
            if (at >= 0) {
                values[at] = value;
            }
        }
        return values;
    }

    private int[] readAttributes() {
        int[] ids = attributes.isEmpty() ? Event.NONE : new int[attributes.size()];
        for (int i = reader.readCount(); i > 0; i--) {
            int at = attributes.indexOf(reader.readString());
            long of = reader.readVarint();
            int id = (int) reader.readVarint();
            if (at >= 0 && buckets.get(at) == of) {
                ids[at] = id;
            }
        }
        return ids;
    }

    private int[] readTokens() {
        boolean same = reader.readVarint() == textBuckets;
        int[] tokens = new int[reader.readCount()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = (int) reader.readVarint();
        }
        return same && tokens.length > 0 ? tokens : Event.NONE;
    }
}
