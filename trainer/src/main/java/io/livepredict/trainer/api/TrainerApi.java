package io.livepredict.trainer.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.avro.AuditRecord;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Topic;
import io.livepredict.http.Access;
import io.livepredict.http.Api;
import io.livepredict.http.Call;
import io.livepredict.http.Problem;
import io.livepredict.http.Route;
import io.livepredict.settings.ApiSettings;
import io.livepredict.settings.HttpSettings;
import io.livepredict.trainer.publish.ModelOperator;
import io.livepredict.trainer.publish.ModelOperator.RefusedOperationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;

/**
 * The operations of the trainer: what an operator's commands do, with the trainer's key, one at a time. Every attempt is
 * written to the topic audit before it is made and after. The contract is {@code openapi.json} beside this class; a test holds
 * the two together. Close the {@link Api} that serves them before this.
 */
public final class TrainerApi implements AutoCloseable {
    private final List<Kind> kinds;
    private final ModelOperator models;
    private final AuditLog audit;
    private final ReentrantLock oneAtATime = new ReentrantLock();

    /**
     * @param kinds those that are trained
     * @param models changes what is served
     * @param topic where attempts are written
     * @param producer writes them; closed with this
     */
    public TrainerApi(
            List<Kind> kinds,
            ModelOperator models,
            Topic<String, AuditRecord> topic,
            Producer<String, AuditRecord> producer,
            Clock clock) {
        this.kinds = List.copyOf(kinds);
        this.models = models;
        audit = new AuditLog(topic, producer, clock);
    }

    record Pointer(String kind, long version, boolean pinned, String issuedAt) {}

    /** Changes what is served. */
    @FunctionalInterface
    private interface Change {
        ModelPointer make();
    }

    /**
     * Makes them ready to be served.
     *
     * @throws io.livepredict.settings.SettingsException if the token file can't be read
     */
    public Api serve(ApiSettings settings, HttpSettings.Address address, Api.Requests requests) {
        return new Api(document(), routes(), Access.of(settings, address), settings.mostPerSecond(), requests);
    }

    /** The operations. */
    List<Route> routes() {
        return List.of(
                Route.operate("rollback", "/v1/models/{kind}/rollback", this::rollback),
                Route.operate("promote", "/v1/models/{kind}/promote", this::promote));
    }

    /** The OpenAPI document. */
    static byte[] document() {
        try (InputStream in = Objects.requireNonNull(TrainerApi.class.getResourceAsStream("openapi.json"))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("openapi.json of the trainer", e);
        }
    }

    private Pointer rollback(Call call) {
        call.checkOnly(Set.of(), Set.of("version", "before"));
        String kind = kind(call);
        JsonNode version = call.body().path("version");
        JsonNode before = call.body().path("before");
        if (call.body().size() > 1) {
            throw Problem.badRequest("It takes version or before.");
        }
        Change change;
        if (call.body().has("version")) {
            if (!version.canConvertToLong() || !version.isIntegralNumber() || version.asLong() < 1) {
                throw Problem.badRequest("version is a number from 1.");
            }
            change = () -> models.pin(kind, version.asLong());
        } else if (call.body().has("before")) {
            Instant moment = moment(before);
            change = () -> models.rollback(kind, moment);
        } else {
            change = () -> models.rollback(kind);
        }
        return audited(call, "rollback", kind, change);
    }

    private Pointer promote(Call call) {
        call.checkOnly(Set.of(), Set.of());
        String kind = kind(call);
        return audited(call, "promote", kind, () -> models.promote(kind));
    }

    private String kind(Call call) {
        String id = call.of("kind");
        if (kinds.stream().noneMatch(kind -> kind.id().equals(id))) {
            throw Problem.notFound("The kinds are "
                    + String.join(", ", kinds.stream().map(Kind::id).toList()) + ".");
        }
        return id;
    }

    private static Instant moment(JsonNode text) {
        try {
            return Instant.parse(text.asText());
        } catch (DateTimeException e) {
            throw Problem.badRequest("before is a time such as 2026-01-31T12:00:00Z.");
        }
    }

    private Pointer audited(Call call, String operation, String kind, Change change) {
        if (!oneAtATime.tryLock()) {
            throw Problem.busy("Another change is under way.");
        }
        AuditLog.Attempt attempt = new AuditLog.Attempt(
                UUID.randomUUID().toString(),
                call.caller(),
                operation,
                kind,
                call.body().toString());
        try {
            audit.write(attempt, "asked", "");
            return made(attempt, change);
        } catch (KafkaException e) {
            throw Problem.busy("Kafka did not take it; what is served may have changed: look before you try again.");
        } finally {
            oneAtATime.unlock();
        }
    }

    private Pointer made(AuditLog.Attempt attempt, Change change) {
        ModelPointer pointer;
        try {
            pointer = change.make();
        } catch (RefusedOperationException e) {
            audit.write(attempt, "refused", String.valueOf(e.getMessage()));
            throw Problem.conflict(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            audit.write(attempt, "failed", e.getClass().getSimpleName());
            throw e;
        }
        audit.write(attempt, "done", "version " + pointer.version() + (pointer.pinned() ? ", pinned" : ""));
        return new Pointer(attempt.kind(), pointer.version(), pointer.pinned(), pointer.issuedAt());
    }

    @Override
    public void close() {
        audit.close();
    }
}
