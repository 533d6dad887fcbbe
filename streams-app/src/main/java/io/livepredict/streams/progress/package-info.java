/** How far the app has come in its input, as the brokers see it. */
package io.livepredict.streams.progress;
