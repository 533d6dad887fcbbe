/** Optimisers, as graphs. */
package io.livepredict.trainer.optimiser;
