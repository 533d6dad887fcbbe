package io.livepredict.streams.mapping;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * A number of which its schema says which time it is; as a number or text it is what was written.
 *
 * @serial not meant to be serialized
 */
public final class WrittenTime extends Number {
    private static final long serialVersionUID = 1;

    private final long written;
    private final transient Instant instant;
    private final boolean local;

    /**
     * @param written the number
     * @param instant the time; of a local one as if its zone were UTC
     * @param local whether the zone is the mapping's to know
     */
    public WrittenTime(long written, Instant instant, boolean local) {
        this.written = written;
        this.instant = instant;
        this.local = local;
    }

    /** The time, with no zone where it is a local one. */
    TimePattern.Written time() {
        return new TimePattern.Written(LocalDateTime.ofInstant(instant, ZoneOffset.UTC), local ? null : ZoneOffset.UTC);
    }

    @Override
    public int intValue() {
        return (int) written;
    }

    @Override
    public long longValue() {
        return written;
    }

    @Override
    public float floatValue() {
        return written;
    }

    @Override
    public double doubleValue() {
        return written;
    }

    @Override
    public String toString() {
        return Long.toString(written);
    }
}
