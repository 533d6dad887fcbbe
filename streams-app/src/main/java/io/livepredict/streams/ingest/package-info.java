/** Source records to domain events: mapping, validation, dead letters. */
@NullMarked
package io.livepredict.streams.ingest;

import org.jspecify.annotations.NullMarked;
