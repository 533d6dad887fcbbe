package io.livepredict.streams.state;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Bytes;

/**
 * The key under which a store keeps an entity: the byte 1, then the entity's id in UTF-8. Keys that begin with another byte
 * are free for what a task keeps beside its entities. The bytes are in stores and changelogs and must not change.
 */
public final class EntityKey {
    private static final byte PREFIX = 1;

    private EntityKey() {}

    /** The key of that viewer or player. */
    public static Bytes of(String entityId) {
        byte[] utf8 = entityId.getBytes(StandardCharsets.UTF_8);
        byte[] key = new byte[utf8.length + 1];
        key[0] = PREFIX;
        System.arraycopy(utf8, 0, key, 1, utf8.length);
        return Bytes.wrap(key);
    }

    /** The viewer or player of that key. */
    public static String idOf(Bytes key) {
        return new String(key.get(), 1, key.get().length - 1, StandardCharsets.UTF_8);
    }
}
