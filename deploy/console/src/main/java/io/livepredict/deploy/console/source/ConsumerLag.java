package io.livepredict.deploy.console.source;

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

    /** @param client how to reach Kafka */
    public ConsumerLag(Map<String, Object> client, String group) {
        admin = Admin.create(client);
        this.group = group;
    }

    /** Offsets between what the group has committed and the end of each partition, summed up; NaN where Kafka does not say. */
    public double records() {
        try {
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
        } catch (ExecutionException | TimeoutException e) {
            return Double.NaN;
        }
    }

    @Override
    public void close() {
        admin.close(java.time.Duration.ofSeconds(1));
    }
}
