package io.livepredict.deploy.local;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.replay.Downstream;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.trainer.learner.KindStatus;
import io.livepredict.trainer.learner.KindTrainer;
import io.livepredict.trainer.wiring.TrainerApp;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Asks Kafka, the streams app and the trainer how far they have come. Not safe for use from several threads. */
final class PipelineProgress implements Downstream {
    /** A version that is not active after this long was refused or overtaken; the replay does not wait for it for ever. */
    private static final long PATIENCE_NANOS = 2_000_000_000L;

    private final Admin admin;
    private final String group;
    private final List<TopicPartition> events;
    private final Map<Kind, List<TopicPartition>> examples = new EnumMap<>(Kind.class);
    private final TopicPositions from;
    private final StreamsApp app;
    private final TrainerApp trainer;
    private final LongSupplier nanoClock;
    private final Map<Kind, Long> waitedFor = new EnumMap<>(Kind.class);
    private final Map<Kind, Long> waitedSince = new EnumMap<>(Kind.class);

    PipelineProgress(
            Admin admin,
            String group,
            Topics topics,
            int partitions,
            List<Kind> kinds,
            TopicPositions from,
            StreamsApp app,
            TrainerApp trainer,
            LongSupplier nanoClock) {
        this.admin = admin;
        this.group = group;
        this.from = from;
        this.app = app;
        this.trainer = trainer;
        this.nanoClock = nanoClock;
        events = new ArrayList<>();
        for (Kind kind : kinds) {
            events.addAll(partitions(topics.events(kind).name(), partitions));
            examples.put(kind, partitions(topics.labelledExamples(kind).name(), partitions));
        }
    }

    @Override
    public long eventsConsumed() {
        Map<TopicPartition, OffsetAndMetadata> committed = ask(() -> admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get());
        long consumed = 0;
        for (TopicPartition partition : events) {
            OffsetAndMetadata offset = committed.get(partition);
            if (offset != null) {
                consumed += offset.offset() - from.from(partition);
            }
        }
        return consumed;
    }

    /** Events in the topics since the start. */
    long eventsSent() {
        return ends(events).entrySet().stream()
                .mapToLong(e -> e.getValue() - from.from(e.getKey()))
                .sum();
    }

    /** In offsets, markers of transactions included, as {@link #examplesConsumed} counts too. */
    @Override
    public long examplesEmitted() {
        List<TopicPartition> all =
                examples.values().stream().flatMap(List::stream).toList();
        return ends(all).values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public long examplesConsumed() {
        return trainer.trainers().stream()
                .flatMap(each -> each.positions().values().stream())
                .mapToLong(Long::longValue)
                .sum();
    }

    @Override
    public boolean newestModelsActive() {
        Map<Kind, Long> active = app.activeVersions();
        boolean all = true;
        for (KindTrainer each : trainer.trainers()) {
            long newest = each.status().map(KindStatus::version).orElse(0L);
            all &= active.getOrDefault(each.kind(), 0L) >= newest || isGivenUp(each.kind(), newest);
        }
        return all;
    }

    private boolean isGivenUp(Kind kind, long version) {
        long now = nanoClock.getAsLong();
        Long waiting = waitedFor.put(kind, version);
        if (waiting == null || waiting != version) {
            waitedSince.put(kind, now);
            return false;
        }
        return now - waitedSince.getOrDefault(kind, now) > PATIENCE_NANOS;
    }

    private Map<TopicPartition, Long> ends(List<TopicPartition> partitions) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(p -> latest.put(p, OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        ask(() -> admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                        .all()
                        .get())
                .forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    private static List<TopicPartition> partitions(String topic, int count) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            partitions.add(new TopicPartition(topic, i));
        }
        return partitions;
    }

    private interface Question<T> {
        T ask() throws ExecutionException, InterruptedException;
    }

    private static <T> T ask(Question<T> question) {
        try {
            return question.ask();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Kafka does not say how far the programs are: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking how far the programs are", e);
        }
    }
}
