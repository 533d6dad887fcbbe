package io.livepredict.deploy.console.web;

import io.javalin.http.Context;
import io.livepredict.contract.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Parameters of requests; whatever does not fit counts as left out. */
final class Parameters {
    private static final int MOST_PREFIXES = 40;

    private Parameters() {}

    static Optional<Kind> kind(Context context, String name) {
        return kind(text(context, name));
    }

    static Optional<Kind> kind(String id) {
        return Arrays.stream(Kind.values()).filter(kind -> kind.id().equals(id)).findFirst();
    }

    static String text(Context context, String name) {
        String value = context.queryParam(name);
        return value == null ? "" : value;
    }

    static long number(Context context, String name) {
        try {
            return Long.parseLong(text(context, name));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** The names that begin with one of the comma-separated texts in {@code series}. */
    static Predicate<String> prefixes(Context context) {
        List<String> prefixes = Arrays.stream(text(context, "series").split(","))
                .filter(prefix -> !prefix.isEmpty())
                .limit(MOST_PREFIXES)
                .toList();
        return name -> prefixes.stream().anyMatch(name::startsWith);
    }
}
