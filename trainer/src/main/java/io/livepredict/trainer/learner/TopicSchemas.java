package io.livepredict.trainer.learner;

import io.livepredict.avro.FeatureSchemaRecord;
import io.livepredict.avro.TargetRecord;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Scale;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.logging.RepeatLog;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.topics.TopicException;
import io.livepredict.topics.TopicFollower;
import io.livepredict.topics.TopicReader;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feature schemas from the compacted feature-schemas topic, which is followed from its beginning onwards. The streams app
 * announces a schema before the first event that it scores with it, so what examples name was there before these were written:
 * a look at the topic's end, taken after they were fetched, decides for all of them ({@link #examplesFetched}). A look costs
 * one question to the broker and the records that came since the last. Owned by one thread.
 */
final class TopicSchemas implements SchemaSource, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicSchemas.class);
    private static final Duration REREAD_PATIENCE = Duration.ofSeconds(5);
    private static final int MOST_NOT_ASKED_FOR = 50;
    private static final int MOST_ASKED_FOR = 50;
    /** For this many released schemas the offset is remembered. */
    private static final int MOST_PLACES = 100_000;

    private static final int MOST_TARGETS = 1_000;

    private final Topic<String, FeatureSchemaRecord> topic;
    private final TopicFollower follower;
    private final RepeatLog log;
    /** The one announced last is at the end. */
    private final Map<String, Announced> known = new LinkedHashMap<>();
    /** Schemas that were let go, id to offset. */
    private final Map<String, Long> letGo = new LinkedHashMap<>();
    /** Ids that examples have named and that were there. */
    private final Set<String> asked = new HashSet<>();
    /** By kind what the app that announced last predicts. */
    private final Map<Kind, Map<String, String>> targets = new EnumMap<>(Kind.class);

    private String lastAsked = "";
    private boolean looked;

    TopicSchemas(Map<String, Object> consumerConfig, Topic<String, FeatureSchemaRecord> topic, InstantSource clock) {
        this.topic = topic;
        follower = new TopicFollower(consumerConfig, topic.name());
        log = new RepeatLog(LOG::warn, clock);
    }

    /**
     * Reads the topic from its beginning to its end.
     *
     * @throws TopicException if it is not there
     */
    void begin() {
        if (!follower.toBeginning()) {
            throw new TopicException("topic " + topic.name() + " does not exist; create it with " + topic.partitions()
                    + " partitions and " + topic.configuration());
        }
        look();
    }

    /** Reads on to the end as it is now. */
    void look() {
        looked = true;
        follower.toEnd(this::take);
    }

    /** Takes what has come without waiting for it, and logs sums that are due. To be called every second or so. */
    void follow() {
        follower.next(Duration.ZERO, this::take);
        log.sumUp();
    }

    /** Examples were fetched: for an id among them that is not known yet, one look at the topic follows. */
    void examplesFetched() {
        looked = false;
    }

    @Override
    public void close() {
        follower.close();
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        String id;
        FeatureSchemaRecord value;
        try {
            id = record.key() == null ? null : topic.key().deserializer().deserialize(topic.name(), record.key());
            value = record.value() == null
                    ? null
                    : topic.value().deserializer().deserialize(topic.name(), record.value());
        } catch (RegistryUnavailableException e) {
            throw e; // this record comes again
        } catch (SerializationException e) {
            passOver(record);
            return;
        }
        if (id == null || value == null) {
            known.remove(id);
            letGo.remove(id);
            return;
        }
        FeatureSchema schema = read(id, value);
        if (schema == null) {
            passOver(record);
            return;
        }
        known.remove(id);
        letGo.remove(id);
        known.put(id, new Announced(schema, record.offset()));
        targets.put(schema.kind(), targets(value));
        boundKnown();
    }

    private void passOver(ConsumerRecord<byte[], byte[]> record) {
        log.say(
                "no schema",
                "topic " + topic.name() + " offset " + record.offset()
                        + " is no feature schema under its own id and is passed over");
    }

    /** What the streams app that announced last predicts of that kind, name to definition; empty if it does not say. */
    Map<String, String> targets(Kind kind) {
        return targets.getOrDefault(kind, Map.of());
    }

    private static Map<String, String> targets(FeatureSchemaRecord value) {
        return value.getTargets().stream()
                .limit(MOST_TARGETS)
                .collect(Collectors.toMap(TargetRecord::getName, TargetRecord::getDefinition, (a, b) -> b));
    }

    /**
     * Anybody may write to the topic: of what no example has asked for yet only the newest few are held, and of the others
     * where they lie.
     */
    private void boundKnown() {
        Iterator<Map.Entry<String, Announced>> oldest = known.entrySet().iterator();
        for (int above = known.size() - asked.size() - MOST_NOT_ASKED_FOR; above > 0 && oldest.hasNext(); ) {
            Map.Entry<String, Announced> entry = oldest.next();
            if (!asked.contains(entry.getKey())) {
                oldest.remove();
                letGo.put(entry.getKey(), entry.getValue().order());
                above--;
            }
        }
        Iterator<String> places = letGo.keySet().iterator();
        while (letGo.size() > MOST_PLACES) {
            places.next();
            places.remove();
        }
    }

    /** Reads a schema that was let go once more, from where it lies. */
    private @Nullable Announced again(String id) {
        Long place = letGo.get(id);
        if (place == null) {
            return null;
        }
        Map<Integer, Long> positions = follower.positions();
        Announced[] found = {null};
        try {
            follower.to(partition -> place);
            long until = System.nanoTime() + REREAD_PATIENCE.toNanos();
            while (found[0] == null && System.nanoTime() < until) {
                follower.next(Duration.ofMillis(200), record -> {
                    if (record.offset() == place && record.value() != null) {
                        FeatureSchema schema =
                                read(id, topic.value().deserializer().deserialize(topic.name(), record.value()));
                        found[0] = schema == null ? null : new Announced(schema, place);
                    }
                });
            }
        } finally {
            follower.to(partition -> positions.getOrDefault(partition.partition(), 0L));
        }
        if (found[0] != null) {
            asked.add(id);
            known.put(id, found[0]);
        }
        letGo.remove(id);
        return found[0];
    }

    /** The schema, if the record is one and its key is the hash of its content. */
    private static @Nullable FeatureSchema read(String id, FeatureSchemaRecord value) {
        try {
            FeatureSchema schema = schema(value);
            return schema.id().equals(id) ? schema : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * All schemas of a kind by id, the one announced last at the end; at least one.
     *
     * @throws TrainerException if there is none
     */
    static SequencedMap<String, FeatureSchema> all(Map<String, Object> consumerConfig, Topics topics, Kind kind) {
        SequencedMap<String, FeatureSchema> schemas = new LinkedHashMap<>();
        TopicReader.readToEnd(consumerConfig, topics.featureSchemas(), (id, value) -> {
            schemas.remove(id);
            FeatureSchema schema = value == null || !value.getKind().equals(kind.id()) ? null : read(id, value);
            if (schema != null) {
                schemas.put(id, schema);
            }
        });
        if (schemas.isEmpty()) {
            throw new TrainerException("topic " + topics.featureSchemas().name() + " has no feature schema of "
                    + kind.id() + " yet; has its streams app run?");
        }
        return schemas;
    }

    /** The record as a schema. */
    static FeatureSchema schema(FeatureSchemaRecord value) {
        return new FeatureSchema(
                Kind.of(value.getKind()),
                value.getDense().stream()
                        .map(f -> new DenseFeature(
                                f.getName(), f.getWords(), Scale.valueOf(f.getScale()), f.getDefinition()))
                        .toList(),
                value.getEventTypes(),
                value.getSequenceLength(),
                value.getSequenceDefinition(),
                value.getIds().stream()
                        .map(f -> new IdFeature(f.getName(), f.getWords(), f.getBuckets(), f.getDefinition()))
                        .toList());
    }

    @Override
    public @Nullable Announced find(String id) {
        // With two ids in play the order of their announcements matters, and a restarted scorer announces again.
        if (!id.equals(lastAsked) && !looked) {
            look();
        }
        Announced found = known.get(id);
        if (found == null) {
            found = again(id);
        }
        if (found == null) {
            log.say(
                    "unknown id",
                    "feature schema " + id + " is not in topic " + topic.name()
                            + ": examples with it are skipped; is its scorer's namespace the same?");
            return null;
        }
        lastAsked = id;
        if (asked.size() < MOST_ASKED_FOR) {
            asked.add(id);
        }
        return found;
    }
}
