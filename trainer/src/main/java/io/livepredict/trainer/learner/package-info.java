/**
 * The loop: examples in, test-then-train on every learner, champion and other learners, drift, checkpoints, resuming.
 * {@link io.livepredict.trainer.learner.KindLearner} is the core and knows no Kafka client;
 * {@link io.livepredict.trainer.learner.KindTrainer} drives it from topics, the backtest drives it directly.
 */
@NullMarked
package io.livepredict.trainer.learner;

import org.jspecify.annotations.NullMarked;
