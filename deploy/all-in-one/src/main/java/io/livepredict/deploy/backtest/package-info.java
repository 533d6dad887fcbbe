/** The production topology and the production learner over a recorded log, in event time, without a broker. */
@NullMarked
package io.livepredict.deploy.backtest;

import org.jspecify.annotations.NullMarked;
