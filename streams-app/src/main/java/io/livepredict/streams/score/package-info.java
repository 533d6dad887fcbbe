/** Rows in, scored rows out, one batch at a time, in order. The only state is the batch. */
@NullMarked
package io.livepredict.streams.score;

import org.jspecify.annotations.NullMarked;
