package io.livepredict.streams.wiring;

import io.livepredict.avro.DenseFeatureRecord;
import io.livepredict.avro.FeatureSchemaRecord;
import io.livepredict.avro.IdFeatureRecord;
import io.livepredict.avro.TargetRecord;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.streams.topology.KindPlan;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/** Tells the trainer what the vectors hold, before the first vector. Writing the same schema again changes nothing. */
final class FeatureSchemaPublisher {
    private FeatureSchemaPublisher() {}

    /** The schema and its kind's targets as a record of their topic. */
    static FeatureSchemaRecord record(FeatureSchema schema, List<Target> targets) {
        return new FeatureSchemaRecord(
                schema.kind().id(),
                schema.dense().stream()
                        .map(f -> new DenseFeatureRecord(
                                f.name(), f.words(), f.scale().name(), f.definition()))
                        .toList(),
                schema.eventTypes(),
                schema.sequenceLength(),
                schema.sequenceDefinition(),
                schema.ids().stream()
                        .map(f -> new IdFeatureRecord(f.name(), f.words(), f.buckets(), f.definition()))
                        .toList(),
                targets.stream()
                        .map(target -> new TargetRecord(target.name(), target.definition()))
                        .toList());
    }

    /**
     * Writes the kinds' schemas and waits until they are written.
     *
     * @param kinds whose schemas and targets
     * @throws StartException if they can't be written
     */
    static void publish(
            Map<String, Object> producerConfig, Topic<String, FeatureSchemaRecord> topic, Collection<KindPlan> kinds) {
        Map<String, Object> config = new HashMap<>(producerConfig);
        config.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
        try (KafkaProducer<String, FeatureSchemaRecord> producer = new KafkaProducer<>(
                config, topic.key().serializer(), topic.value().serializer())) {
            for (KindPlan kind : kinds) {
                producer.send(new ProducerRecord<>(
                                topic.name(), kind.schema().id(), record(kind.schema(), kind.targets())))
                        .get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while writing the feature schemas", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new StartException("topic " + topic.name() + " can't be written: " + cause.getMessage(), e);
        } catch (KafkaException e) {
            throw e instanceof org.apache.kafka.common.errors.SerializationException
                    ? e
                    : new StartException("topic " + topic.name() + " can't be written: " + e.getMessage(), e);
        }
    }
}
