/** Sending events to their topics: what the simulator and the replay have in common. */
@NullMarked
package io.livepredict.deploy.feed;

import org.jspecify.annotations.NullMarked;
