package io.livepredict.streams.time;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The times of all source partitions whose events reach one task, and the one time that follows from them.
 *
 * <p>Source partitions are read at different speeds, so the order in which their events arrive here says nothing of the
 * order in which they happened. Two things are therefore kept apart:
 *
 * <ul>
 *   <li>An event is <em>late</em> by the watermark of its own source partition ({@link PartitionTime}), and by nothing else.
 *   <li><em>Label time</em> is the minimum over all source partitions of their times: up to then everything has arrived, so up
 *       to then labels can be decided. The time of a partition is its watermark, or while it is quiet the moment up to which
 *       its owner knows that it was, if that is later.
 * </ul>
 *
 * <p>What this guarantees:
 *
 * <ol>
 *   <li>In whatever order the partitions' records are merged, the same events are late, and after all of them label time is
 *       the same.
 *   <li>An event that is not late is never before label time, unless the clock had moved it: that a partition is quiet makes
 *       nothing late. When a quiet partition speaks again, its watermark alone is its time, and label time may go back to it:
 *       what was decided stays decided, but the labels of what was held back wait for what follows it.
 *   <li>A source partition of which nothing was heard holds label time. Nothing times out here: only the partition's owner,
 *       who reads it, can say that it is quiet. A partition that a topic gets later decides nothing before it is heard of
 *       either, and undoes nothing.
 *   <li>{@link #write} and {@link #read} between any two records change no watermark and thus nothing that is late.
 * </ol>
 *
 * <p>Sources that the task reads itself are entries like those behind a re-keying, with the difference that their watermarks
 * are kept here. A task with a single such source has one entry, and label time is that entry's. Pure; not safe for use from
 * several threads.
 */
public final class SourceTimes {
    private static final long NONE = PartitionTime.NONE;
    /** The value is the watermark of the one source that the task reads itself, and nothing else. */
    private static final int WATERMARK_ALONE = 1;

    private static final int TABLE = 2;
    private static final Entry[] NO_ENTRIES = {};

    /** One source partition. */
    private static final class Entry {
        final TopicPartition source;
        /** Of a source that this task reads itself; null behind a re-keying. */
        final @Nullable PartitionTime own;

        long watermarkMillis = NONE;
        /** {@link #NONE} while it is not quiet. */
        long quietUntilMillis = NONE;

        Entry(TopicPartition source, @Nullable PartitionTime own) {
            this.source = source;
            this.own = own;
        }

        long timeMillis() {
            return Math.max(watermarkMillis, quietUntilMillis);
        }
    }

    /** By topic: one entry where the task reads it itself, one per partition of the topic behind a re-keying. */
    private final Map<String, Entry[]> entries = new LinkedHashMap<>();

    /** The minimum of the entries' times. */
    private long labelTimeMillis = NONE;

    /**
     * The times of a task that has read nothing yet.
     *
     * @param partition the task's: the partition of each direct topic that it reads
     */
    public SourceTimes(TimeSettings settings, int partition, TaskInput input) {
        for (String topic : input.direct()) {
            entries.put(
                    topic, new Entry[] {new Entry(new TopicPartition(topic, partition), new PartitionTime(settings))});
        }
        input.rekeyed().forEach(this::expect);
    }

    private SourceTimes() {}

    /**
     * The times of sources that all are announced.
     *
     * @param partitions by topic how many it has
     */
    public static SourceTimes announced(Map<String, Integer> partitions) {
        SourceTimes times = new SourceTimes();
        partitions.forEach(times::expect);
        return times;
    }

    /**
     * Takes in an event of a source that the task reads itself.
     *
     * @param eventMillis event time
     * @param stampMillis its record's timestamp as the broker has it
     * @return the watermark of its source partition, including this event
     */
    public long take(String topic, long eventMillis, long stampMillis) {
        Entry entry = direct(topic);
        PartitionTime own = entry.own;
        if (own == null) {
            throw new IllegalStateException(topic + " is not read by this task itself");
        }
        set(entry, own.take(eventMillis, stampMillis), NONE);
        return entry.watermarkMillis;
    }

    /** Takes in what a record of a source behind a re-keying carries: the watermark of its partition, including itself. */
    public void carried(TopicPartition source, long watermarkMillis) {
        heard(source, source.partition() + 1, watermarkMillis, NONE);
    }

    /** Takes in what the owner of a source partition announces. */
    public void announced(SourceAnnouncement said) {
        heard(said.source(), said.partitions(), said.watermarkMillis(), said.quietUntilMillis());
    }

    private void heard(TopicPartition source, int partitions, long watermarkMillis, long quietUntilMillis) {
        Entry[] known = entries.get(source.topic());
        if (known == null) {
            return; // a source that is no longer configured, whose last records were still on their way
        }
        if (partitions > known.length) {
            known = expect(source.topic(), partitions);
        }
        set(known[source.partition()], watermarkMillis, quietUntilMillis);
    }

    /** The watermark of a source that the task reads itself. */
    public long watermarkMillis(String topic) {
        return direct(topic).watermarkMillis;
    }

    /** Takes in up to when the clock says that nothing happened in a source that the task reads itself. */
    public void quiet(String topic, long untilMillis) {
        Entry entry = direct(topic);
        set(entry, entry.watermarkMillis, Math.max(entry.quietUntilMillis, untilMillis));
    }

    /** A topic behind a re-keying has at least so many partitions; those not known so far have not been heard of. */
    private Entry[] expect(String topic, int partitions) {
        Entry[] known = entries.getOrDefault(topic, NO_ENTRIES);
        if (partitions <= known.length) {
            return known;
        }
        Entry[] grown = Arrays.copyOf(known, partitions);
        for (int p = known.length; p < partitions; p++) {
            grown[p] = new Entry(new TopicPartition(topic, p), null);
        }
        entries.put(topic, grown);
        labelTimeMillis = NONE;
        return grown;
    }

    private void set(Entry entry, long watermarkMillis, long quietUntilMillis) {
        long before = entry.timeMillis();
        entry.watermarkMillis = Math.max(entry.watermarkMillis, watermarkMillis);
        entry.quietUntilMillis = quietUntilMillis;
        long now = entry.timeMillis();
        if (now < labelTimeMillis) {
            labelTimeMillis = now;
        } else if (now > before && before == labelTimeMillis) { // no other entry's rise changes the minimum
            labelTimeMillis = slowest().timeMillis();
        }
    }

    private Entry slowest() {
        Entry slowest = null;
        for (Entry[] partitions : entries.values()) {
            for (Entry entry : partitions) {
                if (slowest == null || entry.timeMillis() < slowest.timeMillis()) {
                    slowest = entry;
                }
            }
        }
        if (slowest == null) {
            throw new IllegalStateException("a task without source partitions");
        }
        return slowest;
    }

    private Entry direct(String topic) {
        Entry[] one = entries.get(topic);
        if (one == null || one.length != 1) {
            throw new IllegalStateException(topic + " is not read by this task itself");
        }
        return one[0];
    }

    /** Label time, epoch milliseconds; {@link PartitionTime#NONE} while some source partition was not heard of. */
    public long labelTimeMillis() {
        return labelTimeMillis;
    }

    /**
     * The source partition that label time waits for.
     *
     * @param source which
     * @param timeMillis how far it has come
     * @param othersMillis how far the furthest has come
     */
    public record Slowest(TopicPartition source, long timeMillis, long othersMillis) {}

    /** Which source partition label time waits for; empty where all are as far. */
    public Optional<Slowest> waitsFor() {
        Entry slowest = slowest();
        long furthest = NONE;
        for (Entry[] partitions : entries.values()) {
            for (Entry entry : partitions) {
                furthest = Math.max(furthest, entry.timeMillis());
            }
        }
        return slowest.timeMillis() == furthest
                ? Optional.empty()
                : Optional.of(new Slowest(slowest.source, slowest.timeMillis(), furthest));
    }

    /**
     * Everything there is to remember. For a single source that the task reads itself that is mostly its watermark; until
     * the time since it has been quiet is then determined again.
     */
    public byte[] write() {
        StateWriter out = new StateWriter();
        PartitionTime only = only();
        if (only != null && only.isOnlyItsWatermark()) {
            out.writeByte(WATERMARK_ALONE);
            out.writeLong(only.watermarkMillis());
            return out.toBytes();
        }
        out.writeByte(TABLE);
        long base = labelTimeMillis == NONE ? 0 : labelTimeMillis;
        out.writeLong(base);
        out.writeVarint(entries.size());
        entries.forEach((topic, partitions) -> {
            out.writeString(topic);
            out.writeVarint(partitions.length);
            for (Entry entry : partitions) {
                PartitionTime own = entry.own;
                out.writeByte(own == null ? 0 : 1);
                if (own != null) {
                    own.write(out);
                }
                write(out, base, entry.watermarkMillis);
                write(out, base, entry.quietUntilMillis);
            }
        });
        return out.toBytes();
    }

    /** As the distance from label time, which is short for most. */
    private static void write(StateWriter out, long base, long millis) {
        out.writeByte(millis == NONE ? 0 : 1);
        if (millis != NONE) {
            out.writeSigned(millis - base);
        }
    }

    private static long readTime(StateReader in, long base) {
        return in.readByte() == 0 ? NONE : in.readSigned() + base;
    }

    /**
     * Goes on from what was written. A source that is new since then has not been heard of, one that is gone is forgotten.
     *
     * @throws IllegalStateException if a later build wrote it
     */
    public void read(byte[] stored) {
        StateReader in = new StateReader();
        in.reset(stored);
        int layout = in.readByte();
        switch (layout) {
            case WATERMARK_ALONE -> readWatermark(in.readLong());
            case TABLE -> readTable(in);
            default ->
                throw new IllegalStateException("the stored times of the sources have layout " + layout
                        + ", this build reads up to " + TABLE
                        + ": go back to the build that wrote them, or reset the application's state");
        }
        labelTimeMillis = slowest().timeMillis();
    }

    /**
     * The task had one source. Or it was run by a build that kept one watermark for all of them: then no partition's
     * own watermark is known, and the stored one makes nothing late.
     */
    private void readWatermark(long watermarkMillis) {
        PartitionTime only = only();
        if (only != null) {
            only.goOnFrom(watermarkMillis);
            slowest().watermarkMillis = watermarkMillis;
        }
    }

    private void readTable(StateReader in) {
        long base = in.readLong();
        for (int topics = in.readCount(); topics > 0; topics--) {
            String topic = in.readString();
            int partitions = in.readCount();
            for (int p = 0; p < partitions; p++) {
                readEntry(in, base, place(topic, p, partitions));
            }
        }
    }

    /** Where what was stored of a partition belongs now; null where its topic is read in another way or not at all. */
    private @Nullable Entry place(String topic, int partition, int storedPartitions) {
        Entry[] known = entries.getOrDefault(topic, NO_ENTRIES);
        boolean direct = known.length == 1 && known[0].own != null;
        return partition < known.length && (!direct || storedPartitions == 1) ? known[partition] : null;
    }

    private static void readEntry(StateReader in, long base, @Nullable Entry entry) {
        PartitionTime own = entry == null ? null : entry.own;
        boolean wasDirect = in.readByte() == 1;
        if (wasDirect) {
            (own == null ? new PartitionTime(Duration.ZERO, false) : own).read(in);
        }
        long watermark = readTime(in, base);
        long quiet = readTime(in, base);
        if (entry != null) {
            entry.watermarkMillis = watermark;
            entry.quietUntilMillis = quiet;
            if (own != null && !wasDirect) {
                own.goOnFrom(watermark);
            }
        }
    }

    /** The time of the source that is the task's only one and read by itself; null for none. */
    private @Nullable PartitionTime only() {
        Entry[] first = entries.values().iterator().next();
        return entries.size() == 1 && first.length == 1 ? first[0].own : null;
    }
}
