package io.livepredict.streams.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.contract.Kind;
import io.livepredict.http.Call;
import io.livepredict.http.Problem;
import io.livepredict.http.Route;
import io.livepredict.streams.api.Instances.Has;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The operations on entities: reads what is asked and hands it to who finds them. */
final class EntityRoutes {
    private static final int MOST_IDS = 1_000;
    private static final int LONGEST_ID = 1_024;

    private final Map<Kind, Entities> entities;
    private final OutlookRoutes outlooks;
    private final Instances instances;

    EntityRoutes(Map<Kind, Entities> entities, OutlookRoutes outlooks, Instances instances) {
        this.entities = Map.copyOf(entities);
        this.outlooks = outlooks;
        this.instances = instances;
    }

    record ScoresAnswer(String kind, String asOf, List<IdAnswer> answers) {}

    /** Source and scores, or a problem. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record IdAnswer(
            String id,
            @Nullable JsonNode source,
            @Nullable JsonNode scores,
            @Nullable Map<String, Object> problem) {}

    List<Route> routes() {
        return List.of(
                Route.get("entity", "/v1/kinds/{kind}/entities/{id}", this::entity),
                Route.get("score", "/v1/kinds/{kind}/entities/{id}/score", this::score),
                Route.post("scores", "/v1/kinds/{kind}/scores", this::scores),
                Route.post("local", "/v1/kinds/{kind}/local", this::local));
    }

    private Object entity(Call call) {
        call.checkOnly(Set.of(), Set.of());
        return one(call, Ask.ENTITY);
    }

    private Object score(Call call) {
        call.checkOnly(Set.of("as-of"), Set.of());
        return one(call, Ask.of(call.query().getOrDefault("as-of", Ask.LATEST.word()), Ask.LATEST, Ask.NOW));
    }

    private Object one(Call call, Ask ask) {
        List<String> ids = List.of(checked(call.of("id")));
        Object answer =
                Search.find(of(call), instances, ids, ask, call.authorization()).getFirst();
        if (answer instanceof Problem problem) {
            throw problem;
        }
        return answer;
    }

    private ScoresAnswer scores(Call call) {
        call.checkOnly(Set.of(), Set.of("ids", "as_of"));
        Ask ask = Ask.of(call.body().path("as_of").asText(Ask.LATEST.word()), Ask.LATEST, Ask.NOW);
        Entities of = of(call);
        List<String> ids = ids(call);
        List<Object> found = Search.find(of, instances, ids, ask, call.authorization());
        List<IdAnswer> answers = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            answers.add(
                    switch (found.get(i)) {
                        case Problem problem -> new IdAnswer(ids.get(i), null, null, problem.document());
                        case JsonNode answer ->
                            new IdAnswer(ids.get(i), answer.get("source"), answer.get("scores"), null);
                        default -> throw new IllegalStateException("an answer is JSON or a problem");
                    });
        }
        return new ScoresAnswer(of.kind().id(), ask.word(), answers);
    }

    private Has local(Call call) {
        call.checkOnly(Set.of(), Set.of("ids", "ask", "copies"));
        Ask ask = Ask.of(call.body().path("ask").asText(), Ask.values());
        List<String> ids = ids(call);
        if (ask == Ask.ENTITY && ids.size() > 1) {
            throw Problem.badRequest("What is known is told of one entity at a time.");
        }
        return (ask.isOfRooms() ? outlooks.of(call) : of(call))
                .here(ids, ask, call.body().path("copies").asBoolean());
    }

    private Entities of(Call call) {
        Entities of = entities.get(Kinds.of(call, entities.keySet()));
        if (of == null) {
            throw new IllegalStateException("the kind is one of these");
        }
        return of;
    }

    private static List<String> ids(Call call) {
        JsonNode given = call.body().path("ids");
        if (!given.isArray() || given.isEmpty() || given.size() > MOST_IDS) {
            throw Problem.badRequest("ids is a list of 1 to " + MOST_IDS + " texts.");
        }
        List<String> ids = new ArrayList<>();
        for (JsonNode id : given) {
            if (!id.isTextual()) {
                throw Problem.badRequest("ids is a list of texts.");
            }
            ids.add(checked(id.textValue()));
        }
        call.charge().accept(ids.size() - 1);
        return ids;
    }

    static String checked(String id) {
        if (id.isEmpty() || id.length() > LONGEST_ID) {
            throw Problem.badRequest("An id has 1 to " + LONGEST_ID + " characters.");
        }
        return id;
    }
}
