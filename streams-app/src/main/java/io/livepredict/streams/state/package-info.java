/** Reading and writing the compact binary values of state stores. Knows nothing of what they mean. */
package io.livepredict.streams.state;
