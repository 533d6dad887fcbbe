/** Rows in, scored rows out, one batch at a time, in order. The only state is the batch. */
package io.livepredict.streams.score;
