/** Optimisers, as graphs. */
@NullMarked
package io.livepredict.trainer.optimiser;

import org.jspecify.annotations.NullMarked;
