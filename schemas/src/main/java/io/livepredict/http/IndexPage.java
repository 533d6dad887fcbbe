package io.livepredict.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint answers at {@code /}: which paths and operations there are, what each is for and where more is said. Text for
 * tools, a page for browsers, which need nothing else for it.
 */
final class IndexPage {
    /** Nothing is loaded and no script runs. */
    static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
            + " frame-ancestors 'none'";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STYLE = """
            :root{color-scheme:light dark;--line:light-dark(#d8dde3,#3a424b);--muted:light-dark(#57606a,#9aa4af)}
            body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
             background:light-dark(#fff,#14181d);color:light-dark(#1b2128,#e8ecf0)}
            h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}a{color:light-dark(#0a58b8,#7ab7ff)}
            .table{overflow-x:auto}table{border-collapse:collapse;width:100%}
            td,th{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--line)}
            code{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}.muted{color:var(--muted)}
            """;

    private final String program;
    private final Map<String, String> paths;
    private final List<Operation> operations;

    private record Operation(String method, String path, String summary, boolean operate) {}

    /**
     * @param program what it is headed with
     * @param paths with what is found there
     * @param api null where there is none
     */
    IndexPage(String program, Map<String, String> paths, @Nullable Api api) {
        this.program = program;
        this.paths = new TreeMap<>(paths);
        operations = api == null ? List.of() : operations(api);
    }

    private static List<Operation> operations(Api api) {
        JsonNode described;
        try {
            described = JSON.readTree(api.document()).path("paths");
        } catch (IOException e) {
            throw new UncheckedIOException("the OpenAPI document", e);
        }
        List<Operation> operations = new ArrayList<>();
        for (Route route : api.routes()) {
            JsonNode operation =
                    described.path(route.path()).path(route.method().equals("GET") ? "get" : "post");
            operations.add(new Operation(
                    route.method(),
                    route.path(),
                    operation.path("summary").asText(),
                    route.role() == Route.Role.OPERATE));
        }
        return operations;
    }

    /** For tools. */
    String text() {
        StringBuilder lines = new StringBuilder(program);
        paths.forEach((path, words) ->
                lines.append('\n').append(path).append(gap(path, 10)).append(words));
        if (!operations.isEmpty()) {
            lines.append("\n\nThe API, as ").append(Api.DOCUMENT).append(" describes it (for people: docs/api.md):");
            for (Operation each : operations) {
                lines.append('\n')
                        .append(each.method)
                        .append(gap(each.method, 5))
                        .append(each.path)
                        .append(gap(each.path, 44))
                        .append(each.summary);
            }
        }
        return lines.append('\n').toString();
    }

    private static String gap(String text, int to) {
        return " ".repeat(Math.max(1, to - text.length()));
    }

    /** For browsers. */
    String html() {
        StringBuilder page = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
        page.append(escaped(program))
                .append("</title><style>")
                .append(STYLE)
                .append("</style></head><body><main><h1>")
                .append(escaped(program))
                .append("</h1>\n<div class=\"table\"><table>");
        paths.forEach((path, words) -> page.append("<tr><td><a href=\"")
                .append(escaped(path))
                .append("\"><code>")
                .append(escaped(path))
                .append("</code></a></td><td>")
                .append(escaped(words))
                .append("</td></tr>\n"));
        page.append("</table></div>\n");
        if (operations.isEmpty()) {
            page.append("<p class=\"muted\">The API is off: <code>api</code> in the configuration turns it on"
                    + " (docs/api.md).</p>\n");
        } else {
            page.append("<h2>The API</h2>\n<p>Described by <a href=\"" + Api.DOCUMENT + "\"><code>" + Api.DOCUMENT
                    + "</code></a>; for people by <code>docs/api.md</code>. Where tokens are configured, send"
                    + " <code>Authorization: Bearer TOKEN</code>.</p>\n<div class=\"table\"><table>");
            operations.forEach(each -> page.append("<tr><td><code>")
                    .append(each.method)
                    .append("</code></td><td>")
                    .append(path(each))
                    .append("</td><td>")
                    .append(escaped(each.summary))
                    .append(each.operate ? " <span class=\"muted\">Takes the role operate.</span>" : "")
                    .append("</td></tr>\n"));
            page.append("</table></div>\n");
        }
        return page.append("</main></body></html>\n").toString();
    }

    /** Leads there where a browser can ask for it as it is. */
    private static String path(Operation of) {
        String code = "<code>" + escaped(of.path) + "</code>";
        return of.method.equals("GET") && of.path.indexOf('{') < 0
                ? "<a href=\"" + escaped(of.path) + "\">" + code + "</a>"
                : code;
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
