package io.livepredict.http;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A request that is not answered as asked: a problem document (RFC 9457). It never repeats what was sent, and it has no stack
 * trace, so that it costs little and tells nothing of the program.
 */
public final class Problem extends RuntimeException {
    private final int status;
    private final String type;
    private final String title;
    private final Map<String, String> headers;

    private Problem(int status, String type, String title, String detail, Map<String, String> headers) {
        super(detail, null, false, false);
        this.status = status;
        this.type = type;
        this.title = title;
        this.headers = Map.copyOf(headers);
    }

    private static Problem of(int status, String type, String title, String detail) {
        return new Problem(status, type, title, detail, Map.of());
    }

    /** 400: the request is not what the operation takes. */
    public static Problem badRequest(String detail) {
        return of(400, "bad-request", "The request is not what this operation takes", detail);
    }

    /** 401: nobody that is known here. */
    static Problem unauthorized(String detail) {
        return new Problem(
                401, "unauthorized", "The caller is not known here", detail, Map.of("WWW-Authenticate", "Bearer"));
    }

    /** 403: the caller's role does not allow it. */
    static Problem forbidden(String detail) {
        return of(403, "forbidden", "The caller may not do that", detail);
    }

    /** 404: there is no such thing. */
    public static Problem notFound(String detail) {
        return of(404, "not-found", "There is no such thing", detail);
    }

    /** 405: the path takes other methods. */
    static Problem notAllowed(String methods) {
        return new Problem(
                405,
                "method-not-allowed",
                "The path takes other methods",
                "It takes " + methods + ".",
                Map.of("Allow", methods));
    }

    /** 409: it can't be done as things are. */
    public static Problem conflict(String detail) {
        return of(409, "conflict", "It can't be done as things are", detail);
    }

    /** 413: the body is too large. */
    static Problem tooLarge(int mostBytes) {
        return of(413, "too-large", "The body is too large", "It may have " + mostBytes + " bytes.");
    }

    /** 415: the body is no JSON. */
    static Problem notJson() {
        return of(415, "not-json", "The body must be JSON", "Send it with Content-Type: application/json.");
    }

    /** 429: the caller asks too much. */
    static Problem tooMany(int perSecond) {
        return new Problem(
                429,
                "too-many",
                "Too much is asked",
                "A caller may ask for " + perSecond + " entities a second (api.entities-per-second).",
                Map.of("Retry-After", "1"));
    }

    /** 500: the program failed. */
    static Problem failed() {
        return of(500, "failed", "The program failed", "Its log says how.");
    }

    /** 503: not now. */
    public static Problem busy(String detail) {
        return new Problem(503, "not-now", "Not now", detail, Map.of("Retry-After", "1"));
    }

    /** What the server itself refuses, such as a head that is too long. */
    static Problem refused(int status) {
        return of(status, "refused", "The request can't be taken", "It is no request that this server can read.");
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** The document. */
    public Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("type", "urn:livepredict:problem:" + type);
        document.put("title", title);
        document.put("status", status);
        document.put("detail", getMessage());
        return document;
    }
}
