/** The Kafka clients that Kafka Streams is given: records wait in their partitions until their schemas are known. */
@NullMarked
package io.livepredict.streams.client;

import org.jspecify.annotations.NullMarked;
