/** Prequential metrics with bounded memory. */
package io.livepredict.trainer.evaluation;
