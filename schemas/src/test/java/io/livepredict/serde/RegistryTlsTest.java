package io.livepredict.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.SettingsException;
import io.livepredict.tls.KeyPairs;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry behind TLS that wants to see the client's certificate, and below /locked a password as well. */
class RegistryTlsTest {
    private static final String PASSWORD = KeyPairs.PASSWORD;
    private static final Schema SCHEMA = Schema.create(Schema.Type.STRING);

    @TempDir
    static Path directory;

    private static KeyPairs pairs;
    private static HttpsServer server;

    @BeforeAll
    static void start() throws Exception {
        pairs = new KeyPairs(directory);
        for (String name : List.of("server", "client", "stranger")) {
            pairs.add(name, "localhost");
        }
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(file("server.p12").toFile(), PASSWORD.toCharArray()), PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(KeyStore.getInstance(file("client-trust.p12").toFile(), PASSWORD.toCharArray()));
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = context.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        HttpHandler registry = exchange -> {
            byte[] body = "{\"id\":3}".getBytes(StandardCharsets.UTF_8);
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        };
        server.createContext("/", registry);
        server.createContext("/locked", registry).setAuthenticator(new BasicAuthenticator("registry") {
            @Override
            public boolean checkCredentials(String username, String password) {
                return username.equals("livepredict") && password.equals("secret");
            }
        });
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
    }

    private static Path file(String name) {
        return pairs.file(name);
    }

    private static RegistrySettings settings(
            @Nullable Path trustStore, @Nullable String trustPassword, @Nullable Path keyStore) {
        return RegistrySettings.builder(
                        "https://localhost:" + server.getAddress().getPort())
                .trustStore(trustStore)
                .trustStorePassword(trustPassword)
                .keyStore(keyStore)
                .keyStorePassword(keyStore == null ? null : PASSWORD)
                .retryFor(Duration.ZERO)
                .build();
    }

    /** TLS with certificates of both sides, and a password. */
    private static RegistrySettings locked(@Nullable String password) {
        RegistrySettings open = settings(file("server-trust.p12"), PASSWORD, file("client.p12"));
        return RegistrySettings.builder(open.url() + "/locked")
                .username(password == null ? null : "livepredict")
                .password(password)
                .trustStore(open.trustStore())
                .trustStorePassword(open.trustStorePassword())
                .keyStore(open.keyStore())
                .keyStorePassword(open.keyStorePassword())
                .retryFor(Duration.ZERO)
                .build();
    }

    private static int register(RegistrySettings settings) {
        try (ConfluentRegistryClient client = new ConfluentRegistryClient(settings)) {
            return client.register("s", SCHEMA);
        }
    }

    @Test
    void shouldShowItsCertificateToARegistryItTrusts() {
        assertThat(register(settings(file("server-trust.p12"), PASSWORD, file("client.p12"))))
                .isEqualTo(3);
    }

    @Test
    void shouldTrustACertificateInPem() {
        assertThat(register(settings(file("server.pem"), null, file("client.p12"))))
                .isEqualTo(3);
    }

    @Test
    void shouldNotTalkToARegistryItDoesNotTrust() {
        assertThatThrownBy(() -> register(settings(file("stranger.pem"), null, file("client.p12"))))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageStartingWith("the schema registry at https://localhost:")
                .hasMessageContaining("can't be trusted")
                .hasMessageEndingWith("check trust-store and key-store");
    }

    @Test
    void shouldSayThatTheRegistryRefusesItsCertificate() {
        assertThatThrownBy(() -> register(settings(file("server.pem"), null, file("stranger.p12"))))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageStartingWith("the schema registry at https://localhost:");
        assertThatThrownBy(() -> register(settings(file("server.pem"), null, null)))
                .isInstanceOf(RegistryUnavailableException.class);
    }

    @Test
    void shouldSayThatAPasswordIsWrong() {
        assertThatThrownBy(() -> register(settings(file("server-trust.p12"), "wrong", null)))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith(
                        "registry.trust-store: " + file("server-trust.p12") + ": can't be read, check its password: ");
    }

    @Test
    void shouldGiveItsPasswordOverTls() {
        assertThat(register(locked("secret"))).isEqualTo(3);
        for (String refused : new String[] {null, "wrong"}) {
            assertThatThrownBy(() -> register(locked(refused)))
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageStartingWith("the schema registry at https://localhost:")
                    .hasMessageContaining("401")
                    .hasMessageNotContaining("secret");
        }
    }
}
