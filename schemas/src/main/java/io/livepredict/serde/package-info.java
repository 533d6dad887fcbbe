/**
 * Avro in the Confluent wire format (a zero byte, a four-byte schema id, Avro binary), and the schema registry that
 * gives the ids. Knows nothing of any topic or record type in particular.
 */
@NullMarked
package io.livepredict.serde;

import org.jspecify.annotations.NullMarked;
