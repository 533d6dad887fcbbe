/** Event time: of one source partition, of a task that reads several, and how it passes a re-keying. */
@NullMarked
package io.livepredict.streams.time;

import org.jspecify.annotations.NullMarked;
