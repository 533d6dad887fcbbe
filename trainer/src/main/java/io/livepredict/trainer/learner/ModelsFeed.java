package io.livepredict.trainer.learner;

import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.Topic;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.topics.TopicException;
import io.livepredict.topics.TopicFollower;
import io.livepredict.trainer.publish.ModelsView;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;

/** Follows the models topic into a {@link ModelsView}. Not safe for use from several threads. */
final class ModelsFeed implements AutoCloseable {
    private final Topic<String, ModelRecord> models;
    private final ModelsView view;
    private final TopicFollower follower;

    /** @param consumer configuration of a consumer without a group */
    ModelsFeed(Map<String, Object> consumer, Topic<String, ModelRecord> models, ModelsView view) {
        this.models = models;
        this.view = view;
        follower = new TopicFollower(consumer, models.name());
    }

    /** The topic as far as it was read. */
    ModelsView view() {
        return view;
    }

    /**
     * Reads the topic from its beginning to its end.
     *
     * @throws TopicException if there is no such topic
     */
    void begin() {
        if (!follower.toBeginning()) {
            throw new TopicException("topic " + models.name() + " does not exist; create it with " + models.partitions()
                    + " partitions and " + models.configuration());
        }
        catchUp();
    }

    /** Reads on to the end: a poll without waiting may return nothing though there is something. */
    void catchUp() {
        follower.toEnd(this::take);
    }

    /** Takes in what has arrived, without waiting. */
    void follow() {
        follower.next(Duration.ZERO, this::take);
        view.tick();
    }

    /** Takes any record of the topic; one that cannot be read is ignored and does not end the trainer. */
    private void take(ConsumerRecord<byte[], byte[]> record) {
        ModelRecord value;
        try {
            value = record.value() == null
                    ? null
                    : models.value().deserializer().deserialize(models.name(), record.value());
        } catch (RegistryUnavailableException e) {
            throw e; // this record comes again: a pin must not be passed over
        } catch (SerializationException e) {
            view.unreadable("offset " + record.offset() + " is not a model record: " + TrainerFailures.oneLine(e));
            return;
        }
        view.accept(
                record.key() == null ? null : models.key().deserializer().deserialize(models.name(), record.key()),
                value);
    }

    @Override
    public void close() {
        follower.close();
    }
}
