/** The trainer's metrics: declared once in {@link io.livepredict.trainer.metrics.Metric}, served for Prometheus. */
package io.livepredict.trainer.metrics;
