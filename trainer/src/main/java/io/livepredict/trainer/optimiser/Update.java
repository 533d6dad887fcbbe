package io.livepredict.trainer.optimiser;

import io.livepredict.trainer.graph.Value;
import java.util.List;

/**
 * What an optimiser makes of a gradient.
 *
 * @param parameters the new parameters themselves, not a difference
 * @param slots the new slots, in the optimiser's order
 */
public record Update(Value parameters, List<Value> slots) {
    public Update {
        slots = List.copyOf(slots);
    }
}
