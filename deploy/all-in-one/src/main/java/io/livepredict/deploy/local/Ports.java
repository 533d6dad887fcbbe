package io.livepredict.deploy.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Loopback ports: finds a free one, or says that one is taken. */
public final class Ports {
    private static final int FIRST_LISTENING = 12_000;
    private static final int LISTENING = 20_000;
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(LISTENING));

    private Ports() {}

    /**
     * A port that nothing listens on, and that this JVM was not given before. It lies below the range from which Linux
     * (32768–60999), macOS and Windows (49152–65535) take the ports of outgoing connections: one of those is easily taken
     * by a client between its being found free and its being listened at. Another server may still come first.
     */
    public static int free() {
        for (int tried = 0; tried < LISTENING; tried++) {
            int port = FIRST_LISTENING + Math.floorMod(NEXT.getAndIncrement(), LISTENING);
            if (isFree(port)) {
                return port;
            }
        }
        throw new StartException("no free port on the loopback interface from " + FIRST_LISTENING + " to "
                + (FIRST_LISTENING + LISTENING - 1));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
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
