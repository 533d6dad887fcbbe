package io.livepredict.streams.time;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.streams.processor.StreamPartitioner;

/** Sends announcements to all partitions, and everything else to where its key belongs. */
public final class AnnouncementPartitioner implements StreamPartitioner<String, byte[]> {
    private volatile Set<Integer> all = Set.of();

    @Override
    public Optional<Set<Integer>> partitions(String topic, String key, byte[] value, int numPartitions) {
        if (!SourceAnnouncement.KEY.equals(key)) {
            return Optional.empty();
        }
        Set<Integer> every = all;
        if (every.size() != numPartitions) {
            every = IntStream.range(0, numPartitions).boxed().collect(Collectors.toUnmodifiableSet());
            all = every;
        }
        return Optional.of(every);
    }
}
