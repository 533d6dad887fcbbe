/** What goes on right now: entities, rooms, dead letters, models, what happened. Filled from topics, bounded, in memory. */
@NullMarked
package io.livepredict.deploy.console.live;

import org.jspecify.annotations.NullMarked;
