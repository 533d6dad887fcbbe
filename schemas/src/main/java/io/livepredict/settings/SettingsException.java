package io.livepredict.settings;

/** The configuration can't be used. The message is one line: where, which key, which value, why, and what to do. */
public final class SettingsException extends RuntimeException {
    public SettingsException(String message) {
        super(message);
    }

    public SettingsException(String message, Throwable cause) {
        super(message, cause);
    }
}
