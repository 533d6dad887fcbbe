/** Every metric, declared once, and the counters behind it. */
@NullMarked
package io.livepredict.streams.metrics;

import org.jspecify.annotations.NullMarked;
