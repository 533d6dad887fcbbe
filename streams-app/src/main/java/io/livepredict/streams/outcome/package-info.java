/** Snapshots await what happens next, and become labelled examples when the watermark passes their horizon. */
package io.livepredict.streams.outcome;
