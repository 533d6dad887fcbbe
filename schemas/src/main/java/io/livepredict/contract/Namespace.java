package io.livepredict.contract;

import java.util.regex.Pattern;

/** The prefix of every topic, group, transactional id and subject, so that two installations can share a cluster. */
public record Namespace(String value) {
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");

    public Namespace {
        if (!ALLOWED.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "namespace '" + value + "' must be 1 to 100 letters, digits, dots, dashes or underscores");
        }
    }

    /** The default, {@code livepredict}. */
    public static Namespace defaults() {
        return new Namespace("livepredict");
    }

    /** The name within this namespace: {@code livepredict.predictions}. */
    public String name(String local) {
        return value + '.' + local;
    }
}
