package io.livepredict.streams.topology;

import org.apache.kafka.streams.KeyValue;

/** Gives what re-keying forwards its types back, for the repartition topic's serdes. */
final class RekeyedRecord {
    private RekeyedRecord() {}

    static KeyValue<String, byte[]> of(Object key, Object value) {
        return KeyValue.pair((String) key, (byte[]) value);
    }
}
