package io.livepredict.deploy.loop;

import static org.awaitility.Awaitility.await;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * The same events for several installations, in the same partitions and with the same timestamps: each viewer's lie in one
 * partition, in the order in which they were sent, a few of them a little after newer ones.
 */
final class ShuffledLog {
    /** Partitions of the topic that is not keyed by viewers. */
    static final int PARTITIONS = 4;

    static final String MAPPING = "{kind: viewer, time: {column: at, unit: millis}, id: who, context: room,"
            + " type: {column: what}, event-id: id}";

    /**
     * An event and where it is sent.
     *
     * @param partition of the topic that is re-keyed; -1 for the canonical topic
     * @param stamp the record's timestamp
     */
    record Sent(int partition, String id, String viewer, String type, long time, long stamp) {}

    private ShuffledLog() {}

    /**
     * Viewers of so many partitions for so many seconds.
     *
     * @param partitions of the topic that is re-keyed, whose viewers are made; -1 for those of the canonical topic
     * @param start when the first happens
     * @param perSecond of each partition
     */
    static List<Sent> of(long seed, int[] partitions, long start, int seconds, int perSecond) {
        List<Sent> log = new ArrayList<>();
        String[] types = {"CHAT", "CHAT", "HEARTBEAT", "HEARTBEAT", "LIKE", "JOIN", "LEAVE"};
        for (int partition : partitions) {
            Random random = new Random(seed + partition);
            for (int i = 0; i < seconds * perSecond; i++) {
                long stamp = start + 1_000L * i / perSecond;
                long delay = random.nextInt(4) == 0 ? random.nextInt(1_200) : 0;
                log.add(new Sent(
                        partition,
                        "e" + partition + "-" + i,
                        "v" + partition + "-" + random.nextInt(12),
                        types[random.nextInt(types.length)],
                        stamp - delay,
                        stamp));
            }
        }
        log.sort(Comparator.comparingLong(Sent::stamp).thenComparingInt(Sent::partition));
        return log;
    }

    /** The topic that is not keyed by viewers, of the installation of that namespace. */
    static String topic(String namespace) {
        return namespace + ".clicks";
    }

    private static String topic(Installation installation) {
        return topic(installation.topics().namespace().value());
    }

    /** Makes the topic that is not keyed by viewers. */
    static void createTopic(Installation installation) throws InterruptedException, ExecutionException {
        createTopic(installation, PARTITIONS);
    }

    /** The same, of so many partitions. */
    static void createTopic(Installation installation, int partitions) throws InterruptedException, ExecutionException {
        createTopic(installation, topic(installation), partitions);
    }

    /** Makes a topic and returns when the broker knows it. */
    static void createTopic(Installation installation, String name, int partitions)
            throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(installation.client())) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                    .all()
                    .get();
        }
        await().atMost(Installation.PATIENCE)
                .until(() -> installation.topicNames().contains(name));
    }

    /** Gives it more partitions. */
    static void grow(Installation installation, int partitions) throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(installation.client())) {
            admin.createPartitions(Map.of(topic(installation), NewPartitions.increaseTo(partitions)))
                    .all()
                    .get();
        }
    }

    /** Sends events in their order, each partition's as they are. */
    static void send(Installation installation, List<Sent> log) {
        send(installation, log, sent -> {});
    }

    /** The same, telling of each event before it is sent: whoever is told may wait until it is time. */
    static void send(Installation installation, List<Sent> log, Consumer<Sent> before) {
        Topic<String, CanonicalEvent> canonical = installation.topics().events(Kind.VIEWER);
        Properties properties = new Properties();
        properties.putAll(installation.client());
        properties.put("linger.ms", 20);
        properties.put("delivery.timeout.ms", 600_000);
        properties.put("max.block.ms", 600_000);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (Sent sent : log) {
                before.accept(sent);
                if (sent.partition >= 0) {
                    byte[] json = "{\"id\":\"%s\",\"who\":\"%s\",\"room\":\"room\",\"at\":%d,\"what\":\"%s\"}"
                            .formatted(sent.id, sent.viewer, sent.time, sent.type)
                            .getBytes(StandardCharsets.UTF_8);
                    producer.send(new ProducerRecord<>(topic(installation), sent.partition, sent.stamp, null, json));
                } else {
                    byte[] key = sent.viewer.getBytes(StandardCharsets.UTF_8);
                    CanonicalEvent event = CanonicalEventBuilder.builder()
                            .eventId(sent.id)
                            .entityId(sent.viewer)
                            .contextId("room")
                            .timeMillis(sent.time)
                            .type(sent.type)
                            .numbers(Map.of())
                            .attributes(Map.of())
                            .build();
                    producer.send(new ProducerRecord<>(
                            canonical.name(),
                            Utils.toPositive(Utils.murmur2(key)) % installation.partitions(),
                            sent.stamp,
                            key,
                            canonical.value().serializer().serialize(canonical.name(), event)));
                }
            }
            producer.flush();
        }
    }

    /** The ids of the looks, one step after a viewer's latest event, that follow from these events. */
    static Set<String> looks(List<Sent> log, Duration step) {
        Map<String, Sent> latest = new HashMap<>();
        Set<String> looks = new TreeSet<>();
        for (Sent sent : log) {
            Sent before = latest.get(sent.viewer);
            if (before == null || sent.time >= before.time) {
                look(before, sent.time, step, looks);
                latest.put(sent.viewer, sent);
            }
        }
        latest.values().forEach(last -> look(last, Long.MAX_VALUE, step, looks));
        return looks;
    }

    private static void look(@Nullable Sent last, long next, Duration step, Set<String> looks) {
        if (last != null && !last.type.equals("LEAVE") && last.time + step.toMillis() < next) {
            looks.add(last.viewer + '@' + last.time + '+' + DurationFormat.format(step));
        }
    }

    /** How many predictions there are. */
    static long predictions(Installation installation) {
        long[] count = {0};
        TopicScan.scan(
                installation.client(),
                installation.topics().predictions().name(),
                TopicPositions.beginning(),
                each -> count[0]++);
        return count[0];
    }

    /** Every prediction by event and target, as often as it was made. */
    static Map<String, Long> answered(Installation installation) {
        Map<String, Long> answered = new TreeMap<>();
        served(installation).forEach((of, predictions) -> answered.put(of, (long) predictions.size()));
        return answered;
    }

    /** The predictions by event and target. */
    static Map<String, List<Prediction>> served(Installation installation) {
        Map<String, List<Prediction>> served = new TreeMap<>();
        Topic<String, Prediction> topic = installation.topics().predictions();
        TopicScan.scan(installation.client(), topic.name(), TopicPositions.beginning(), each -> {
            Prediction p = topic.value().deserializer().deserialize(topic.name(), each.value());
            served.computeIfAbsent(p.getEventId() + ' ' + p.getTarget(), of -> new ArrayList<>())
                    .add(p);
        });
        return served;
    }

    /** Behind the last labelled example of each partition that has any. */
    static Map<TopicPartition, Long> exampleEnds(Installation installation) {
        Map<TopicPartition, Long> ends = new HashMap<>();
        TopicScan.scan(
                installation.client(),
                installation.topics().labelledExamples(Kind.VIEWER).name(),
                TopicPositions.beginning(),
                each -> ends.merge(new TopicPartition(each.topic(), each.partition()), each.offset() + 1, Math::max));
        return ends;
    }

    /** Dead letters by reason. */
    static Map<String, Long> deadLetters(Installation installation) {
        Map<String, Long> reasons = new TreeMap<>();
        TopicScan.scan(
                installation.client(),
                installation.topics().deadLetters().name(),
                TopicPositions.beginning(),
                each -> reasons.merge(
                        new String(each.headers().lastHeader(DeadLetters.REASON).value(), StandardCharsets.UTF_8),
                        1L,
                        Long::sum));
        return reasons;
    }

    /**
     * What a label says.
     *
     * @param vector a hash of the vector that it belongs to
     * @param times how often it was given
     */
    record Labelled(double label, long asOf, int vector, int times) {}

    /**
     * What each label says, by event and target.
     *
     * @param dense how many of the vector's dense features count: those of the context depend on what the others' tasks had
     *     published when they were read
     */
    static Map<String, Labelled> labels(Installation installation, int dense) {
        Map<String, Labelled> labels = new TreeMap<>();
        Topic<String, LabelledExample> topic = installation.topics().labelledExamples(Kind.VIEWER);
        TopicScan.scan(installation.client(), topic.name(), TopicPositions.beginning(), each -> {
            LabelledExample example = topic.value().deserializer().deserialize(topic.name(), each.value());
            byte[] vector = new byte[Float.BYTES * dense];
            ByteBuffer bytes = example.getDense().duplicate();
            bytes.get(vector, 0, Math.min(vector.length, bytes.remaining()));
            for (TargetLabel label : example.getLabels()) {
                labels.merge(
                        example.getEventId() + ' ' + label.getTarget(),
                        new Labelled(label.getLabel(), example.getAsOf(), Arrays.hashCode(vector), 1),
                        (before, now) ->
                                new Labelled(now.label(), now.asOf(), now.vector(), before.times() + now.times()));
            }
        });
        return labels;
    }
}
