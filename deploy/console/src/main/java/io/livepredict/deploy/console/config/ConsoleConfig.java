package io.livepredict.deploy.console.config;

import io.livepredict.contract.Namespace;
import io.livepredict.settings.HttpSettings;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.Settings;
import io.livepredict.settings.YamlFile;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The console's configuration file.
 *
 * @param namespace prefix of the name of every topic and consumer group, as in the other two programs; default {@code livepredict}
 * @param kafka how to reach the brokers
 * @param registry how to reach the schema registry
 * @param models whose models are shown
 * @param streamsApps the addresses of the streams app's instances, for their metrics and API, such as {@code
 *     http://localhost:8080}; default: none, then what only they know is missing on the pages
 * @param trainer the address of the trainer, for its metrics and for rolling back and promoting models; default: none
 * @param apiToken a file with the token that both programs are asked with, where they ask for one; default: none
 * @param http where the console listens, without {@code tls}: a proxy in front of it has that; default: {@code 127.0.0.1} and
 *     port 8090
 * @param hosts the names under which browsers reach it, beside those of this machine's loopback; required when it listens at
 *     another address: requests under another name are refused; default: none
 * @param operate whether models can be rolled back and promoted here; default: {@code true} where it listens at a loopback
 *     address, else {@code false}
 * @param presentFor how long after their last event viewers and players count as present; default {@code 1m}
 */
@RecordBuilder
public record ConsoleConfig(
        @Nullable String namespace,
        KafkaSettings kafka,
        RegistrySettings registry,
        Models models,
        @Nullable List<URI> streamsApps,
        @Nullable URI trainer,
        @Nullable Path apiToken,
        @Nullable HttpSettings http,
        @Nullable List<String> hosts,
        @Nullable Boolean operate,
        @Nullable Duration presentFor) {
    /** The port that is listened at unless another is configured. */
    public static final int PORT = 8090;

    private static final Duration PRESENT_FOR = Duration.ofMinutes(1);

    public ConsoleConfig {
        Settings.required("kafka", kafka);
        Settings.required("registry", registry);
        Settings.required("models", models);
        if (presentFor != null && (presentFor.isNegative() || presentFor.isZero())) {
            throw new IllegalArgumentException("present-for must be positive");
        }
        streamsApps = streamsApps == null ? null : List.copyOf(streamsApps);
        hosts = hosts == null ? null : List.copyOf(hosts);
        List<URI> addresses = new ArrayList<>(streamsApps == null ? List.of() : streamsApps);
        if (trainer != null) {
            addresses.add(trainer);
        }
        addresses.forEach(ConsoleConfig::check);
        if (http != null && http.tls() != null) {
            throw new IllegalArgumentException(
                    "http.tls: the console speaks plain HTTP; put a proxy with TLS in front of"
                            + " it, and name the proxy's host in hosts");
        }
        HttpSettings.Address address = HttpSettings.resolve(http, PORT);
        if (!isLoopback(address.host()) && (hosts == null || hosts.isEmpty())) {
            throw new IllegalArgumentException("hosts is missing: http.host is " + address.host()
                    + ", which other machines may reach; name the hosts under which browsers reach the console");
        }
    }

    /**
     * Whose models are shown.
     *
     * @param trustedKeys public keys (PEM files), those of the streams app: a version is shown only if one of their owners
     *     signed it
     */
    public record Models(List<Path> trustedKeys) {
        public Models {
            Settings.required("trusted-keys", trustedKeys);
            trustedKeys = List.copyOf(trustedKeys);
        }
    }

    /** Reads the file, with the environment laid over it. */
    public static ConsoleConfig read(Path file, Map<String, String> env) {
        return YamlFile.read(file, ConsoleConfig.class, env);
    }

    /** The namespace, with the default filled in. */
    public Namespace names() {
        return namespace == null ? Namespace.defaults() : new Namespace(namespace);
    }

    /** Where it listens, with the defaults filled in. */
    public HttpSettings.Address address() {
        return HttpSettings.resolve(http, PORT);
    }

    /** The instances of the streams app; may be empty. */
    public List<URI> apps() {
        return streamsApps == null ? List.of() : streamsApps;
    }

    /** Whether operations are offered, with the default filled in. */
    public boolean mayOperate() {
        return operate == null ? isLoopback(address().host()) : operate;
    }

    /** How long entities count as present, with the default filled in. */
    public Duration presence() {
        return presentFor == null ? PRESENT_FOR : presentFor;
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static void check(URI address) {
        if (address.getHost() == null || !("http".equals(address.getScheme()) || "https".equals(address.getScheme()))) {
            throw new IllegalArgumentException(
                    "address '" + address + "' must be like http://localhost:8080: scheme, host, port");
        }
    }
}
