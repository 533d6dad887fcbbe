package io.livepredict.settings;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.KeyDeserializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.livepredict.contract.DurationFormat;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a YAML file into a record. Keys are the components' names in kebab case ({@code at-most-every}); enum constants
 * are written in lower or upper case with dashes or underscores; durations as {@link DurationFormat} has them. A key that
 * the record does not have is an error, and so is a value that does not fit; the message names file, line, key, value,
 * reason, and for an unknown key the nearest known one. A key without a value counts as left out.
 *
 * <p>A relative path of a file is relative to the folder of the YAML file that names it; one from the environment is
 * relative to the working folder.
 *
 * <p>Environment variables override the file: {@code LIVEPREDICT_A__B_C=value} sets {@code b-c} in the group {@code a}.
 * Two underscores go one level down, one stands for a dash (among the properties of Kafka's clients for a dot), a number
 * is a place in a list ({@code LIVEPREDICT_TARGETS__0__WITHIN=30s}). The value is YAML, so a list is written
 * {@code [A, B]}. A variable that names no key is an error too, except for those that Kubernetes sets for a service
 * whose name begins with livepredict ({@code …_SERVICE_HOST}, {@code …_PORT…}) and {@code …_HOME} and {@code …_OPTS}.
 *
 * <p>Records are bound by Jackson, so its annotations work in them. What a compact constructor refuses with an
 * {@link IllegalArgumentException} is reported with that message, at the line of the group it belongs to.
 */
public final class YamlFile {
    private static final ObjectMapper MAPPER = mapper();

    private YamlFile() {}

    /**
     * Reads a file, the environment laid over it.
     *
     * @param env usually {@link System#getenv()}
     * @throws SettingsException if it can't be read or does not fit
     */
    public static <T> T read(Path file, Class<T> type, Map<String, String> env) {
        return read(file, type, env, written -> written);
    }

    /**
     * Reads a file, the environment laid over it, and makes of the result what it means as a whole.
     *
     * @param env usually {@link System#getenv()}
     * @param resolve fills in what is left out and refuses what no single key shows, by an {@link IllegalArgumentException}
     *     or by a {@link SettingsException} that says at which key; the message gets the file and that key's line
     * @throws SettingsException if it can't be read or does not fit
     */
    public static <T, R> R read(Path file, Class<T> type, Map<String, String> env, Function<T, R> resolve) {
        String yaml;
        try {
            yaml = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new SettingsException(file + ": there is no such file", e);
        } catch (CharacterCodingException e) {
            throw new SettingsException(file + ": is not a text file in UTF-8", e);
        } catch (IOException e) {
            throw new SettingsException(file + ": can't be read: " + e.getMessage(), e);
        }
        return bind(ConfigurationTree.of(yaml, file.toString()), file.getParent(), type, env, resolve);
    }

    /**
     * Reads text.
     *
     * @param origin what to call it in messages
     * @throws SettingsException if it does not fit
     */
    public static <T> T parse(String yaml, String origin, Class<T> type) {
        return bind(ConfigurationTree.of(yaml, origin), null, type, Map.of(), written -> written);
    }

    private static <T, R> R bind(
            ConfigurationTree tree,
            @Nullable Path folder,
            Class<T> type,
            Map<String, String> env,
            Function<T, R> resolve) {
        EnvironmentOverrides.apply(tree, type, env);
        T written;
        try {
            written = MAPPER.readerFor(type)
                    .withAttribute(PathDeserializer.class, new PathDeserializer.Origin(tree, folder))
                    .readValue(tree.root());
        } catch (JsonMappingException e) {
            throw BindingErrors.explain(e, tree);
        } catch (IOException e) {
            throw new SettingsException(tree.origin() + ": " + e.getMessage(), e);
        }
        try {
            return resolve.apply(written);
        } catch (SettingsException e) {
            throw BindingErrors.locate(e, tree);
        } catch (IllegalArgumentException e) {
            throw new SettingsException(tree.origin() + ": " + e.getMessage(), e);
        }
    }

    private static ObjectMapper mapper() {
        SimpleModule forms = new SimpleModule("livepredict-settings");
        forms.addDeserializer(Duration.class, new DurationDeserializer());
        forms.addDeserializer(Path.class, new PathDeserializer());
        forms.setDeserializerModifier(new EnumNames());
        return JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(MapperFeature.ALLOW_COERCION_OF_SCALARS) // every scalar arrives as text, see ConfigurationTree
                .withCoercionConfigDefaults(c -> c.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail))
                .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
                .addModule(new JavaTimeModule())
                .addModule(forms)
                .build();
    }

    /** A value that a reader of ours refused; its message is meant for the user. */
    static final class BadValueException extends JsonMappingException {
        BadValueException(JsonParser parser, String message) {
            super(parser, message);
        }
    }

    private static final class DurationDeserializer extends StdScalarDeserializer<Duration> {
        DurationDeserializer() {
            super(Duration.class);
        }

        @Override
        public Duration deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            try {
                return DurationFormat.parse(parser.getValueAsString(""));
            } catch (IllegalArgumentException e) {
                throw new BadValueException(
                        parser, "must be a whole number and a unit, such as 250ms, 30s, 5m, 2h or 10d");
            }
        }
    }

    /** Takes relative paths from the folder of the file that names them. */
    private static final class PathDeserializer extends StdScalarDeserializer<Path> {
        /** What is read, and the folder it lies in; null for text that is in no file or a file in the working folder. */
        private record Origin(
                ConfigurationTree tree, @Nullable Path folder) {}

        PathDeserializer() {
            super(Path.class);
        }

        @Override
        public Path deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (!parser.currentToken().isScalarValue()) {
                return (Path) context.handleUnexpectedToken(Path.class, parser);
            }
            String text = parser.getValueAsString("");
            if (text.isBlank()) {
                throw new BadValueException(parser, "must name a file");
            }
            Origin origin = (Origin) context.getAttribute(PathDeserializer.class);
            List<Object> at = new ArrayList<>();
            for (JsonStreamContext here = parser.getParsingContext(); !here.inRoot(); here = here.getParent()) {
                at.addFirst(here.inArray() ? (Object) here.getCurrentIndex() : here.getCurrentName());
            }
            boolean fromFile = !origin.tree().place(at).startsWith(EnvironmentOverrides.PLACE);
            Path path = Path.of(text);
            return fromFile && origin.folder() != null ? origin.folder().resolve(path) : path;
        }
    }

    /** Lets enum constants be written {@code exactly-once}, {@code exactly_once} or {@code EXACTLY_ONCE}. */
    private static final class EnumNames extends BeanDeserializerModifier {
        @Override
        public JsonDeserializer<?> modifyEnumDeserializer(
                DeserializationConfig config,
                JavaType type,
                BeanDescription description,
                JsonDeserializer<?> standard) {
            Object[] constants = type.getRawClass().getEnumConstants();
            return constants == null ? standard : new EnumDeserializer(type.getRawClass(), constants);
        }

        @Override
        public KeyDeserializer modifyKeyDeserializer(
                DeserializationConfig config, JavaType type, KeyDeserializer standard) {
            Object[] constants = type.getRawClass().getEnumConstants();
            return constants == null
                    ? standard
                    : new KeyDeserializer() {
                        @Override
                        public Object deserializeKey(String key, DeserializationContext context) throws IOException {
                            try {
                                return constant(constants, key);
                            } catch (IllegalArgumentException e) {
                                throw new BadValueException(context.getParser(), "'" + key + "': " + e.getMessage());
                            }
                        }
                    };
        }
    }

    private static Object constant(Object[] constants, String text) {
        for (Object constant : constants) {
            if (written(constant).equals(text.strip().toLowerCase(Locale.ROOT).replace('_', '-'))) {
                return constant;
            }
        }
        throw new IllegalArgumentException("must be one of "
                + Arrays.stream(constants).map(YamlFile::written).collect(Collectors.joining(", ")));
    }

    private static String written(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static final class EnumDeserializer extends StdScalarDeserializer<Object> {
        private final transient Object[] constants;

        EnumDeserializer(Class<?> type, Object[] constants) {
            super(type);
            this.constants = constants;
        }

        @Override
        public Object deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            try {
                return constant(constants, parser.getValueAsString(""));
            } catch (IllegalArgumentException e) {
                throw new BadValueException(parser, String.valueOf(e.getMessage()));
            }
        }
    }
}
