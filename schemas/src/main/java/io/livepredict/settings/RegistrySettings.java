package io.livepredict.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the schema registry: anything that speaks the Confluent Schema Registry's REST API.
 *
 * @param url its address up to the API's root, e.g. {@code http://localhost:8081}, or for Apicurio
 *     {@code http://localhost:8080/apis/ccompat/v7}
 * @param username for basic authentication; goes with {@code password}
 * @param password for basic authentication
 * @param trustStore certificates to trust instead of the JDK's: PKCS12, JKS or PEM
 * @param trustStorePassword its password; not needed for PEM
 * @param keyStore the client's own certificate and key for mutual TLS: PKCS12 or JKS
 * @param keyStorePassword its password
 * @param retryFor how long a registry that does not answer is tried again before the caller is told; default 10s
 * @param serde serdes to use in place of ours: {@code class}, and any further property of that class's; default none
 */
public record RegistrySettings(
        String url,
        @Nullable String username,
        @Nullable String password,
        @Nullable Path trustStore,
        @Nullable String trustStorePassword,
        @Nullable Path keyStore,
        @Nullable String keyStorePassword,
        Duration retryFor,
        @Nullable Map<String, String> serde) {

    private static final Duration DEFAULT_RETRY_FOR = Duration.ofSeconds(10);

    @SuppressWarnings("ConstantValue") // absent keys arrive as null
    public RegistrySettings {
        url = checked(url);
        retryFor = retryFor == null ? DEFAULT_RETRY_FOR : retryFor;
        if ((username == null) != (password == null)) {
            throw new IllegalArgumentException("username and password go together: give both or neither");
        }
        if (keyStore != null && keyStorePassword == null) {
            throw new IllegalArgumentException("key-store needs key-store-password");
        }
        serde = serde == null ? null : Map.copyOf(serde);
        if (retryFor.isNegative()) {
            throw new IllegalArgumentException("retry-for must not be negative");
        }
    }

    /** With our own serdes. */
    public RegistrySettings(
            String url,
            @Nullable String username,
            @Nullable String password,
            @Nullable Path trustStore,
            @Nullable String trustStorePassword,
            @Nullable Path keyStore,
            @Nullable String keyStorePassword,
            Duration retryFor) {
        this(url, username, password, trustStore, trustStorePassword, keyStore, keyStorePassword, retryFor, null);
    }

    /** A registry that needs neither credentials nor certificates. */
    public static RegistrySettings of(String url) {
        return new RegistrySettings(url, null, null, null, null, null, null, DEFAULT_RETRY_FOR);
    }

    /** The same, trying for that long when the registry does not answer. */
    public RegistrySettings retryingFor(Duration time) {
        return new RegistrySettings(
                url, username, password, trustStore, trustStorePassword, keyStore, keyStorePassword, time, serde);
    }

    private static String checked(@Nullable String url) {
        if (url == null || url.isBlank()) {
            throw new IllegalArgumentException(
                    "url is missing: give the registry's address, such as http://localhost:8081");
        }
        String trimmed = url.strip();
        while (trimmed.endsWith("/")) {
            trimmed = trimmed.substring(0, trimmed.length() - 1);
        }
        URI uri;
        try {
            uri = new URI(trimmed);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("url '" + url + "' is not a URL: " + e.getReason(), e);
        }
        if (uri.getUserInfo() != null) {
            throw new IllegalArgumentException("url holds a user name: give it as username and password instead");
        }
        if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw new IllegalArgumentException("url '" + url
                    + "' must begin with http:// or https:// and name a host, such as http://localhost:8081");
        }
        return trimmed;
    }

    /** Without the passwords. */
    @Override
    public String toString() {
        return "RegistrySettings[url=" + url + ", username=" + username + ", trustStore=" + trustStore + ", keyStore="
                + keyStore + ", retryFor=" + Durations.format(retryFor) + "]";
    }
}
