/** Constructs everything and joins it; the only place that does so across packages. */
@NullMarked
package io.livepredict.trainer.wiring;

import org.jspecify.annotations.NullMarked;
