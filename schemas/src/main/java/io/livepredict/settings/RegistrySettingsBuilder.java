package io.livepredict.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a registry's settings in code, key by key. What is not given is left out, as in a file. */
public final class RegistrySettingsBuilder {
    private final String url;
    private @Nullable String username;
    private @Nullable String password;
    private @Nullable Path trustStore;
    private @Nullable String trustStorePassword;
    private @Nullable Path keyStore;
    private @Nullable String keyStorePassword;
    private Duration retryFor = RegistrySettings.DEFAULT_RETRY_FOR;
    private @Nullable Map<String, String> serde;

    RegistrySettingsBuilder(String url) {
        this.url = url;
    }

    RegistrySettingsBuilder(RegistrySettings from) {
        url = from.url();
        username = from.username();
        password = from.password();
        trustStore = from.trustStore();
        trustStorePassword = from.trustStorePassword();
        keyStore = from.keyStore();
        keyStorePassword = from.keyStorePassword();
        retryFor = from.retryFor();
        serde = from.serde();
    }

    public RegistrySettingsBuilder username(@Nullable String value) {
        username = value;
        return this;
    }

    public RegistrySettingsBuilder password(@Nullable String value) {
        password = value;
        return this;
    }

    public RegistrySettingsBuilder trustStore(@Nullable Path value) {
        trustStore = value;
        return this;
    }

    public RegistrySettingsBuilder trustStorePassword(@Nullable String value) {
        trustStorePassword = value;
        return this;
    }

    public RegistrySettingsBuilder keyStore(@Nullable Path value) {
        keyStore = value;
        return this;
    }

    public RegistrySettingsBuilder keyStorePassword(@Nullable String value) {
        keyStorePassword = value;
        return this;
    }

    public RegistrySettingsBuilder retryFor(Duration value) {
        retryFor = value;
        return this;
    }

    public RegistrySettingsBuilder serde(@Nullable Map<String, String> value) {
        serde = value;
        return this;
    }

    /** @throws IllegalArgumentException if a value does not fit */
    public RegistrySettings build() {
        return new RegistrySettings(
                url, username, password, trustStore, trustStorePassword, keyStore, keyStorePassword, retryFor, serde);
    }
}
