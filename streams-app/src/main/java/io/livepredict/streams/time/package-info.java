/** Event time: of one source partition, of a task that reads several, and how it passes a re-keying. */
package io.livepredict.streams.time;
