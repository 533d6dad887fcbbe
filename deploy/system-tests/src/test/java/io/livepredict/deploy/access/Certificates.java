package io.livepredict.deploy.access;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Key and trust stores for a test, made by the JDK's own keytool. */
public final class Certificates {
    public static final String PASSWORD = "changeit";

    private final Path directory;

    /** @param directory where the stores lie */
    public Certificates(Path directory) {
        this.directory = directory;
    }

    /** A key store with a new self-signed certificate of that common name. */
    public Path keyStore(String name, String commonName) throws IOException, InterruptedException {
        Path store = directory.resolve(name + ".p12");
        keytool(
                "-genkeypair -alias own -keyalg EC -groupname secp256r1 -validity 2 -ext san=dns:localhost,ip:127.0.0.1"
                        + " -storetype PKCS12",
                store,
                "-dname",
                "CN=" + commonName);
        return store;
    }

    /** A trust store that holds the certificates of those key stores. */
    public Path trustStore(String name, Path... keyStores) throws IOException, InterruptedException {
        Path store = directory.resolve(name + ".p12");
        for (Path keyStore : keyStores) {
            String alias = String.valueOf(keyStore.getFileName());
            Path certificate = directory.resolve(alias + ".pem");
            keytool("-exportcert -rfc -alias own", keyStore, "-file", certificate.toString());
            keytool("-importcert -noprompt -storetype PKCS12 -alias " + alias, store, "-file", certificate.toString());
        }
        return store;
    }

    /** How a client trusts those certificates. */
    static Map<String, String> trusting(Path trustStore) {
        return Map.of("ssl.truststore.location", trustStore.toString(), "ssl.truststore.password", PASSWORD);
    }

    private void keytool(String options, Path store, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(Arrays.asList(options.split(" ")));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
        command.addAll(Arrays.asList(more));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed: " + String.join(" ", command));
        }
    }
}
