/** Answers over HTTP: what is known of an entity, what the model says of it, which models there are. */
@NullMarked
package io.livepredict.streams.api;

import org.jspecify.annotations.NullMarked;
