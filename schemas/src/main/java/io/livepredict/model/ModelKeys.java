package io.livepredict.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The keys of the models topic: {@code NAME/VERSION/INDEX}, {@code NAME/VERSION} and {@code NAME/serving}. */
public final class ModelKeys {
    private static final Pattern FORM =
            Pattern.compile("([A-Za-z0-9._-]{1,100})/(?:(serving)|([1-9]\\d{0,17})(?:/(0|[1-9]\\d{0,6}))?)");

    private ModelKeys() {}

    /** A key, taken apart. */
    public sealed interface ModelKey {
        /** The model's name. */
        String name();

        /** Of a piece of a version's bytes. */
        record Chunk(String name, long version, int index) implements ModelKey {}

        /** Of what a version is. */
        record Manifest(String name, long version) implements ModelKey {}

        /** Of which version is to be served. */
        record Serving(String name) implements ModelKey {}
    }

    public static String chunk(String name, long version, int index) {
        return name + '/' + version + '/' + index;
    }

    public static String manifest(String name, long version) {
        return name + '/' + version;
    }

    public static String serving(String name) {
        return name + "/serving";
    }

    /** The keys to tombstone for a version to be gone, in order: without its manifest, a version does not exist. */
    public static List<String> ofVersion(String name, long version, int chunks) {
        List<String> keys = new ArrayList<>(chunks + 1);
        keys.add(manifest(name, version));
        for (int i = 0; i < chunks; i++) {
            keys.add(chunk(name, version, i));
        }
        return keys;
    }

    /** The key's parts, or nothing when it is none of these three, or there is none. */
    public static Optional<ModelKey> parse(@Nullable String key) {
        if (key == null) {
            return Optional.empty();
        }
        Matcher matcher = FORM.matcher(key);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String name = matcher.group(1);
        if (matcher.group(2) != null) {
            return Optional.of(new ModelKey.Serving(name));
        }
        long version = Long.parseLong(matcher.group(3));
        return Optional.of(
                matcher.group(4) == null
                        ? new ModelKey.Manifest(name, version)
                        : new ModelKey.Chunk(name, version, Integer.parseInt(matcher.group(4))));
    }
}
