package io.livepredict.settings;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * TLS of a program's HTTP endpoint ({@code http.tls}).
 *
 * @param keyStore a file with the program's own certificate and key: PKCS12 or JKS
 * @param keyStorePassword password of the key store
 * @param trustStore a file of the authorities whose client certificates may use the API: PKCS12, JKS or PEM; {@code /health},
 *     {@code /ready}, {@code /metrics} and {@code /model} ask for no certificate; default: none
 * @param trustStorePassword password of the trust store; not needed for PEM; default: none
 */
public record TlsSettings(
        Path keyStore,
        String keyStorePassword,
        @Nullable Path trustStore,
        @Nullable String trustStorePassword) {
    public TlsSettings {
        Settings.required("key-store", keyStore);
        Settings.required("key-store-password", keyStorePassword);
    }

    /** Without the passwords. */
    @Override
    public String toString() {
        return "TlsSettings[keyStore=" + keyStore + ", trustStore=" + trustStore + "]";
    }
}
