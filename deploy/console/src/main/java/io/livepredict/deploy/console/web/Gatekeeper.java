package io.livepredict.deploy.console.web;

import io.javalin.http.Context;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which requests are answered, and under which rules a browser shows the answers. A page of another site can neither read the
 * console (requests under a name that is not the console's are refused, which stops DNS rebinding, and no other origin is allowed) nor
 * operate it (an operation carries a token that only the console's own page can read).
 */
final class Gatekeeper {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final Set<String> hosts;
    private final String token;

    /** @param hosts the names under which browsers reach the console, beside those of the loopback */
    Gatekeeper(Collection<String> hosts) {
        this.hosts = new HashSet<>(LOOPBACK);
        hosts.forEach(host -> this.hosts.add(host.toLowerCase(Locale.ROOT)));
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** What an operation must carry; told to the console's own page. */
    String token() {
        return token;
    }

    /** Sets the headers that every answer has. */
    static void protect(BiConsumer<String, String> header) {
        header.accept("Content-Security-Policy", POLICY);
        header.accept("X-Content-Type-Options", "nosniff");
        header.accept("Referrer-Policy", "no-referrer");
        header.accept("Cross-Origin-Opener-Policy", "same-origin");
        header.accept("Cross-Origin-Resource-Policy", "same-origin");
    }

    /** Whether the request was made under a name of the console's. */
    boolean isForUs(@Nullable String hostHeader) {
        if (hostHeader == null) {
            return false;
        }
        String host = hostHeader.toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", "");
        return hosts.contains(host);
    }

    /** Whether an operation comes from the console's own page. */
    boolean isOurPage(Context context) {
        String given = context.header("X-Console-Token");
        String site = context.header("Sec-Fetch-Site");
        String origin = context.header("Origin");
        return given != null
                && MessageDigest.isEqual(bytes(given), bytes(token))
                && (site == null || site.equals("same-origin"))
                && (origin == null || isOurs(origin));
    }

    private boolean isOurs(String origin) {
        try {
            return isForUs(URI.create(origin).getAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
