package io.livepredict.deploy.console.source;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** How many records wait for a consumer group. One thread at a time. */
public final class ConsumerLag implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 5;

    private final Admin admin;
    private final String group;
    private volatile boolean answered = true;

    /** @param client how to reach Kafka */
    public ConsumerLag(Map<String, Object> client, String group) {
        admin = Admin.create(client);
        this.group = group;
    }

    /** Whether Kafka answered when it was asked last, be it with a refusal. */
    public boolean answered() {
        return answered;
    }

    /** Offsets between what the group has committed and the end of each partition, summed up; NaN where Kafka does not say. */
    public double records() {
        try {
            answered = true;
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            committed.values().removeIf(offset -> offset == null);
            if (committed.isEmpty()) {
                return Double.NaN;
            }
            Map<TopicPartition, ListOffsetsResultInfo> ends = admin.listOffsets(committed.keySet().stream()
                            .collect(Collectors.toMap(each -> each, each -> OffsetSpec.latest())))
                    .all()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return committed.entrySet().stream()
                    .mapToLong(each -> {
                        ListOffsetsResultInfo end = ends.get(each.getKey());
                        return end == null
                                ? 0
                                : Math.max(0, end.offset() - each.getValue().offset());
                    })
                    .sum();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Double.NaN;
        } catch (ExecutionException e) {
            answered = !(e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException);
            return Double.NaN;
        } catch (TimeoutException e) {
            answered = false;
            return Double.NaN;
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
