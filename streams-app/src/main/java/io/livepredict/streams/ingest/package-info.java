/** Source records to domain events: mapping, validation, dead letters. */
package io.livepredict.streams.ingest;
