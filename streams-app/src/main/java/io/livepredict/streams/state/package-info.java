/** Reading and writing the compact binary values of state stores. Knows nothing of what they mean. */
@NullMarked
package io.livepredict.streams.state;

import org.jspecify.annotations.NullMarked;
