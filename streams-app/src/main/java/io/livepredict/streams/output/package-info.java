/** What leaves the app besides labels, so that people and machines can act on it: which predictions, rows, alerts. */
@NullMarked
package io.livepredict.streams.output;

import org.jspecify.annotations.NullMarked;
