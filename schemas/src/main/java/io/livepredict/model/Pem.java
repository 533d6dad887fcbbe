package io.livepredict.model;

import io.livepredict.settings.SettingsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PEM text: base64 of DER between two lines that say what it is. */
final class Pem {
    static final String PRIVATE = "PRIVATE KEY";
    static final String PUBLIC = "PUBLIC KEY";

    private static final int LINE = 64;

    private Pem() {}

    static String write(String label, byte[] der) {
        String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    /**
     * The DER bytes of a file's block with that label.
     *
     * @throws SettingsException if the file can't be read or has no such block
     */
    static byte[] read(Path file, String label) {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new SettingsException(file + ": there is no such file; 'trainer keys new' makes a key pair", e);
        } catch (IOException e) {
            throw new SettingsException(file + ": can't be read: " + e.getMessage(), e);
        }
        Matcher matcher = Pattern.compile("-----BEGIN " + label + "-----([^-]*)-----END " + label + "-----")
                .matcher(text);
        if (!matcher.find()) {
            throw new SettingsException(file + ": holds no Ed25519 " + label.toLowerCase(java.util.Locale.ROOT)
                    + " in PEM (-----BEGIN " + label + "-----)");
        }
        try {
            return Base64.getMimeDecoder().decode(matcher.group(1).strip());
        } catch (IllegalArgumentException e) {
            throw new SettingsException(file + ": its PEM is damaged: " + e.getMessage(), e);
        }
    }
}
