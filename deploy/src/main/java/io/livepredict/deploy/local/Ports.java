package io.livepredict.deploy.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Loopback ports: a free one, or the news that one is taken. */
public final class Ports {
    private Ports() {}

    /** A port nothing listens on right now. Another process may take it before it is used. */
    public static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new StartException("no free port on the loopback interface: " + e.getMessage(), e);
        }
    }

    /**
     * Makes sure that a port can be bound.
     *
     * @param what what it is for, as a person would say it
     * @param option the option that chooses another
     * @throws StartException naming the port if something listens on it
     */
    public static void requireFree(int port, String what, String option) {
        try (ServerSocket socket = new ServerSocket()) {
            // A port in TIME_WAIT after a stop is free for the servers started here, which set the same option.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
        } catch (IOException e) {
            throw new StartException(
                    "port " + port + " for " + what + " is taken: stop what listens there, or choose another with "
                            + option,
                    e);
        }
    }
}
