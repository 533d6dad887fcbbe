package io.livepredict.streams.config;

import io.livepredict.streams.config.StreamsAppConfig.Guarantee;
import java.util.LinkedHashMap;
import java.util.Map;

/** The properties that Kafka Streams and its clients get. */
public final class StreamsProperties {
    private static final int MIB = 1 << 20;

    private StreamsProperties() {}

    /** Those that follow from the settings, under the user's own; a new map each time. */
    public static Map<String, Object> of(StreamsAppSettings settings) {
        Map<String, Object> properties = new LinkedHashMap<>(settings.kafka().client(settings.applicationId()));
        properties.put("application.id", settings.applicationId());
        properties.put("group.protocol", "classic");
        properties.put(
                "processing.guarantee",
                settings.guarantee() == Guarantee.EXACTLY_ONCE ? "exactly_once_v2" : "at_least_once");
        properties.put(
                "commit.interval.ms", Long.toString(settings.commitInterval().toMillis()));
        properties.put("num.stream.threads", Integer.toString(settings.threads()));
        properties.put("num.standby.replicas", Integer.toString(settings.standbyReplicas()));
        properties.put("state.dir", settings.stateDirectory().toString());
        properties.put("replication.factor", Integer.toString(settings.replication()));
        // A cached store that comes before the batch buffer loses changelog records in a crash (RATIONALE.md).
        properties.put("statestore.cache.max.bytes", "0");
        properties.put("main.consumer.auto.offset.reset", "earliest");
        properties.put("main.consumer.isolation.level", "read_committed");
        properties.put("main.consumer.session.timeout.ms", "10000");
        properties.put("main.consumer.heartbeat.interval.ms", "3000");
        properties.put("producer.linger.ms", Integer.toString(settings.preset().lingerMillis()));
        properties.put("producer.batch.size", Integer.toString(settings.preset().producerBatchBytes()));
        // With several requests under way, those of a new transaction can overtake its first batch; the broker then
        // refuses and the producer repeats them (seen as storms of OutOfOrderSequenceException under load).
        properties.put("producer.max.in.flight.requests.per.connection", "1");
        // A record of up to 1 MiB grows by a few headers on its way through a repartition topic.
        properties.put("producer.max.request.size", Integer.toString(2 * MIB + 65_536));
        properties.put("topic.max.message.bytes", Integer.toString(2 * MIB));
        settings.privacy().topics().ofChangelogs().forEach((name, value) -> properties.put("topic." + name, value));
        properties.put("main.consumer.max.partition.fetch.bytes", Integer.toString(4 * MIB));
        BoundedRocksDb.configure(
                properties,
                settings.rocksdbBytes(),
                settings.erasures() ? settings.privacy().topics().compactionLag() : null);
        properties.put("enable.metrics.push", "false");
        properties.put("processing.exception.handler.global.enabled", "true");
        properties.putAll(settings.streams());
        return properties;
    }
}
