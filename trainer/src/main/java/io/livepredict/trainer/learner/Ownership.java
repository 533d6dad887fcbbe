package io.livepredict.trainer.learner;

import io.livepredict.settings.KafkaSettings;
import io.livepredict.topics.KafkaPatience;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Who trains a kind: the trainer that wrote its mark last, as the metadata of the group's offset of partition 0. A producer is
 * fenced by another trainer, but also by the brokers, when its transaction took too long or an answer to it was lost. Only
 * the mark tells the two apart: the first must end, or two trainers would fence each other for ever; the second goes on.
 * Owned by one thread.
 */
final class Ownership {

    private final KafkaSettings kafka;
    private final String group;
    private final TopicPartition place;
    private final String mark;
    private boolean marked;

    /**
     * @param group in whose offsets the mark lies
     * @param examplesTopic of which partition 0 carries the mark
     * @param mark of this trainer, like no other's
     */
    Ownership(KafkaSettings kafka, String group, String examplesTopic, String mark) {
        this.kafka = kafka;
        this.group = group;
        this.mark = mark;
        place = new TopicPartition(examplesTopic, 0);
    }

    /** What the group's offsets are written with. */
    String mark() {
        return mark;
    }

    /**
     * Fences whoever wrote before and writes this trainer's mark.
     *
     * @throws TakenOverException if this trainer had marked the group before and another has since
     */
    void take(TransactionalWriter writer) {
        OffsetAndMetadata before = present();
        if (marked && before != null && !before.metadata().equals(mark)) {
            throw new TakenOverException();
        }
        writer.fence();
        writer.transact(() ->
                writer.sendOffsets(Map.of(place, new OffsetAndMetadata(before == null ? 0 : before.offset(), mark))));
        marked = true;
    }

    private @Nullable OffsetAndMetadata present() {
        try (Admin admin = Admin.create(kafka.client(group + "-owner"))) {
            return admin.listConsumerGroupOffsets(group, new ListConsumerGroupOffsetsOptions().timeoutMs((int)
                                    KafkaPatience.ANSWER.toMillis()))
                    .partitionsToOffsetAndMetadata()
                    .get(2 * KafkaPatience.ANSWER.toMillis(), TimeUnit.MILLISECONDS)
                    .get(place);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
        } catch (java.util.concurrent.TimeoutException e) {
            throw new TimeoutException("the offsets of group " + group + " can't be read", e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** Another trainer of the same kind and namespace has taken over. */
    static final class TakenOverException extends RuntimeException {}
}
