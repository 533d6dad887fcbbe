package io.livepredict.settings;

import org.jspecify.annotations.Nullable;

/**
 * Where a program's HTTP endpoint listens.
 *
 * @param host address to listen at; default {@code 127.0.0.1}
 * @param port port to listen at, 0 for any free one; default: the program's own
 * @param tls answers https instead of http; default: none
 */
public record HttpSettings(
        @Nullable String host,
        @Nullable Integer port,
        @Nullable TlsSettings tls) {
    public HttpSettings {
        if (port != null && (port < 0 || port > 65_535)) {
            throw new IllegalArgumentException("port must be in 0..65535, got " + port);
        }
    }

    /**
     * What an endpoint listens at, nothing left open.
     *
     * @param host the address
     * @param port the port; 0 for any free one
     * @param tls null for plain http
     */
    public record Address(String host, int port, @Nullable TlsSettings tls) {
        /** Plain http. */
        public Address(String host, int port) {
            this(host, port, null);
        }
    }

    /**
     * The address, with the program's own port where none is given.
     *
     * @param given null when the whole group is left out
     */
    public static Address resolve(@Nullable HttpSettings given, int shippedPort) {
        return new Address(
                given == null || given.host() == null ? "127.0.0.1" : given.host(),
                given == null || given.port() == null ? shippedPort : given.port(),
                given == null ? null : given.tls());
    }
}
