/** Targets as they are looked up per event: names resolved to positions. */
@NullMarked
package io.livepredict.streams.targets;

import org.jspecify.annotations.NullMarked;
