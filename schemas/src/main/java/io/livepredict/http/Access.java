package io.livepredict.http;

import io.livepredict.contract.Hashes;
import io.livepredict.http.Route.Role;
import io.livepredict.settings.ApiSettings;
import io.livepredict.settings.HttpSettings;
import io.livepredict.settings.SettingsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the API: whoever has one of the tokens, or a certificate that a trusted authority has signed. Without either
 * everybody on this machine may: the settings then let the program listen to nobody else.
 *
 * <p>A line of the token file is {@code NAME ROLE TOKEN}; empty lines and those that begin with # count for nothing. Only hashes
 * of the tokens are kept, and these are what is compared, so that the time it takes tells nothing of a token.
 */
public final class Access {
    private static final int LEAST_TOKEN = 16;
    private static final String BEARER = "bearer ";
    /** What a browser calls this machine; another name leads here from a page of somebody else's. */
    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Map<String, Caller> byTokenHash;
    private final boolean certificates;
    private final Set<String> operators;

    /** Who asks. */
    record Caller(String name, Role role) {}

    /** What of a request tells who asks. */
    record Credentials(@Nullable String authorization, X509Certificate @Nullable [] certificates, String host) {}

    private Access(Map<String, Caller> byTokenHash, boolean certificates, Set<String> operators) {
        this.byTokenHash = Map.copyOf(byTokenHash);
        this.certificates = certificates;
        this.operators = Set.copyOf(operators);
    }

    /**
     * Reads the token file.
     *
     * @throws SettingsException in one line, if it can't be read
     */
    public static Access of(ApiSettings settings, HttpSettings.Address address) {
        boolean certificates = address.tls() != null && address.tls().trustStore() != null;
        Map<String, Caller> tokens = settings.tokens() == null ? Map.of() : tokens(settings.tokens());
        return new Access(tokens, certificates, Set.copyOf(settings.operators()));
    }

    private static Map<String, Caller> tokens(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw refused(file + " can't be read: " + e.getClass().getSimpleName(), e);
        }
        Map<String, Caller> tokens = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                add(tokens, line, file + " line " + (i + 1));
            }
        }
        if (tokens.isEmpty()) {
            throw refused(file + " has no token; a line is NAME ROLE TOKEN, ROLE being read or operate", null);
        }
        return tokens;
    }

    private static void add(Map<String, Caller> tokens, String line, String where) {
        String[] words = line.split("\\s+");
        if (words.length != 3 || !(words[1].equals("read") || words[1].equals("operate"))) {
            throw refused(where + " must be NAME ROLE TOKEN, ROLE being read or operate", null);
        }
        if (words[2].length() < LEAST_TOKEN) {
            throw refused(where + ": a token has at least " + LEAST_TOKEN + " characters; openssl rand -hex 32", null);
        }
        Caller caller = new Caller(words[0], words[1].equals("operate") ? Role.OPERATE : Role.READ);
        if (tokens.put(hash(words[2]), caller) != null) {
            throw refused(where + ": the token is in the file twice", null);
        }
    }

    private static SettingsException refused(String why, @Nullable Throwable cause) {
        return new SettingsException(List.of("api", "tokens"), "api.tokens: " + why, cause);
    }

    private static String hash(String token) {
        return Hashes.sha256(token.getBytes(StandardCharsets.UTF_8));
    }

    /** Who asks. @throws Problem if nobody that is known here */
    Caller caller(Credentials of) {
        String authorization = of.authorization();
        if (authorization != null && authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
            Caller caller = byTokenHash.get(
                    hash(authorization.substring(BEARER.length()).strip()));
            if (caller != null) {
                return caller;
            }
        }
        X509Certificate[] chain = of.certificates();
        if (certificates && chain != null && chain.length > 0) {
            String name = commonName(chain[0]);
            return new Caller(name, operators.contains(name) ? Role.OPERATE : Role.READ);
        }
        if (!byTokenHash.isEmpty() || certificates) {
            throw Problem.unauthorized("Send Authorization: Bearer TOKEN, or a client certificate.");
        }
        if (!LOOPBACK_NAMES.contains(of.host().toLowerCase(Locale.ROOT))) {
            throw Problem.forbidden("Without api.tokens the API is for this machine: ask 127.0.0.1 or localhost.");
        }
        return new Caller("local", Role.OPERATE);
    }

    private static String commonName(X509Certificate certificate) {
        String subject = certificate.getSubjectX500Principal().getName();
        try {
            List<String> names = new ArrayList<>();
            for (Rdn part : new LdapName(subject).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    names.add(part.getValue().toString());
                }
            }
            return names.isEmpty() ? subject : names.getLast();
        } catch (InvalidNameException e) {
            return subject;
        }
    }
}
