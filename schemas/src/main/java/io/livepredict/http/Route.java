package io.livepredict.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An operation of the API: what it is called, where it is, who may use it, and what makes its answer.
 *
 * @param operation its name, as in the OpenAPI document
 * @param method GET or POST
 * @param path with parameters in braces, each a whole segment: {@code /v1/kinds/{kind}}
 * @param role the least that its caller must be
 * @param work makes the answer
 */
public record Route(String operation, String method, String path, Role role, Work work) {
    /** What a caller may do; each role may do what those before it may. */
    public enum Role {
        /** Ask. */
        READ,
        /** Change what is served. */
        OPERATE
    }

    /** Makes an answer: what becomes JSON. Runs on a thread of the API's own and may wait. */
    @FunctionalInterface
    public interface Work {
        /** @throws Problem if there is none */
        Object answer(Call call);
    }

    /** Something to read. */
    public static Route get(String operation, String path, Work work) {
        return new Route(operation, "GET", path, Role.READ, work);
    }

    /** Something that takes a body and changes nothing. */
    public static Route post(String operation, String path, Work work) {
        return new Route(operation, "POST", path, Role.READ, work);
    }

    /** Something that changes what is served. */
    public static Route operate(String operation, String path, Work work) {
        return new Route(operation, "POST", path, Role.OPERATE, work);
    }

    /** The parameters in a path of that form; empty if it has another. */
    Optional<Map<String, String>> match(List<String> segments) {
        List<String> wanted = segments(path);
        if (wanted.size() != segments.size()) {
            return Optional.empty();
        }
        Map<String, String> parameters = new TreeMap<>();
        for (int i = 0; i < wanted.size(); i++) {
            String name = wanted.get(i);
            if (name.startsWith("{")) {
                parameters.put(name.substring(1, name.length() - 1), segments.get(i));
            } else if (!name.equals(segments.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(parameters);
    }

    /** What is between the slashes of a path, as it is written there. */
    static List<String> segments(String path) {
        List<String> segments = new ArrayList<>();
        for (int from = 1; from <= path.length(); ) {
            int to = path.indexOf('/', from);
            segments.add(path.substring(from, to < 0 ? path.length() : to));
            from = to < 0 ? path.length() + 1 : to + 1;
        }
        return segments;
    }
}
