/**
 * What runs inside Kafka Connect: the converter that reads LivePredict's topics, or any in the Confluent wire format, and
 * the supervisor that restarts what failed.
 */
@NullMarked
package io.livepredict.deploy.connect;

import org.jspecify.annotations.NullMarked;
