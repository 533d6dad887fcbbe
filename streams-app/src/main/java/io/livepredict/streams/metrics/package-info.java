/** Every metric, declared once, and the counters behind it. */
package io.livepredict.streams.metrics;
