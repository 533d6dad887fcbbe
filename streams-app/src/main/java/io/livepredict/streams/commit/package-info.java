/** The one place that touches Kafka Streams' internals: doing work right before a task commits. */
@NullMarked
package io.livepredict.streams.commit;

import org.jspecify.annotations.NullMarked;
