package io.livepredict.trainer.family;

import io.livepredict.trainer.graph.Value;
import org.jspecify.annotations.Nullable;

/**
 * An example batch as a network sees it, and where attributions are taken.
 *
 * @param dense [N, D], normalised
 * @param steps [N, K, E + 1]: one-hot event type (all zero for padding) and gap; null where the network reads no sequence
 * @param padding [N, K, 1]: 1 where there is no event
 * @param embedded [N, I, width] or null
 * @param wide [N, I, T] or null
 * @param pieces [P, N], as {@link Pieces} says; null where the network has none, or none yet
 */
record Encoded(
        Value dense,
        @Nullable Value steps,
        @Nullable Value padding,
        @Nullable Value embedded,
        @Nullable Value wide,
        @Nullable Value pieces) {}
