package io.livepredict.deploy.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.contract.ModelPointer;
import io.livepredict.deploy.console.source.Operator;
import io.livepredict.deploy.console.source.Programs.Answer;
import io.livepredict.topics.TopicException;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.publish.ModelOperator;
import io.livepredict.trainer.wiring.OperatorTools;
import org.apache.kafka.common.KafkaException;

/** Rolls back and promotes for the console as {@code trainer models} does, with the signing key that was made here. */
final class LocalOperator implements Operator {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TrainerSettings trainer;

    LocalOperator(TrainerSettings trainer) {
        this.trainer = trainer;
    }

    @Override
    public Answer operate(String kind, String operation, String json) {
        try (OperatorTools tools = OperatorTools.open(trainer)) {
            JsonNode version = JSON.readTree(json).path("version");
            ModelOperator models = tools.models();
            ModelPointer pointer = operation.equals("promote")
                    ? models.promote(kind)
                    : version.isMissingNode() ? models.rollback(kind) : models.pin(kind, version.asLong());
            return answer(
                    200,
                    JSON.createObjectNode()
                            .put("kind", kind)
                            .put("version", pointer.version())
                            .put("pinned", pointer.pinned())
                            .put("issued_at", pointer.issuedAt()));
        } catch (ModelOperator.RefusedOperationException | TopicException | KafkaException e) {
            return answer(
                    409,
                    JSON.createObjectNode()
                            .put("status", 409)
                            .put("title", "It can't be done as things are")
                            .put("detail", e.getMessage()));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    private static Answer answer(int status, ObjectNode body) {
        return new Answer(status, "application/json", body.toString());
    }
}
