/** Losses, as graphs. */
@NullMarked
package io.livepredict.trainer.loss;

import org.jspecify.annotations.NullMarked;
