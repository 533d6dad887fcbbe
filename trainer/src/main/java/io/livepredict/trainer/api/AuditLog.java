package io.livepredict.trainer.api;

import io.livepredict.avro.AuditRecord;
import io.livepredict.contract.Topic;
import java.time.Clock;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/** Writes the topic audit and waits until each record is there. */
final class AuditLog implements AutoCloseable {
    private final Topic<String, AuditRecord> topic;
    private final Producer<String, AuditRecord> producer;
    private final Clock clock;

    AuditLog(Topic<String, AuditRecord> topic, Producer<String, AuditRecord> producer, Clock clock) {
        this.topic = topic;
        this.producer = producer;
        this.clock = clock;
    }

    /**
     * An attempt.
     *
     * @param id random
     * @param caller a token's or certificate's name
     * @param asked JSON
     */
    record Attempt(String id, String caller, String operation, String kind, String asked) {}

    /** @throws KafkaException if it was not taken */
    void write(Attempt attempt, String outcome, String detail) {
        AuditRecord record = new AuditRecord(
                attempt.id,
                clock.instant(),
                attempt.caller,
                attempt.operation,
                attempt.kind,
                attempt.asked,
                outcome,
                detail);
        try {
            producer.send(new ProducerRecord<>(topic.name(), attempt.kind, record))
                    .get();
        } catch (ExecutionException e) {
            throw new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(e);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
