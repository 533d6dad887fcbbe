package io.livepredict.deploy.reference;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.deploy.console.config.ConsoleConfig;
import io.livepredict.settings.ApiSettings;
import io.livepredict.settings.HttpSettings;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.TargetSettings;
import io.livepredict.settings.TlsSettings;
import io.livepredict.streams.config.AlertConfig;
import io.livepredict.streams.config.ChoiceConfig;
import io.livepredict.streams.config.OutlookConfig;
import io.livepredict.streams.config.Preset;
import io.livepredict.streams.config.PseudonymKeys;
import io.livepredict.streams.config.StreamsAppConfig;
import io.livepredict.streams.config.TopicTimes;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.config.TrainerConfig;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes {@code docs/configuration.md}: every key of the programs, from the records that mirror their files. */
final class ConfigurationReference {
    private static final Path ROOT = Path.of("..", "..");
    private static final int WIDTH = 120;
    private static final List<Class<?>> SHARED = List.of(
            KafkaSettings.class,
            RegistrySettings.class,
            KindSettings.class,
            TargetSettings.class,
            HttpSettings.class,
            TlsSettings.class,
            ApiSettings.class);
    private static final Map<Class<?>, String> MODULES = Map.of(
            StreamsAppConfig.class, "streams-app",
            AlertConfig.class, "streams-app",
            OutlookConfig.class, "streams-app",
            ChoiceConfig.class, "streams-app",
            MappingSettings.class, "streams-app",
            PseudonymKeys.class, "streams-app",
            TopicTimes.class, "streams-app",
            TrainerConfig.class, "trainer",
            LearnerEntry.class, "trainer",
            ConsoleConfig.class, "deploy/console");

    private static final String INTRODUCTION = """
            # Configuration

            <!-- Generated from the configuration records and what they resolve to: see ConfigurationReferenceTest. -->

            Each program reads one YAML file, given with `--config FILE`: the [streams app](#streams-app), which scores, and the
            [trainer](#trainer), which learns. What both need is under [both programs](#both-programs); `namespace`, `kinds` and
            `targets` must say the same in both files. The [console](#console) has a file of its own.

            - **Durations** are a whole number and a unit: `250ms`, `30s`, `5m`, `2h`, `10d`.
            - **Moments** are in ISO 8601 with their zone: `2026-11-27T06:00:00Z`.
            - **Words** with dashes may be written with underscores or in upper case: `exactly-once`, `EXACTLY_ONCE`.
            - **A relative path** of a file is relative to the folder of the configuration file. Two are relative to the working
              folder: `state.dir`, and those in properties of Kafka's clients, such as `ssl.truststore.location`.
            - **Environment variables** override single keys: `LIVEPREDICT_HTTP__PORT=9000` sets `http.port`. Two underscores go
              one level down, one stands for a dash (for a dot under `kafka` and `streams`), a number is a place in a list:
              `LIVEPREDICT_TARGETS__0__WITHIN=30s`. The value is YAML, so a list is written `[A, B]`. A relative path in a variable
              is relative to the working folder.
            - **A wrong key or value** ends the start with one line: file, line, key, reason, and the nearest key there is.
            """;

    private final Map<String, RecordJavadoc> javadoc;
    private final Map<String, Object> defaults = ShippedDefaults.all();
    private final StringBuilder out = new StringBuilder(INTRODUCTION);

    private ConfigurationReference() throws IOException {
        javadoc = RecordJavadoc.of(Stream.concat(SHARED.stream(), MODULES.keySet().stream())
                .map(ConfigurationReference::source)
                .toList());
    }

    /**
     * The whole page.
     *
     * @throws IllegalStateException if a key's Javadoc does not say what it is when left out, or says something else than what
     *     the programs do
     */
    static String markdown() throws IOException {
        return new ConfigurationReference().write();
    }

    private String write() {
        out.append("\n## Streams app\n");
        table(StreamsAppConfig.class, "");
        groups(StreamsAppConfig.class, "");
        presets();
        out.append("\n## Trainer\n");
        table(TrainerConfig.class, "");
        groups(TrainerConfig.class, "");
        out.append("\n## Both programs\n");
        section("kafka", KafkaSettings.class);
        section("registry", RegistrySettings.class);
        section("kinds", KindSettings.class);
        shippedKinds();
        section("targets", TargetSettings.class);
        groups(TargetSettings.class, "targets.");
        section("http", HttpSettings.class);
        section("tls", TlsSettings.class);
        section("api", ApiSettings.class);
        out.append("\n## Console\n");
        table(ConsoleConfig.class, "console.");
        groups(ConsoleConfig.class, "console.");
        return out.toString().replaceAll(" +\n", "\n").replaceAll("\n{3,}", "\n\n");
    }

    /** The part of the page on one group, and a heading that {@link #anchor} leads to. */
    private void section(String key, Class<?> record) {
        out.append("\n### `").append(key).append("`\n\n");
        out.append(wrapped(documented(record).text())).append('\n');
        if (record != KafkaSettings.class) { // free properties, not keys of ours
            table(record, key + '.');
        }
    }

    /** Prose in lines of one width; code stays as it is. */
    private static String wrapped(String text) {
        return Arrays.stream(text.split("\n\n"))
                .map(block -> block.startsWith("```") ? block : filled(block))
                .collect(Collectors.joining("\n\n"));
    }

    private static String filled(String block) {
        StringBuilder lines = new StringBuilder();
        int column = 0;
        for (String word : block.strip().split("\\s+")) {
            if (column > 0 && column + 1 + word.length() > WIDTH) {
                lines.append('\n');
                column = 0;
            } else if (column > 0) {
                lines.append(' ');
                column++;
            }
            lines.append(word);
            column += word.length();
        }
        return lines.toString();
    }

    /** A section for each group of a record's that no other part of the page describes. */
    private void groups(Class<?> record, String prefix) {
        for (RecordComponent component : record.getRecordComponents()) {
            Class<?> group = group(component.getGenericType());
            if (group != null && !SHARED.contains(group)) {
                section(prefix + key(component), group);
                groups(group, prefix + key(component) + '.');
            }
        }
    }

    private void table(Class<?> record, String prefix) {
        out.append("\n| key | type | default | effect |\n| --- | --- | --- | --- |\n");
        for (RecordComponent component : record.getRecordComponents()) {
            String text = documented(record).components().get(component.getName());
            if (text == null) {
                throw new IllegalStateException(name(record) + '.' + component.getName() + " has no Javadoc");
            }
            int at = text.lastIndexOf("; default");
            String effect = at < 0 ? text : text.substring(0, at);
            String said = at < 0 ? null : text.substring(at + "; default".length());
            out.append("| `")
                    .append(key(component))
                    .append("` | ")
                    .append(linked(component, prefix))
                    .append(" | ")
                    .append(leftOut(record, component, said))
                    .append(" | ")
                    .append(effect.replace("|", "\\|"))
                    .append(" |\n");
        }
    }

    /** What holds when the key is left out: what the Javadoc says, held against what the programs do. */
    private String leftOut(Class<?> record, RecordComponent component, @Nullable String said) {
        String where = name(record) + '.' + component.getName();
        Object real = defaults.get(where);
        String plain = real == null ? "" : written(real);
        String shown = plain.isEmpty() || plain.contains(" ") ? plain : '`' + plain + '`';
        if (said == null) {
            if (real != null) {
                throw new IllegalStateException(where + ": its Javadoc does not say that the default is " + shown);
            }
            boolean required = !component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            if (!required && group(component.getGenericType()) == null) {
                throw new IllegalStateException(where + ": its Javadoc does not say what the default is");
            }
            return required ? "required" : "";
        }
        if (!said.startsWith(":")) {
            if (!said.strip().equals(shown)) {
                throw new IllegalStateException(
                        where + ": its Javadoc says that the default is" + said + ", and it is " + shown);
            }
            return shown;
        }
        String words = value(record, said.substring(1).strip());
        return shown.isEmpty() ? words : words + " (" + shown + ')';
    }

    /** Puts constants in the place of references to them, as {@code {@value}} means it. */
    private static String value(Class<?> record, String words) {
        int from = words.indexOf("{#");
        if (from < 0) {
            return words;
        }
        int to = words.indexOf('}', from);
        try {
            Object constant = record.getField(words.substring(from + 2, to)).get(null);
            return words.substring(0, from) + written(constant) + words.substring(to + 1);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(name(record) + ": " + words, e);
        }
    }

    private void presets() {
        out.append("\n### `preset` in figures\n\n");
        out.append(
                "| preset | commit-interval | producer linger.ms | producer batch.size, bytes | score.batch-size |\n");
        out.append("| --- | --- | --- | --- | --- |\n");
        for (Preset preset : Preset.values()) {
            out.append(String.format(
                    Locale.ROOT,
                    "| `%s` | %s | %d | %d | %d |\n",
                    written(preset),
                    written(preset.commitInterval()),
                    preset.lingerMillis(),
                    preset.producerBatchBytes(),
                    preset.scoreBatchSize()));
        }
    }

    private void shippedKinds() {
        out.append("\nAs shipped:\n\n| key | viewer | player |\n| --- | --- | --- |\n");
        shipped("event-types", KindDefinition::eventTypes);
        shipped("session-start", KindDefinition::sessionStart);
        shipped("session-end", KindDefinition::sessionEnd);
        shipped("windows", KindDefinition::windows);
        shipped("session-gap", KindDefinition::sessionGap);
        shipped("half-life", KindDefinition::halfLife);
        shipped("numbers", KindDefinition::numbers);
        shipped("attributes", KindDefinition::attributes);
        shipped("context-buckets", KindDefinition::contextBuckets);
        shipped("text-buckets", KindDefinition::textBuckets);
        shipped("sequence-length", KindDefinition::sequenceLength);
    }

    private void shipped(String key, Function<KindDefinition, Object> value) {
        out.append("| `").append(key).append("` |");
        for (Kind kind : List.of(Kind.VIEWER, Kind.PLAYER)) {
            out.append(" `")
                    .append(written(value.apply(KindDefinition.defaults(kind))))
                    .append("` |");
        }
        out.append('\n');
    }

    private RecordJavadoc documented(Class<?> record) {
        RecordJavadoc found = javadoc.get(name(record));
        if (found == null) {
            throw new IllegalStateException(name(record) + " has no Javadoc");
        }
        return found;
    }

    /** A value as a configuration file writes it. */
    static String written(Object value) {
        return switch (value) {
            case Duration duration -> DurationFormat.format(duration);
            case Double number ->
                BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
            case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
            case Set<?> unordered -> written(unordered.stream().sorted().toList());
            case Collection<?> several ->
                several.stream().map(ConfigurationReference::written).collect(Collectors.joining(", ", "[", "]"));
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .map(entry -> entry.getKey() + ": " + written(entry.getValue()))
                        .sorted()
                        .collect(Collectors.joining(", ", "{", "}"));
            default -> value.toString();
        };
    }

    /** A component's type, where it is a group with the way to its keys. */
    private static String linked(RecordComponent component, String prefix) {
        String words = type(component.getGenericType());
        Class<?> group = group(component.getGenericType());
        if (group == null) {
            return words;
        }
        String anchor = anchor(SHARED.contains(group) ? key(component) : prefix + key(component));
        return words.replaceFirst("groups?", "[$0](#" + anchor + ")");
    }

    /** Where a heading is found, as GitHub and others name it. */
    private static String anchor(String key) {
        return key.replace(".", "");
    }

    private static String type(Type type) {
        Class<?> group = group(type);
        if (type instanceof ParameterizedType parameterized) {
            Type[] of = parameterized.getActualTypeArguments();
            boolean list = parameterized.getRawType() == List.class;
            String inner = of[of.length - 1] instanceof Class<?> single && single == KindSettings.class
                    ? "group"
                    : type(of[of.length - 1]);
            return list
                    ? "list of " + plural(inner)
                    : of[0] == Kind.class ? "`viewer`, `player`: a " + inner + " each" : "names with " + plural(inner);
        }
        if (group != null) {
            return "group";
        }
        Class<?> plain = (Class<?>) type;
        if (plain == KafkaSettings.class) {
            return "properties";
        }
        if (plain.isEnum()) {
            return Arrays.stream(plain.getEnumConstants())
                    .map(constant -> '`' + written(constant) + '`')
                    .collect(Collectors.joining(", "));
        }
        return switch (plain.getSimpleName()) {
            case "String" -> "text";
            case "Path" -> "file";
            case "URI" -> "address";
            case "Duration" -> "duration";
            case "Instant" -> "moment";
            case "Integer", "int", "Long", "long" -> "whole number";
            case "Double", "double" -> "number";
            case "Boolean", "boolean" -> "true or false";
            default -> throw new IllegalStateException("no word for the type " + plain);
        };
    }

    private static String plural(String type) {
        return switch (type) {
            case "address" -> "addresses";
            case "text", "file", "duration", "moment", "group", "number", "whole number" -> type + 's';
            default -> type.startsWith("list of ") ? "lists of " + type.substring("list of ".length()) : type;
        };
    }

    /** The record whose components are the keys below this one; null for a single value or free properties. */
    private static @Nullable Class<?> group(Type type) {
        if (type instanceof ParameterizedType parameterized) {
            Type[] of = parameterized.getActualTypeArguments();
            return group(of[of.length - 1]);
        }
        return type instanceof Class<?> plain && plain.isRecord() && plain != KafkaSettings.class ? plain : null;
    }

    private static String key(RecordComponent component) {
        JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
        return named != null
                ? named.value()
                : PropertyNamingStrategies.KebabCaseStrategy.INSTANCE.translate(component.getName());
    }

    private static String name(Class<?> record) {
        return record.getCanonicalName().substring(record.getPackageName().length() + 1);
    }

    private static Path source(Class<?> record) {
        return ROOT.resolve(MODULES.getOrDefault(record, "schemas"))
                .resolve("src/main/java")
                .resolve(record.getName().replace('.', '/') + ".java");
    }
}
