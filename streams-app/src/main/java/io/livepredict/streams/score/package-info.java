/** Rows in, scored rows out, a batch at a time, in order. The only state is the batch. */
package io.livepredict.streams.score;
