package io.livepredict.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP API under {@code /v1}. It is off where this group is left out; {@code api: {}} turns it on at a loopback address. At
 * another address it needs {@code tokens}, or client certificates ({@code http.tls} with a {@code trust-store}).
 *
 * @param tokens a file with a line {@code NAME ROLE TOKEN} for each bearer token, ROLE being read or operate; read at the start;
 *     default: none
 * @param operators common names of client certificates whose owners have the role operate; all others that a trusted authority
 *     has signed have the role read; default: none
 * @param address {@code host:port} under which the other instances reach this one; default: {@code http.host} and
 *     {@code http.port}, or this machine's name where that is no single address
 * @param entitiesPerSecond how many entities one caller may ask for in a second at each instance, at least 1; default
 *     {@code 1000}
 */
public record ApiSettings(
        @Nullable Path tokens,
        @Nullable List<String> operators,
        @Nullable String address,
        @Nullable Integer entitiesPerSecond) {
    private static final int ENTITIES_PER_SECOND = 1_000;

    public ApiSettings {
        operators = operators == null ? List.of() : List.copyOf(operators);
        if (entitiesPerSecond != null && entitiesPerSecond < 1) {
            throw new IllegalArgumentException("entities-per-second must be at least 1, got " + entitiesPerSecond);
        }
        if (address != null && !address.matches("[^:/\\s]+:\\d{1,5}|\\[[0-9a-fA-F:]+]:\\d{1,5}")) {
            throw new IllegalArgumentException("address must be host:port, got '" + address + "'");
        }
    }

    /**
     * The settings, if the API is not open to the network with them.
     *
     * @param given null where the group is left out
     * @throws SettingsException if everybody who reaches that address could use it
     */
    public static Optional<ApiSettings> resolve(@Nullable ApiSettings given, HttpSettings.Address address) {
        boolean certificates = address.tls() != null && address.tls().trustStore() != null;
        if (given != null && given.tokens() == null && !certificates && !isLoopback(address.host())) {
            throw new SettingsException(
                    List.of("api"),
                    "api: everybody who reaches " + address.host() + " could use the API: give a file of api.tokens, or"
                            + " http.tls with a trust-store for client certificates, or listen at http.host: 127.0.0.1",
                    null);
        }
        return Optional.ofNullable(given);
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** On, as shipped. */
    public static ApiSettings defaults() {
        return new ApiSettings(null, null, null, null);
    }

    /** Whose certificates may operate. */
    @Override
    public List<String> operators() {
        return operators == null ? List.of() : operators;
    }

    /** How many entities one caller may ask for in a second. */
    public int mostPerSecond() {
        return entitiesPerSecond == null ? ENTITIES_PER_SECOND : entitiesPerSecond;
    }
}
