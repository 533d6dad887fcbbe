package io.livepredict.streams.wiring;

import io.livepredict.avro.DenseFeatureRecord;
import io.livepredict.avro.FeatureSchemaRecord;
import io.livepredict.avro.IdFeatureRecord;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Topic;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/** Tells the trainer what the vectors hold, before the first vector. Writing the same schema again changes nothing. */
final class FeatureSchemaPublisher {
    private FeatureSchemaPublisher() {}

    /** The schema as a record of its topic. */
    static FeatureSchemaRecord record(FeatureSchema schema) {
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
                        .toList());
    }

    /**
     * Writes the schemas and waits until they are written.
     *
     * @throws StartException if they can't be written
     */
    static void publish(
            Map<String, Object> producerConfig,
            Topic<String, FeatureSchemaRecord> topic,
            Collection<FeatureSchema> schemas) {
        Map<String, Object> config = new HashMap<>(producerConfig);
        config.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
        try (KafkaProducer<String, FeatureSchemaRecord> producer = new KafkaProducer<>(
                config, topic.key().serializer(), topic.value().serializer())) {
            for (FeatureSchema schema : schemas) {
                producer.send(new ProducerRecord<>(topic.name(), schema.id(), record(schema)))
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
