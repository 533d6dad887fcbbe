/** One entity's event-time aggregates and the feature vector made of them. Knows nothing of models and labels. */
package io.livepredict.streams.activity;
