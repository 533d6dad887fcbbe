/** The trainer's metrics: declared once in {@link io.livepredict.trainer.metrics.Metric}, served for Prometheus. */
@NullMarked
package io.livepredict.trainer.metrics;

import org.jspecify.annotations.NullMarked;
