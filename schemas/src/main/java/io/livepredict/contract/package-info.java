/**
 * What the parts agree on: kinds, event types, targets, the feature vector and its schema, topics, and what a model
 * says of itself. Imports the JDK and Kafka's {@code Serde} only.
 */
package io.livepredict.contract;
