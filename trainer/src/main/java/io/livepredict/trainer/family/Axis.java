package io.livepredict.trainer.family;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One axis of a parameter: what each of its lines belongs to. A state is carried over to another schema line by line, so
 * what belongs to the same feature or target (name and definition) is kept wherever it stands.
 *
 * @param lines one per position, unique
 * @param fresh what a line is that the old state did not have: true for a fresh value (a new head), false for zero (a new
 *     input, which then changes no score)
 */
record Axis(List<String> lines, boolean fresh) {
    Axis {
        lines = List.copyOf(lines);
    }

    int size() {
        return lines.size();
    }

    /** Positions with no meaning outside the network. */
    static Axis hidden(int size) {
        return new Axis(IntStream.range(0, size).mapToObj(i -> "hidden " + i).toList(), true);
    }

    /** One line per dense feature. */
    static Axis dense(FeatureSchema schema) {
        return new Axis(
                schema.dense().stream()
                        .map(f -> "dense " + f.name() + ' ' + f.definition())
                        .toList(),
                false);
    }

    /** One line per piece of a pool; what a piece is of is in the state ({@link Pieces}). */
    static Axis pieces(int pool) {
        return new Axis(IntStream.range(0, pool).mapToObj(i -> "piece " + i).toList(), false);
    }

    /** One line per event type and one for the gap. */
    static Axis steps(FeatureSchema schema) {
        List<String> lines = new ArrayList<>();
        // A longer or shorter K does not change what a step is.
        schema.eventTypes().forEach(type -> lines.add("event " + type + ' ' + schema.sequenceDefinition()));
        lines.add("gap " + schema.sequenceDefinition());
        return new Axis(lines, false);
    }

    /** So many lines per id. */
    static Axis ids(FeatureSchema schema, int width) {
        List<String> lines = new ArrayList<>();
        schema.ids().forEach(f -> {
            for (int i = 0; i < width; i++) {
                lines.add("id " + f.name() + ' ' + f.buckets() + ' ' + f.definition() + ' ' + i);
            }
        });
        return new Axis(lines, false);
    }

    /** One line per target. */
    static Axis targets(List<Target> targets) {
        return new Axis(
                targets.stream()
                        .map(t -> "target " + t.name() + ' ' + t.definition())
                        .toList(),
                true);
    }

    /** The lines of one axis behind those of another. */
    Axis then(Axis other) {
        List<String> all = new ArrayList<>(lines);
        all.addAll(other.lines);
        return new Axis(all, fresh && other.fresh);
    }

    /** For each line its position in the old axis, -1 where it has none. */
    int[] positionsIn(Axis old) {
        return lines.stream().mapToInt(old.lines::indexOf).toArray();
    }
}
