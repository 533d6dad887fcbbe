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
import io.livepredict.topics.TopicReader;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feature schemas from the compacted feature-schemas topic, in which the streams app announces them before the first event
 * it scores with them. An id that is not found is searched for again for a while, then counts as unknown for a while. Not safe
 * for use from several threads.
 */
final class TopicSchemas implements SchemaSource {
    private static final Logger LOG = LoggerFactory.getLogger(TopicSchemas.class);
    private static final Duration UNKNOWN_FOR = Duration.ofSeconds(30);
    private static final Duration REFRESH = Duration.ofSeconds(60);
    private static final Duration LEAST_BETWEEN_LOOKS = Duration.ofSeconds(5);
    private static final int TRIES = 5;
    private static final int MOST_NOT_ASKED_FOR = 50;
    private static final int MOST_ASKED_FOR = 50;
    private static final int MOST_TARGETS = 1_000;

    private final Map<String, Object> consumerConfig;
    private final Topic<String, FeatureSchemaRecord> topic;
    private final Clock clock;
    private final Duration pause;
    /** The one announced last is at the end. */
    private final Map<String, Announced> known = new LinkedHashMap<>();
    /** Ids that examples have named and that were there. */
    private final Set<String> asked = new HashSet<>();
    /** By kind what the app that announced last predicts. */
    private final Map<Kind, Map<String, String>> targets = new EnumMap<>(Kind.class);

    private final Map<String, Long> unknownSince = new HashMap<>();
    private String lastAsked = "";
    private String lookedFor = "";
    private long readAt = Long.MIN_VALUE / 2;
    private long soughtInVainAt = Long.MIN_VALUE / 2;

    /** @param pause between two looks for an id that is not there */
    TopicSchemas(
            Map<String, Object> consumerConfig, Topic<String, FeatureSchemaRecord> topic, Clock clock, Duration pause) {
        this.consumerConfig = consumerConfig;
        this.topic = topic;
        this.clock = clock;
        this.pause = pause;
    }

    /** Reads the topic to its end. */
    void refresh() {
        readAt = clock.millis();
        long[] order = {0};
        long[] passedOver = {0};
        TopicReader.readToEnd(consumerConfig, topic, (id, value) -> {
            order[0]++;
            if (id == null || value == null) {
                known.remove(id);
                return;
            }
            FeatureSchema schema = read(id, value);
            if (schema == null) {
                passedOver[0]++;
                return;
            }
            known.remove(id);
            known.put(id, new Announced(schema, order[0]));
            targets.put(schema.kind(), targets(value));
            letGo();
        });
        if (passedOver[0] > 0) {
            LOG.warn(
                    "topic {}: {} records are no feature schema under their own id and are passed over",
                    topic.name(),
                    passedOver[0]);
        }
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

    /** Anybody may write to the topic: of what no example has asked for yet only the newest few are held. */
    private void letGo() {
        Iterator<String> oldest = known.keySet().iterator();
        for (int above = known.size() - asked.size() - MOST_NOT_ASKED_FOR; above > 0 && oldest.hasNext(); ) {
            String id = oldest.next();
            if (!asked.contains(id) && !id.equals(lookedFor)) {
                oldest.remove();
                above--;
            }
        }
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
        Announced found = known.get(id);
        if (found != null) {
            // With two ids in play the order of their announcements matters, and a restarted scorer announces again.
            if (!id.equals(lastAsked) && clock.millis() - readAt > REFRESH.toMillis()) {
                refresh();
                found = known.get(id);
            }
            lastAsked = id;
            if (asked.size() < MOST_ASKED_FOR) {
                asked.add(id);
            }
            return found;
        }
        Long since = unknownSince.get(id);
        if (since != null && clock.millis() - since < UNKNOWN_FOR.toMillis()) {
            return null;
        }
        lookedFor = id;
        if (clock.millis() - soughtInVainAt < UNKNOWN_FOR.toMillis()) {
            // Whoever makes up ids must not hold up learning: a look now and then, and no waiting.
            if (clock.millis() - readAt > LEAST_BETWEEN_LOOKS.toMillis()) {
                refresh();
            }
            return known.get(id);
        }
        for (int i = 0; i < TRIES && !known.containsKey(id); i++) {
            if (i > 0 && !rest()) {
                break;
            }
            refresh();
        }
        found = known.get(id);
        if (found == null) {
            if (unknownSince.size() > 1_000) {
                unknownSince.clear();
            }
            unknownSince.put(id, clock.millis());
            soughtInVainAt = clock.millis();
            LOG.warn(
                    "feature schema {} is not in topic {}: examples with it are skipped for {} s; is its scorer's"
                            + " namespace the same?",
                    id,
                    topic.name(),
                    UNKNOWN_FOR.toSeconds());
        }
        return found;
    }

    private boolean rest() {
        try {
            Thread.sleep(pause.toMillis());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
