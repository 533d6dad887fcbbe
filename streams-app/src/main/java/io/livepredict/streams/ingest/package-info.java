/** Source records to domain events: decoding, validation, dead letters. */
@NullMarked
package io.livepredict.streams.ingest;

import org.jspecify.annotations.NullMarked;
