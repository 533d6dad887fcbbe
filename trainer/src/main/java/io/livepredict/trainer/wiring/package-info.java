/** Constructs everything and joins it; the only place that does so across packages. */
package io.livepredict.trainer.wiring;
