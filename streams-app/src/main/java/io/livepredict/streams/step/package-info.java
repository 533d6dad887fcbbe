/** The frame of the flow's steps: their life with a task, their names, and their stores. */
package io.livepredict.streams.step;
