package io.livepredict.settings;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The configuration can't be used. The message is one line: where, which key, which value, why, and what to do. */
public final class SettingsException extends RuntimeException {
    private final transient List<Object> path;

    public SettingsException(String message) {
        this(message, null);
    }

    public SettingsException(String message, @Nullable Throwable cause) {
        this(List.of(), message, cause);
    }

    /**
     * A refusal that was made after binding, where several keys are seen together. {@link YamlFile#read(java.nio.file.Path,
     * Class, java.util.Map, java.util.function.Function)} puts file and line of the key before the message.
     *
     * @param path the steps down to the key: strings, and integers for places in a list
     */
    public SettingsException(List<?> path, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.path = List.copyOf(path);
    }

    List<Object> path() {
        return path;
    }
}
