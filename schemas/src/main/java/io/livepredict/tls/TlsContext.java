package io.livepredict.tls;

import io.livepredict.settings.SettingsException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The certificates and keys that settings name, as the JDK takes them. */
public final class TlsContext {
    private TlsContext() {}

    /**
     * Files of certificates and keys.
     *
     * @param group of the keys in the configuration, for messages
     * @param keyStore own certificate and key, PKCS12 or JKS; null for none
     * @param keyStorePassword goes with the key store
     * @param trustStore certificates to trust, PKCS12, JKS or PEM; null for the JDK's
     * @param trustStorePassword null for PEM
     */
    public record Stores(
            String group,
            @Nullable Path keyStore,
            @Nullable String keyStorePassword,
            @Nullable Path trustStore,
            @Nullable String trustStorePassword) {}

    /**
     * Loads the stores.
     *
     * @throws SettingsException if a file can't be read as a store
     */
    public static SSLContext of(Stores stores) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(stores), trust(stores), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new SettingsException(stores.group() + ": TLS can't be set up: " + e.getMessage(), e);
        }
    }

    private static KeyManager @Nullable [] keys(Stores stores) throws GeneralSecurityException {
        if (stores.keyStore() == null) {
            return null;
        }
        char[] password = Objects.requireNonNull(stores.keyStorePassword()).toCharArray();
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(load(stores.group() + ".key-store", stores.keyStore(), password), password);
        return factory.getKeyManagers();
    }

    private static TrustManager @Nullable [] trust(Stores stores) throws GeneralSecurityException {
        if (stores.trustStore() == null) {
            return null;
        }
        String password = stores.trustStorePassword();
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(load(
                stores.group() + ".trust-store",
                stores.trustStore(),
                password == null ? null : password.toCharArray()));
        return factory.getTrustManagers();
    }

    private static KeyStore load(String key, Path file, char @Nullable [] password) throws GeneralSecurityException {
        try {
            byte[] bytes = Files.readAllBytes(file);
            if (new String(bytes, StandardCharsets.ISO_8859_1).contains("-----BEGIN CERTIFICATE-----")) {
                return ofCertificates(bytes);
            }
            return KeyStore.getInstance(file.toFile(), password);
        } catch (NoSuchFileException e) {
            throw new SettingsException(key + ": " + file + ": there is no such file", e);
        } catch (IOException e) {
            throw new SettingsException(
                    key + ": " + file + ": can't be read, check its password: " + e.getMessage(), e);
        }
    }

    private static KeyStore ofCertificates(byte[] pem) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int index = 0;
        for (Certificate certificate :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
            store.setCertificateEntry("certificate-" + index++, certificate);
        }
        return store;
    }
}
