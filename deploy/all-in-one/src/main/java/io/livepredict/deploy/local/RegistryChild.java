package io.livepredict.deploy.local;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;

/**
 * Main class of the registry's process: Apicurio's own, and a thread that ends the process when the parent is gone.
 * The parent holds the other end of standard input and writes nothing; whatever ends the parent, SIGKILL included,
 * closes that pipe. Imports the JDK only, because nothing else is on that process's class path.
 */
public final class RegistryChild {
    private static final long LONGEST_EXIT_MILLIS = 4_000;

    private RegistryChild() {}

    /** Starts Quarkus's runner, as {@code java -jar quarkus-run.jar} does. */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        Thread watch = new Thread(RegistryChild::exitWhenParentIsGone, "parent-watch");
        watch.setDaemon(true);
        watch.start();
        try {
            Class.forName("io.quarkus.bootstrap.runner.QuarkusEntryPoint")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private static void exitWhenParentIsGone() {
        try (InputStream parent = System.in) {
            while (parent.read() >= 0) {
                // Nothing is ever sent; only the end matters.
            }
        } catch (IOException e) {
            // A broken pipe says the same as its end.
        }
        Thread halt = new Thread(RegistryChild::haltWhenExitHangs, "halt");
        halt.setDaemon(true);
        halt.start();
        System.exit(0); // not halt: the database is to be closed
    }

    private static void haltWhenExitHangs() {
        try {
            Thread.sleep(LONGEST_EXIT_MILLIS);
        } catch (InterruptedException e) {
            // Then at once.
        }
        Runtime.getRuntime().halt(0);
    }
}
