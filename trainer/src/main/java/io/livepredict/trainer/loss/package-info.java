/** Losses, as graphs. */
package io.livepredict.trainer.loss;
