/**
 * Offline evaluation: a table of examples through the same learners that run online, prequentially, with a holdout or in k
 * folds; as a table, as JSON and as a picture.
 */
@NullMarked
package io.livepredict.trainer.study;

import org.jspecify.annotations.NullMarked;
