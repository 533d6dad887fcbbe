package io.livepredict.streams.output;

import io.livepredict.streams.time.OutputGate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What leaves the app besides labelled examples.
 *
 * @param gate of which times outputs leave
 * @param flat whether each prediction is a record of its own
 * @param rows whether an event's predictions are sent as one row, and the rows' schema
 * @param emissions by target which of its predictions are sent; all of a target that is not in it
 * @param alerts of all kinds
 * @param presentFor how long after its last event an entity counts as present in the outlook; empty where there is no outlook
 */
public record OutputSettings(
        OutputGate gate,
        boolean flat,
        Optional<RowSchema> rows,
        Map<String, Emission> emissions,
        List<AlertRule> alerts,
        Optional<Duration> presentFor) {
    public OutputSettings {
        emissions = Map.copyOf(emissions);
        alerts = List.copyOf(alerts);
    }

    /** Every prediction in a record of its own, and nothing else. */
    public static OutputSettings plain() {
        return new OutputSettings(OutputGate.OPEN, true, Optional.empty(), Map.of(), List.of(), Optional.empty());
    }

    /** The same through another gate. */
    public OutputSettings through(OutputGate other) {
        return new OutputSettings(other, flat, rows, emissions, alerts, presentFor);
    }
}
