/** The frame of the flow's steps: their life with a task, their names, and their stores. */
@NullMarked
package io.livepredict.streams.step;

import org.jspecify.annotations.NullMarked;
