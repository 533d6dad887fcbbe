package io.livepredict.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A request to an operation, after everything that can be checked without knowing the operation was checked.
 *
 * @param caller who asks, for the audit: a token's or certificate's name
 * @param path the path's parameters, decoded
 * @param query the query's parameters, decoded; each at most once
 * @param body what was sent, an object; empty for GET
 * @param authorization the Authorization header, to ask another instance on the caller's behalf; null for none
 * @param charge is told of how many entities the call asks beyond the first; refuses it with a {@link Problem}
 */
public record Call(
        String caller,
        Map<String, String> path,
        Map<String, String> query,
        JsonNode body,
        @Nullable String authorization,
        IntConsumer charge) {

    /** A parameter of the path. */
    public String of(String name) {
        String value = path.get(name);
        if (value == null) {
            throw new IllegalStateException("the path has no {" + name + "}");
        }
        return value;
    }

    /** Refuses fields that the body, and parameters that the query must not have. */
    public void checkOnly(Set<String> parameters, Set<String> fields) {
        if (!parameters.containsAll(query.keySet())) {
            throw Problem.badRequest(
                    parameters.isEmpty() ? "It takes no parameters." : "It takes the parameters " + parameters + ".");
        }
        body.fieldNames().forEachRemaining(field -> {
            if (!fields.contains(field)) {
                throw Problem.badRequest(fields.isEmpty() ? "It takes {}." : "The body may have " + fields + ".");
            }
        });
    }
}
