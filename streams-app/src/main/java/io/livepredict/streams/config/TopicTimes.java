package io.livepredict.streams.config;

import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topic;
import io.livepredict.settings.Settings;
import io.livepredict.settings.SettingsException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * For how long the topics keep records. Topics are made with it, {@code streams-app topics} says which existing ones differ, and
 * none is changed.
 *
 * @param retention how long records are kept, by the topic's name without the namespace, such as {@code {predictions: 30d}};
 *     topics that are compacted have none; default: 7 days, of drifts a year, of context parts an hour
 * @param compactionLag after how long at most a value that was replaced or deleted is gone from a compacted topic, the
 *     changelogs of state included ({@code max.compaction.lag.ms}); default {@code 1d}
 * @param segment after how long at most a new file begins in each partition ({@code segment.ms}): records are deleted a
 *     file at a time, so they may be there for so much longer than their retention; default: the brokers' own
 */
public record TopicTimes(
        @Nullable Map<String, Duration> retention,
        @Nullable Duration compactionLag,
        @Nullable Duration segment) {
    private static final Duration COMPACTION_LAG = Duration.ofDays(1);

    public TopicTimes {
        retention = retention == null ? Map.of() : new LinkedHashMap<>(retention);
        retention.forEach((topic, duration) -> positive("retention." + topic, duration));
        compactionLag = compactionLag == null ? COMPACTION_LAG : compactionLag;
        positive("compaction-lag", compactionLag);
        if (segment != null) {
            positive("segment", segment);
        }
    }

    private static void positive(String key, Duration duration) {
        if (duration.toMillis() < 1) {
            throw new IllegalArgumentException(key + " must be longer than " + DurationFormat.format(duration));
        }
    }

    /** As shipped. */
    static TopicTimes defaults() {
        return new TopicTimes(null, null, null);
    }

    /**
     * The topics with these times.
     *
     * @throws SettingsException if a retention is of a topic that is not among them, or is compacted
     */
    List<Topic<?, ?>> of(Namespace namespace, List<Topic<?, ?>> topics) {
        Set<String> kept = new LinkedHashSet<>();
        List<Topic<?, ?>> timed = new ArrayList<>();
        for (Topic<?, ?> topic : topics) {
            String name = topic.name().substring(namespace.name("").length());
            Map<String, String> times = new LinkedHashMap<>();
            if (segment != null) {
                times.put("segment.ms", Long.toString(segment.toMillis()));
            }
            if (topic.compacted()) {
                times.put("max.compaction.lag.ms", Long.toString(compactionLag().toMillis()));
                timed.add(topic.timed(times));
                continue;
            }
            kept.add(name);
            Duration own = retention().get(name);
            timed.add((own == null ? topic : topic.keptFor(own.toMillis())).timed(times));
        }
        for (String name : retention().keySet()) {
            if (!kept.contains(name)) {
                throw new SettingsException(
                        List.of("topics", "retention", name),
                        "topics.retention: " + name + " is no topic with a retention" + Settings.didYouMean(name, kept)
                                + "; there are " + String.join(", ", kept),
                        null);
            }
        }
        return timed;
    }

    /** The configuration that changelogs of state are made with. */
    public Map<String, String> ofChangelogs() {
        Map<String, String> times = new LinkedHashMap<>();
        times.put("max.compaction.lag.ms", Long.toString(compactionLag().toMillis()));
        if (segment != null) {
            times.put("segment.ms", Long.toString(segment.toMillis()));
        }
        return times;
    }

    @Override
    @SuppressWarnings("NullAway") // the constructor leaves none null
    public Map<String, Duration> retention() {
        return retention;
    }

    @Override
    @SuppressWarnings("NullAway") // the constructor leaves none null
    public Duration compactionLag() {
        return compactionLag;
    }
}
