package io.livepredict.trainer.imports;

import java.util.List;
import java.util.Map;

/**
 * How a user's own model fits in: which features each of its inputs takes, and which of its outputs predicts what.
 *
 * @param inputs by the input's name the features it takes, one per column: dense features and ids; what is not said
 * is found by
 *     name, or for the only input by position
 * @param outputs by the target's name {@code OUTPUT}, {@code OUTPUT:COLUMN} or {@code OUTPUT:CLASS}, columns from 0; without
 *     the output's name the one that looks most like it; empty: the only target, or those that outputs are named after
 * @param logits whether what it says of a target that is a probability is a logit: then its sigmoid is taken
 * @param strings by the input's name the texts that an input of strings knows; what is not said is read from the model
 */
public record ImportMapping(
        Map<String, List<String>> inputs,
        Map<String, String> outputs,
        boolean logits,
        Map<String, List<String>> strings) {

    /** Says nothing of strings. */
    public ImportMapping(Map<String, List<String>> inputs, Map<String, String> outputs, boolean logits) {
        this(inputs, outputs, logits, Map.of());
    }
}
