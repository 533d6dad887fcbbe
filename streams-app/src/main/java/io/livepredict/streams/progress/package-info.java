/** How far the app has come in its input, as the brokers see it. */
@NullMarked
package io.livepredict.streams.progress;

import org.jspecify.annotations.NullMarked;
