/**
 * What the parts agree on: kinds, events and their types, targets, the feature vector and its schema, topics, and what a
 * model says of itself. Imports the JDK and Kafka's {@code Serde}; {@link io.livepredict.contract.Topics} alone names the
 * generated records that lie in the topics.
 */
@NullMarked
package io.livepredict.contract;

import org.jspecify.annotations.NullMarked;
