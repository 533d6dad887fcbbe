/** The one place that touches Kafka Streams' internals: doing work right before a task commits. */
package io.livepredict.streams.commit;
