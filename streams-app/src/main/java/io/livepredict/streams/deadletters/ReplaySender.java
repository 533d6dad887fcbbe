package io.livepredict.streams.deadletters;

import io.livepredict.contract.DeadLetters;
import io.livepredict.streams.ingest.SourceRecord;
import io.livepredict.topics.TopicException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends dead letters to their source topics, in transactions that write the receipts along: whatever kills it, each is sent
 * once for readers of committed records. A second one under the same id fences the first.
 */
final class ReplaySender implements AutoCloseable {
    private static final int LETTERS = 500;
    private static final int BYTES = 8 << 20;

    private final Producer<byte[], byte[]> producer;
    private final String deadLetters;
    private final LongSupplier wallClockMillis;
    private final Map<String, Integer> partitions = new HashMap<>();
    private final List<DeadLetter> batch = new ArrayList<>();
    private int batchBytes;

    /**
     * Opens it: transactions that another one left open are aborted.
     *
     * @param producerConfig how to reach Kafka
     * @param transactionalId the same for every replay of an installation
     */
    ReplaySender(
            Map<String, Object> producerConfig,
            String transactionalId,
            String deadLetters,
            LongSupplier wallClockMillis) {
        Map<String, Object> config = new HashMap<>(producerConfig);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
        this.deadLetters = deadLetters;
        this.wallClockMillis = wallClockMillis;
        try {
            producer.initTransactions();
        } catch (KafkaException e) {
            producer.close(Duration.ZERO);
            throw failure(e);
        }
    }

    void send(DeadLetter letter) {
        batch.add(letter);
        batchBytes += length(letter.source().key()) + length(letter.source().value());
        if (batch.size() >= LETTERS || batchBytes >= BYTES) {
            flush();
        }
    }

    private static int length(byte @org.jspecify.annotations.Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    /** Sends and commits what has been gathered. */
    void flush() {
        if (batch.isEmpty()) {
            return;
        }
        try {
            producer.beginTransaction();
            Map<Integer, List<Long>> offsets = new TreeMap<>();
            for (DeadLetter letter : batch) {
                producer.send(record(letter));
                offsets.computeIfAbsent(letter.partition(), absent -> new ArrayList<>())
                        .add(letter.offset());
            }
            offsets.forEach((partition, of) -> producer.send(Receipts.of(deadLetters, partition, of)));
            producer.commitTransaction();
        } catch (KafkaException e) {
            throw failure(e);
        }
        batch.clear();
        batchBytes = 0;
    }

    private ProducerRecord<byte[], byte[]> record(DeadLetter letter) {
        SourceRecord source = letter.asSent(wallClockMillis.getAsLong());
        boolean there = source.partition()
                < partitions.computeIfAbsent(
                        source.topic(), topic -> producer.partitionsFor(topic).size());
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                source.topic(),
                there ? source.partition() : null,
                source.timestampMillis(),
                source.key(),
                source.value());
        record.headers().add(DeadLetters.REPLAYED, letter.place(deadLetters).getBytes(StandardCharsets.UTF_8));
        return record;
    }

    private static TopicException failure(KafkaException e) {
        return new TopicException(
                e instanceof ProducerFencedException
                        ? "another replay of dead letters has begun; what this one has not sent is for that one"
                        : "dead letters can't be sent: " + e.getMessage()
                                + "; run it again: what was sent and committed is not sent twice",
                e);
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(10));
    }
}
