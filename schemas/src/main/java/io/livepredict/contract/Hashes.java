package io.livepredict.contract;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 as this project writes it: whole for content, the first 16 hex digits for names and definitions. */
public final class Hashes {
    private Hashes() {}

    /** SHA-256 of the bytes, 64 hex digits. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The first 16 hex digits of the SHA-256 of the text: names a definition. */
    public static String definition(String text) {
        return sha256(text.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    }
}
