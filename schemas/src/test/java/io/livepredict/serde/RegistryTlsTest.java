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
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
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
    private static final String PASSWORD = "changeit";
    private static final Schema SCHEMA = Schema.create(Schema.Type.STRING);

    @TempDir
    static Path directory;

    private static HttpsServer server;

    @BeforeAll
    static void start() throws Exception {
        pair("server");
        pair("client");
        pair("stranger");
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

    /** A key pair with its certificate: NAME.p12, NAME.pem, and NAME-trust.p12 that trusts it. */
    private static void pair(String name) throws Exception {
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-validity",
                "30",
                "-storetype",
                "PKCS12",
                "-keystore",
                file(name + ".p12").toString(),
                "-storepass",
                PASSWORD);
        KeyStore pair = KeyStore.getInstance(file(name + ".p12").toFile(), PASSWORD.toCharArray());
        Certificate certificate = pair.getCertificate(name);
        String base64 = Base64.getMimeEncoder().encodeToString(certificate.getEncoded());
        Files.writeString(
                file(name + ".pem"), "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry(name, certificate);
        try (OutputStream out = Files.newOutputStream(file(name + "-trust.p12"))) {
            trust.store(out, PASSWORD.toCharArray());
        }
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static Path file(String name) {
        return directory.resolve(name);
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
