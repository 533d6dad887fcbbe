package io.livepredict.deploy.loop;

import io.livepredict.deploy.local.EmbeddedBroker;
import io.livepredict.deploy.local.Ports;
import io.livepredict.deploy.local.RegistryProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** One real broker and one real registry for all tests of this JVM; each test has a namespace of its own. */
public final class Servers {
    private static final Servers SHARED = new Servers();

    private final EmbeddedBroker broker = EmbeddedBroker.start(EmbeddedBroker.Options.throwaway()
            // A killed program's place in its group and its transaction are given up within seconds.
            .with("group.min.session.timeout.ms", "1000")
            .with("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500"));
    private final RegistryProcess registry;

    private Servers() {
        try {
            Path log = Files.createTempFile("livepredict-registry", ".log");
            log.toFile().deleteOnExit();
            registry = RegistryProcess.start(Ports.free(), null, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            registry.close();
            broker.close();
        }));
    }

    /** Started when first asked for; ended with the JVM. */
    public static Servers shared() {
        return SHARED;
    }

    /** Where the broker is. */
    public String kafka() {
        return broker.bootstrapServers();
    }

    /** The registry's address. */
    public String registry() {
        return registry.url();
    }
}
