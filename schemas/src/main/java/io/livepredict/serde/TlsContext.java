package io.livepredict.serde;

import io.livepredict.settings.RegistrySettings;
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

/** The certificates of a registry's settings as the JDK's HTTP client takes them. */
final class TlsContext {
    private TlsContext() {}

    /**
     * Loads the stores.
     *
     * @throws SettingsException if a file can't be read as a store
     */
    static SSLContext of(RegistrySettings settings) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(settings), trust(settings), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new SettingsException("registry: TLS can't be set up: " + e.getMessage(), e);
        }
    }

    private static KeyManager @Nullable [] keys(RegistrySettings settings) throws GeneralSecurityException {
        if (settings.keyStore() == null) {
            return null;
        }
        char[] password = Objects.requireNonNull(settings.keyStorePassword()).toCharArray();
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(load("registry.key-store", settings.keyStore(), password), password);
        return factory.getKeyManagers();
    }

    private static TrustManager @Nullable [] trust(RegistrySettings settings) throws GeneralSecurityException {
        if (settings.trustStore() == null) {
            return null;
        }
        String password = settings.trustStorePassword();
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(
                load("registry.trust-store", settings.trustStore(), password == null ? null : password.toCharArray()));
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
