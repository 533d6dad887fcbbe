package io.livepredict.deploy.loop;

import io.livepredict.deploy.local.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Path;

/** A broker as a process of its own, so that it can be stopped and killed. Its log outlives it. Ends with its parent. */
final class BrokerChild {
    private BrokerChild() {}

    /**
     * Runs until it is told to end.
     *
     * @param arguments its port and its directory
     */
    public static void main(String[] arguments) throws IOException {
        EmbeddedBroker broker =
                EmbeddedBroker.start(EmbeddedBroker.Options.kept(Integer.parseInt(arguments[0]), Path.of(arguments[1]))
                        .with("group.min.session.timeout.ms", "1000")
                        .with("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500"));
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close));
        while (System.in.read() >= 0) {
            // Until the parent is gone.
        }
        Runtime.getRuntime().halt(0);
    }
}
