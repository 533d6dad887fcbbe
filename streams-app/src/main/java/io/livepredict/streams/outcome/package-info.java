/**
 * Snapshots await what happens next, and become labelled examples when label time passes their horizon. Knows nothing
 * of how features are made or scores computed.
 */
@NullMarked
package io.livepredict.streams.outcome;

import org.jspecify.annotations.NullMarked;
