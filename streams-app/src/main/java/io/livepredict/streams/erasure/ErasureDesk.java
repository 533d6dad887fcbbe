package io.livepredict.streams.erasure;

import io.livepredict.avro.ErasureReceipt;
import io.livepredict.contract.Erasure;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.erasure.flow.ErasureJson;
import io.livepredict.streams.ingest.Pseudonyms;
import io.livepredict.topics.TopicException;
import io.livepredict.topics.TopicFollower;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Asks an installation to forget somebody, and waits for its tasks' receipts. One thread's. */
public final class ErasureDesk {
    private static final Duration POLL = Duration.ofMillis(200);

    private final StreamsAppSettings settings;
    private final LongSupplier wallClockMillis;

    /** @throws IllegalStateException if the configuration takes no erasures */
    public ErasureDesk(StreamsAppSettings settings, LongSupplier wallClockMillis) {
        if (!settings.erasures()) {
            throw new IllegalStateException(
                    "this configuration takes no erasures: set erasures: true, create the topics"
                            + " with 'streams-app topics --create', and restart the app");
        }
        this.settings = settings;
        this.wallClockMillis = wallClockMillis;
    }

    /**
     * The tasks' answers to a request.
     *
     * @param erasureId which request
     * @param receipts by partition
     * @param tasks how many there are to be; 0 while none has answered
     */
    public record Answers(String erasureId, Map<Integer, ErasureReceipt> receipts, int tasks) {
        /** Whether every task has answered. */
        public boolean complete() {
            return tasks > 0 && receipts.size() == tasks;
        }

        /** When the last of them removed what it had. */
        public Instant lastAt() {
            return receipts.values().stream()
                    .map(ErasureReceipt::getErasedAt)
                    .max(Instant::compareTo)
                    .orElse(Instant.EPOCH)
                    .truncatedTo(ChronoUnit.SECONDS);
        }

        /** How many entries were removed, by store. */
        public Map<String, Long> removed() {
            Map<String, Long> removed = new TreeMap<>();
            receipts.values()
                    .forEach(receipt ->
                            receipt.getRemoved().forEach((store, count) -> removed.merge(store, count, Long::sum)));
            return removed;
        }
    }

    /**
     * Has a viewer or player forgotten.
     *
     * @param id as the sources have it; where there are pseudonyms, all of them are forgotten
     * @param patience how long to wait for receipts
     * @param progress told how many tasks have answered, and how many there are
     * @return the answers that came in time, one for each request
     * @throws TopicException if Kafka does not answer or a topic is missing
     */
    public List<Answers> erase(Kind kind, String id, Duration patience, BiConsumer<Integer, Integer> progress) {
        Pseudonyms pseudonyms = settings.privacy().pseudonyms();
        List<String> entities = pseudonyms == null
                ? List.of(id)
                : Stream.concat(pseudonyms.all(id).stream().map(Pseudonyms.Pseudonym::text), Stream.of(id))
                        .distinct()
                        .toList();
        try (ConfluentRegistryClient registry = new ConfluentRegistryClient(settings.registry())) {
            Topics topics = new Topics(settings.namespace(), settings.partitions(), new AvroSerdes(registry));
            Topic<String, ErasureReceipt> answers = topics.erasureReceipts();
            Map<String, Object> consumer =
                    settings.kafka().consumer(settings.namespace().name("erasure-receipts-reader"));
            try (TopicFollower receipts = new TopicFollower(consumer, answers.name())) {
                if (!receipts.toLast(0)) {
                    throw new TopicException(
                            "topic " + answers.name() + " does not exist; create it with: streams-app topics --create");
                }
                receipts.positions();
                List<String> requests = send(topics.erasures(), kind, entities);
                return await(receipts, answers, requests, patience, progress);
            }
        }
    }

    private List<String> send(Topic<String, byte[]> topic, Kind kind, List<String> entities) {
        List<String> ids = new ArrayList<>();
        Map<String, Object> config =
                settings.kafka().producer(settings.namespace().name("erase"));
        try (Producer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (String entity : entities) {
                Erasure erasure = new Erasure(kind, entity, UUID.randomUUID().toString(), wallClockMillis.getAsLong());
                ids.add(erasure.id());
                producer.send(new ProducerRecord<>(topic.name(), ErasureJson.write(erasure)))
                        .get();
            }
        } catch (ExecutionException e) {
            throw new TopicException("the request can't be written to topic " + topic.name() + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TopicException("interrupted while the request was written to topic " + topic.name(), e);
        }
        return ids;
    }

    private static List<Answers> await(
            TopicFollower receipts,
            Topic<String, ErasureReceipt> topic,
            List<String> requests,
            Duration patience,
            BiConsumer<Integer, Integer> progress) {
        Map<String, Map<Integer, ErasureReceipt>> byRequest = new HashMap<>();
        requests.forEach(request -> byRequest.put(request, new TreeMap<>()));
        TopicFollower.Taker taker = TopicFollower.decoding(topic, (request, receipt) -> {
            Map<Integer, ErasureReceipt> known = byRequest.get(request);
            if (known != null && receipt != null) {
                known.put(receipt.getPartition(), receipt);
            }
        });
        long end = System.nanoTime() + patience.toNanos();
        List<Answers> answers = answers(requests, byRequest);
        while (!answers.stream().allMatch(Answers::complete) && System.nanoTime() - end < 0) {
            if (receipts.next(POLL, taker)) {
                answers = answers(requests, byRequest);
                progress.accept(
                        answers.stream()
                                .mapToInt(each -> each.receipts().size())
                                .sum(),
                        answers.stream().mapToInt(Answers::tasks).sum());
            }
        }
        return answers;
    }

    private static List<Answers> answers(List<String> requests, Map<String, Map<Integer, ErasureReceipt>> byRequest) {
        return requests.stream()
                .map(request -> {
                    Map<Integer, ErasureReceipt> known = byRequest.getOrDefault(request, Map.of());
                    int tasks = known.values().stream()
                            .mapToInt(ErasureReceipt::getPartitions)
                            .max()
                            .orElse(0);
                    return new Answers(request, known, tasks);
                })
                .toList();
    }
}
