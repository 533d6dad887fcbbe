/**
 * How good a scorer is, measured before it learns from an example (prequential, "test-then-train"), with bounded memory:
 * log-loss, AUC, Brier score and calibration error, fading and over a recent window; trivial references to compare with;
 * ADWIN for change. Pure: the JDK and {@code contract} only.
 */
@NullMarked
package io.livepredict.trainer.evaluation;

import org.jspecify.annotations.NullMarked;
