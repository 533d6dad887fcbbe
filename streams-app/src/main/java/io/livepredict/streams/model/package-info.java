/** Models: received from their topic, verified, and made the active one while scoring goes on. */
@NullMarked
package io.livepredict.streams.model;

import org.jspecify.annotations.NullMarked;
