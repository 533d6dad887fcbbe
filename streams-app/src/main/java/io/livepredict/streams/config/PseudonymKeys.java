package io.livepredict.streams.config;

import io.livepredict.settings.Settings;
import io.livepredict.settings.SettingsException;
import io.livepredict.streams.ingest.Pseudonyms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pseudonyms in the place of entity ids, from ingest on: the first 32 hexadecimal digits of HMAC-SHA-256 over the id.
 *
 * @param keyFile a file with the key: at least 32 characters, such as {@code openssl rand -hex 32} writes; white space at its end
 *     does not count
 * @param epochs other keys from later on; an id has another pseudonym in each epoch, and is somebody new in it; default: none
 */
public record PseudonymKeys(Path keyFile, @Nullable List<Epoch> epochs) {
    private static final int FEWEST_BYTES = 32;

    /**
     * A key that counts from some time on.
     *
     * @param from event time, such as {@code 2026-06-01T00:00:00Z}; must lie ahead when it is first configured
     * @param keyFile a file with the key, as above; those of former epochs stay where they are
     */
    public record Epoch(String from, Path keyFile) {
        public Epoch {
            Settings.required("from", from);
            Settings.required("key-file", keyFile);
            moment(from);
        }

        private static Instant moment(String from) {
            try {
                return Instant.parse(from);
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException("from '" + from + "' is no time like 2026-06-01T00:00:00Z", e);
            }
        }
    }

    public PseudonymKeys {
        Settings.required("key-file", keyFile);
        epochs = epochs == null ? List.of() : List.copyOf(epochs);
    }

    /** Reads the keys. */
    Pseudonyms resolve() {
        List<Pseudonyms.Epoch> keys = new ArrayList<>();
        keys.add(Pseudonyms.Epoch.of(Instant.MIN, key(keyFile, List.of("pseudonyms", "key-file"))));
        for (Epoch epoch : epochs()) {
            keys.add(Pseudonyms.Epoch.of(
                    Epoch.moment(epoch.from),
                    key(epoch.keyFile, List.of("pseudonyms", "epochs", keys.size() - 1, "key-file"))));
        }
        try {
            return new Pseudonyms(keys);
        } catch (IllegalArgumentException e) {
            throw new SettingsException(List.of("pseudonyms", "epochs"), "pseudonyms.epochs: " + e.getMessage(), e);
        }
    }

    /** Key files that others than their owner and group can read, a line each. */
    List<String> hints() {
        return Stream.concat(Stream.of(keyFile), epochs().stream().map(Epoch::keyFile))
                .distinct()
                .filter(PseudonymKeys::isOpen)
                .map(file -> "pseudonyms: every user of this machine can read the key file " + file
                        + ", and whoever has the key finds people again: chmod 600 " + file)
                .toList();
    }

    private static boolean isOpen(Path file) {
        try {
            return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            return false; // not to be told here
        }
    }

    private static byte[] key(Path file, List<Object> path) {
        byte[] key;
        try {
            key = Files.readString(file).stripTrailing().getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new SettingsException(path, "pseudonyms: the key file " + file + " can't be read: " + e, e);
        }
        if (key.length < FEWEST_BYTES) {
            throw new SettingsException(
                    path,
                    "pseudonyms: the key in " + file + " has " + key.length + " bytes, at least " + FEWEST_BYTES
                            + " are needed: openssl rand -hex 32 > " + file,
                    null);
        }
        return key;
    }

    @Override
    @SuppressWarnings("NullAway") // the constructor leaves none null
    public List<Epoch> epochs() {
        return epochs;
    }
}
