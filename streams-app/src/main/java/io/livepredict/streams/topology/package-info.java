/** The whole flow on one screen. */
@NullMarked
package io.livepredict.streams.topology;

import org.jspecify.annotations.NullMarked;
