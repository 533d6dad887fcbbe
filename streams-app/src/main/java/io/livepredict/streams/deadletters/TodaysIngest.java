package io.livepredict.streams.deadletters;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.SerdeSource;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.NamedSerdes;
import io.livepredict.serde.SchemaRegistry;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.ingest.EventFormats;
import io.livepredict.streams.ingest.Ingest;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.ingest.SourceRecord;
import io.livepredict.streams.mapping.RefusedRecordException;
import io.livepredict.streams.time.PartitionTime;
import io.livepredict.topics.TopicFollower;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration makes of records today. Whether an event is late by now follows from the last records of its source
 * partition, so it is known about as well as a person can see it there; the app itself decides by all of them.
 */
final class TodaysIngest {
    /** So many of a partition's last offsets say how far it has come. */
    private static final long TAIL = 1_000;

    private final StreamsAppSettings settings;
    private final Map<String, Object> consumerConfig;
    private final Map<String, Ingest> ingests = new HashMap<>();
    /** By source topic and partition. */
    private final Map<String, Map<Integer, PartitionTime>> times = new HashMap<>();

    TodaysIngest(StreamsAppSettings settings, SchemaRegistry registry, Map<String, Object> consumerConfig) {
        this.settings = settings;
        this.consumerConfig = consumerConfig;
        SerdeSource serdes = NamedSerdes.from(settings.registry(), registry);
        EventFormats formats = new EventFormats(
                serdes, () -> new AvroDecoder(registry), settings.privacy().pseudonyms());
        for (Source source : settings.sources()) {
            ingests.put(
                    source.topic(),
                    source.ingest(
                            settings.kinds().definition(source.kind()),
                            settings.timeBounds(),
                            formats,
                            (column, why) -> {}));
        }
    }

    /** What would become of a record. */
    sealed interface Fate {
        /** An event that counts. */
        record Taken() implements Fate {}

        /**
         * An event behind its partition's watermark.
         *
         * @param watermarkMillis how far the partition has come
         */
        record Late(long watermarkMillis) implements Fate {}

        /** Left out on purpose. */
        record LeftOut(String why) implements Fate {}

        /** A dead letter again. */
        record Refused(DeadLetterReason reason) implements Fate {}

        /** No source of the configuration reads its topic. */
        record NoSource() implements Fate {}
    }

    Fate of(SourceRecord record) {
        Ingest ingest = ingests.get(record.topic());
        if (ingest == null) {
            return new Fate.NoSource();
        }
        try {
            return switch (ingest.take(record)) {
                case Ingest.Skipped skipped -> new Fate.LeftOut(skipped.why().name());
                case Ingest.Valid valid -> {
                    long watermark = watermark(ingest, record.topic(), record.partition());
                    yield valid.ingested().event().timeMillis() < watermark
                            ? new Fate.Late(watermark)
                            : new Fate.Taken();
                }
            };
        } catch (RefusedRecordException e) {
            return new Fate.Refused(e.reason());
        }
    }

    private long watermark(Ingest ingest, String topic, int partition) {
        PartitionTime time =
                times.computeIfAbsent(topic, absent -> read(ingest, topic)).get(partition);
        return time == null ? PartitionTime.NONE : time.watermarkMillis();
    }

    private Map<Integer, PartitionTime> read(Ingest ingest, String topic) {
        Map<Integer, PartitionTime> read = new TreeMap<>();
        try (TopicFollower follower = new TopicFollower(consumerConfig, topic)) {
            if (!follower.toLast(TAIL)) {
                return read;
            }
            follower.toEnd(record -> {
                SourceRecord source = new SourceRecord(
                        record.key(),
                        record.value(),
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        record.timestamp());
                Long eventMillis = eventMillis(ingest, source);
                if (eventMillis != null) {
                    read.computeIfAbsent(
                                    record.partition(),
                                    absent -> new PartitionTime(
                                            settings.time().grace(),
                                            settings.time().isLive()))
                            .take(eventMillis, record.timestamp());
                }
            });
        }
        return read;
    }

    private static @Nullable Long eventMillis(Ingest ingest, SourceRecord record) {
        try {
            return ingest.take(record) instanceof Ingest.Valid valid
                    ? valid.ingested().event().timeMillis()
                    : null;
        } catch (RefusedRecordException e) {
            return null;
        }
    }
}
