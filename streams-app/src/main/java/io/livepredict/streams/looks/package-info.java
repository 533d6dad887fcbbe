/** Looks at entities that are silent: after which steps, what is remembered of them, and their timers. */
@NullMarked
package io.livepredict.streams.looks;

import org.jspecify.annotations.NullMarked;
