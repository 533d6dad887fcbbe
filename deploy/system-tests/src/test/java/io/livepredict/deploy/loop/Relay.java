package io.livepredict.deploy.loop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** An address that leads to a port of this machine, until it is cut: then whoever connects is hung up on. */
final class Relay implements AutoCloseable {
    private final ServerSocket listening;
    private volatile int target = -1;

    Relay() throws IOException {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /** Where it is, as host:port. */
    String address() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    /** Leads there from now on. */
    void to(int port) {
        target = port;
    }

    /** Leads nowhere from now on. */
    void cut() {
        target = -1;
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket from = listening.accept();
                Thread.ofVirtual().start(() -> connect(from));
            } catch (IOException e) {
                return; // it was closed
            }
        }
    }

    private void connect(Socket from) {
        int port = target;
        try (from) {
            if (port < 0) {
                return;
            }
            try (Socket to = new Socket(InetAddress.getLoopbackAddress(), port)) {
                Thread.ofVirtual().start(() -> copy(from, to));
                copy(to, from);
            }
        } catch (IOException e) {
            return; // one of them hung up
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            return; // one of them hung up
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
