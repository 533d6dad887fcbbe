package io.livepredict.settings;

import io.livepredict.contract.DurationFormat;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the schema registry: anything that speaks the Confluent Schema Registry's REST API.
 *
 * @param url the registry's address up to the API's root, e.g. {@code http://localhost:8081}, or for Apicurio
 *     {@code http://localhost:8080/apis/ccompat/v7}
 * @param username user name for basic authentication; goes with {@code password}; default: none
 * @param password password for basic authentication; default: none
 * @param trustStore a file of certificates to trust in place of the JDK's: PKCS12, JKS or PEM; default: none
 * @param trustStorePassword password of the trust store; not needed for PEM; default: none
 * @param keyStore a file with the client's own certificate and key for mutual TLS: PKCS12 or JKS; default: none
 * @param keyStorePassword password of the key store; default: none
 * @param retryFor how long calls to a registry that does not answer are retried before the caller gets an error; default {@code 10s}
 * @param serde serdes to use in place of ours: {@code class}, and any further property of that class; default: none
 */
@RecordBuilder
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

    static final Duration DEFAULT_RETRY_FOR = Duration.ofSeconds(10);

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

    /** A registry that needs neither credentials nor certificates. */
    public static RegistrySettings of(String url) {
        return RegistrySettings.builder(url).build();
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
                + keyStore + ", retryFor=" + DurationFormat.format(retryFor) + "]";
    }

    /** Makes one in code; what is not given is left out. */
    public static RegistrySettingsBuilder builder(String url) {
        return RegistrySettingsBuilder.builder().url(url).retryFor(DEFAULT_RETRY_FOR);
    }

    /** Makes another one that differs from this one. */
    public RegistrySettingsBuilder toBuilder() {
        return RegistrySettingsBuilder.builder(this);
    }
}
