package io.livepredict.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Key pairs with self-signed certificates for a test, made by the JDK's own keytool. */
public final class KeyPairs {
    /** Of every store. */
    public static final String PASSWORD = "changeit";

    private final Path directory;

    /** @param directory where the files lie */
    public KeyPairs(Path directory) {
        this.directory = directory;
    }

    /** A key pair and its certificate, of this machine: NAME.p12, NAME.pem, and NAME-trust.p12 that trusts it. */
    public void add(String name, String commonName) throws IOException, InterruptedException, GeneralSecurityException {
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + commonName,
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

    /** A file of that name. */
    public Path file(String name) {
        return directory.resolve(name);
    }
}
