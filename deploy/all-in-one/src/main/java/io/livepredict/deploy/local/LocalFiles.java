package io.livepredict.deploy.local;

import io.livepredict.model.SigningKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Where one local platform keeps its files: a folder of the user's, or one that is gone at the end. */
final class LocalFiles implements AutoCloseable {
    private static final String LOCK = "livepredict.lock";

    private final Path root;
    private final boolean temporary;
    private final FileChannel channel;

    private LocalFiles(Path root, boolean temporary, FileChannel channel) {
        this.root = root;
        this.temporary = temporary;
        this.channel = channel;
    }

    /**
     * Opens the folder and takes possession of it.
     *
     * @param data the user's folder; null for a temporary one
     * @param fresh whether what is in it is deleted first; only a folder that was made here is
     * @throws StartException if another platform uses it, or it can't be used
     */
    static LocalFiles open(@Nullable Path data, boolean fresh) {
        try {
            Path root = data == null ? Files.createTempDirectory("livepredict-local") : data.toAbsolutePath();
            boolean existed = data != null && Files.exists(root);
            if (existed && !Files.isDirectory(root)) {
                throw new StartException("--data " + data + " is no folder");
            }
            boolean ours = Files.exists(root.resolve(LOCK));
            if (existed && !ours && !isEmpty(root)) {
                throw new StartException("--data " + data
                        + " holds other files: name an empty folder, a new one, or one that deploy/local made");
            }
            Files.createDirectories(root);
            FileChannel channel =
                    FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isFree(channel)) {
                channel.close();
                throw new StartException("--data " + data
                        + " is in use by another deploy/local: end that one, or choose another folder");
            }
            LocalFiles files = new LocalFiles(root, data == null, channel);
            if (fresh) {
                files.clear();
            }
            return files;
        } catch (IOException e) {
            throw new StartException("the folder for data can't be used: " + e.getMessage(), e);
        }
    }

    Path root() {
        return root;
    }

    boolean isTemporary() {
        return temporary;
    }

    Path broker() {
        return root.resolve("broker");
    }

    /** Null where nothing is kept: then the registry works in memory. */
    @Nullable
    Path registry() {
        return temporary ? null : root.resolve("registry");
    }

    Path registryLog() {
        return root.resolve("registry.log");
    }

    Path streamsState() {
        return root.resolve("streams-state");
    }

    Path streamsConfig() {
        return root.resolve("streams-app.yaml");
    }

    Path trainerConfig() {
        return root.resolve("trainer.yaml");
    }

    Path consoleConfig() {
        return root.resolve("console.yaml");
    }

    /** What the simulated platform was made from. */
    Path simulated() {
        return root.resolve("simulated-platform.json");
    }

    Path signingKey() {
        return root.resolve("keys").resolve("signing.pem");
    }

    Path publicKey() {
        return root.resolve("keys").resolve("signing.pub.pem");
    }

    /** Makes a signing key pair, unless there is one. */
    void ensureKeys() {
        if (Files.exists(signingKey()) && Files.exists(publicKey())) {
            return;
        }
        try {
            Files.createDirectories(root.resolve("keys"));
        } catch (IOException e) {
            throw new StartException("no folder for the signing key: " + e.getMessage(), e);
        }
        SigningKey.generate().write(signingKey(), publicKey());
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new StartException("the folder for data can't be let go: " + e.getMessage(), e);
        }
        if (temporary) {
            EmbeddedBroker.deleteTree(root);
        }
    }

    private void clear() throws IOException {
        try (var entries = Files.list(root)) {
            for (Path entry : entries.toList()) {
                if (!entry.endsWith(LOCK)) {
                    EmbeddedBroker.deleteTree(entry);
                }
            }
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }

    /** The lock lasts until the channel is closed, or the process is gone. */
    private static boolean isFree(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
