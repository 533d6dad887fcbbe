/** One entity's event-time aggregates and the feature vector made of them. Knows nothing of models and labels. */
@NullMarked
package io.livepredict.streams.activity;

import org.jspecify.annotations.NullMarked;
