package io.livepredict.streams.activity;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinition.Aggregate;
import io.livepredict.contract.KindDefinitionBuilder;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A definition as it lies beside the values that were written under it, so that they can be read under another. */
final class StoredDefinition {
    private static final int LAYOUT = 1;
    /** The same, and the steps of looks. */
    private static final int LAYOUT_WITH_LOOKS = 2;

    private StoredDefinition() {}

    static byte[] write(KindDefinition definition) {
        StateWriter out = new StateWriter();
        out.writeByte(definition.looks().isEmpty() ? LAYOUT : LAYOUT_WITH_LOOKS);
        out.writeString(definition.kind().id());
        writeNames(out, definition.eventTypes());
        writeNames(out, definition.sessionStart());
        writeNames(out, definition.sessionEnd());
        writeDurations(out, definition.windows());
        out.writeVarint(definition.sessionGap().toMillis());
        out.writeVarint(definition.halfLife().toMillis());
        out.writeVarint(definition.numbers().size());
        definition.numbers().forEach((name, aggregates) -> {
            out.writeString(name);
            writeNames(out, aggregates.stream().sorted().map(Enum::name).toList());
        });
        out.writeVarint(definition.attributes().size());
        definition.attributes().forEach((name, buckets) -> {
            out.writeString(name);
            out.writeVarint(buckets);
        });
        out.writeVarint(definition.contextBuckets());
        out.writeVarint(definition.textBuckets());
        out.writeVarint(definition.sequenceLength());
        if (!definition.looks().isEmpty()) {
            writeDurations(out, definition.looks());
        }
        return out.toBytes();
    }

    /** The definition, or null if it has another layout or cannot be read. */
    static @Nullable KindDefinition read(byte[] value) {
        StateReader in = new StateReader();
        in.reset(value);
        try {
            int layout = in.readByte();
            return layout == LAYOUT || layout == LAYOUT_WITH_LOOKS ? read(in, layout == LAYOUT_WITH_LOOKS) : null;
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            return null; // not what this class wrote, or no longer a valid definition
        }
    }

    private static KindDefinition read(StateReader in, boolean looks) {
        Kind kind = Kind.of(in.readString());
        List<String> types = readNames(in);
        Set<String> starts = new LinkedHashSet<>(readNames(in));
        Set<String> ends = new LinkedHashSet<>(readNames(in));
        List<Duration> windows = readDurations(in);
        Duration gap = Duration.ofMillis(in.readVarint());
        Duration halfLife = Duration.ofMillis(in.readVarint());
        Map<String, Set<Aggregate>> numbers = new LinkedHashMap<>();
        for (int i = in.readCount(); i > 0; i--) {
            String name = in.readString();
            Set<Aggregate> aggregates = new LinkedHashSet<>();
            readNames(in).forEach(aggregate -> aggregates.add(Aggregate.valueOf(aggregate)));
            numbers.put(name, aggregates);
        }
        Map<String, Integer> attributes = new LinkedHashMap<>();
        for (int i = in.readCount(); i > 0; i--) {
            attributes.put(in.readString(), in.readCount());
        }
        return KindDefinitionBuilder.builder()
                .kind(kind)
                .eventTypes(types)
                .sessionStart(starts)
                .sessionEnd(ends)
                .windows(windows)
                .sessionGap(gap)
                .halfLife(halfLife)
                .numbers(numbers)
                .attributes(attributes)
                .contextBuckets(in.readCount())
                .textBuckets(in.readCount())
                .sequenceLength(in.readCount())
                .looks(looks ? readDurations(in) : List.of())
                .build();
    }

    private static void writeDurations(StateWriter out, List<Duration> durations) {
        out.writeVarint(durations.size());
        durations.forEach(duration -> out.writeVarint(duration.toMillis()));
    }

    private static List<Duration> readDurations(StateReader in) {
        List<Duration> durations = new ArrayList<>();
        for (int i = in.readCount(); i > 0; i--) {
            durations.add(Duration.ofMillis(in.readVarint()));
        }
        return durations;
    }

    private static void writeNames(StateWriter out, Collection<String> names) {
        out.writeVarint(names.size());
        names.forEach(out::writeString);
    }

    private static List<String> readNames(StateReader in) {
        List<String> names = new ArrayList<>();
        for (int i = in.readCount(); i > 0; i--) {
            names.add(in.readString());
        }
        return names;
    }
}
