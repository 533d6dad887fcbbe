/** The production topology and the production learner over a recorded log, in event time, without a broker. */
package io.livepredict.deploy.backtest;
