package io.livepredict.trainer.publish;

import java.util.List;
import java.util.Map;

/**
 * How a user's own model fits in: which features each of its inputs takes, and which of its outputs predicts what.
 *
 * @param inputs by the input's name, dense features by name, one a column; empty: the only input takes the whole dense vector
 * @param outputs by the target's name {@code OUTPUT} or {@code OUTPUT:COLUMN}, columns from 0; empty: the only output
 *     predicts the only target
 * @param logits whether what it says of a target that is a probability is a logit: then its sigmoid is taken
 */
public record ImportMapping(Map<String, List<String>> inputs, Map<String, String> outputs, boolean logits) {}
