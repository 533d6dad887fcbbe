package io.livepredict.deploy.connect;

import io.livepredict.avro.Prediction;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.serde.SchemaRegistry;
import io.livepredict.settings.RegistrySettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.storage.Converter;
import org.jspecify.annotations.Nullable;

/**
 * Reads Avro records in the Confluent wire format into Connect's own data, for sinks. Works with any registry that speaks
 * the Confluent REST API.
 *
 * <p>It tells a bad record from a registry that does not answer: the first is a {@link DataException}, which a connector
 * with {@code errors.tolerance=all} sends to its dead-letter topic; the second a {@link RetriableException}, which Connect
 * tries again for {@code errors.retry.timeout} (set it to -1). A converter that does not draw this line dead-letters good
 * records whenever the registry is away.
 *
 * <p>A record that a sink can't take ends the sink's task for good, so what is handed on is checked. With {@code record},
 * only that record of LivePredict's is, in exactly its fields, whichever version of its schema wrote it. A text with a NUL
 * character, which PostgreSQL can't store, is a bad record in any case.
 *
 * <p>Settings, each after {@code value.converter.}: {@code registry.url} (required), {@code record} (the full name of one
 * of LivePredict's records, such as {@code io.livepredict.avro.Prediction}; any record without it), {@code named} (the full
 * name of a record whose fields follow from the configuration: {@code io.livepredict.avro.PredictionRow}), {@code
 * registry.username}, {@code registry.password}, {@code registry.trust-store}, {@code registry.trust-store-password},
 * {@code registry.key-store}, {@code registry.key-store-password}.
 */
public final class WireFormatConverter implements Converter {
    private static final String PREFIX = "registry.";
    private static final String RECORD = "record";
    private static final String NAMED = "named";
    /** Short: Connect itself tries again, and asks in between whether it should stop. */
    private static final Duration RETRY_FOR = Duration.ofSeconds(2);

    private final Map<org.apache.avro.Schema, ConnectRecords> records = new HashMap<>();
    private @Nullable SchemaRegistry registry;
    private @Nullable AvroDecoder decoder;
    /** The full name that records must have, whatever their fields; null for any. */
    private @Nullable String named;

    public WireFormatConverter() {}

    WireFormatConverter(SchemaRegistry registry, Map<String, ?> settings) {
        this.registry = registry;
        this.decoder = new AvroDecoder(registry, expected(settings));
        this.named = named(settings);
    }

    @Override
    public ConfigDef config() {
        ConfigDef definition = new ConfigDef();
        definition.define(
                PREFIX + "url",
                ConfigDef.Type.STRING,
                ConfigDef.NO_DEFAULT_VALUE,
                ConfigDef.Importance.HIGH,
                "The registry's address up to the API's root, such as http://registry:8080/apis/ccompat/v7");
        definition.define(
                RECORD,
                ConfigDef.Type.STRING,
                null,
                ConfigDef.Importance.HIGH,
                "The record that the topic must hold, by full name; others are refused");
        definition.define(
                NAMED,
                ConfigDef.Type.STRING,
                null,
                ConfigDef.Importance.HIGH,
                "The full name that records must have, whatever their fields; others are refused");
        for (String name : new String[] {"username", "trust-store", "key-store"}) {
            definition.define(
                    PREFIX + name, ConfigDef.Type.STRING, null, ConfigDef.Importance.MEDIUM, "See RegistrySettings");
        }
        for (String name : new String[] {"password", "trust-store-password", "key-store-password"}) {
            definition.define(
                    PREFIX + name, ConfigDef.Type.PASSWORD, null, ConfigDef.Importance.MEDIUM, "See RegistrySettings");
        }
        return definition;
    }

    /**
     * @throws ConfigException if {@code registry.url} is missing, {@code record} is none of LivePredict's, or another
     *     setting can't be used
     */
    @Override
    public void configure(Map<String, ?> settings, boolean isKey) {
        SchemaRegistry client;
        try {
            client = new ConfluentRegistryClient(
                    RegistrySettings.builder(text(settings, "url") == null ? "" : String.valueOf(text(settings, "url")))
                            .username(text(settings, "username"))
                            .password(text(settings, "password"))
                            .trustStore(path(settings, "trust-store"))
                            .trustStorePassword(text(settings, "trust-store-password"))
                            .keyStore(path(settings, "key-store"))
                            .keyStorePassword(text(settings, "key-store-password"))
                            .retryFor(RETRY_FOR)
                            .build());
        } catch (IllegalArgumentException e) {
            throw new ConfigException("converter: registry." + e.getMessage());
        }
        registry = client;
        decoder = new AvroDecoder(client, expected(settings));
        named = named(settings);
    }

    private static org.apache.avro.@Nullable Schema expected(Map<String, ?> settings) {
        Object name = settings.get(RECORD);
        if (name == null) {
            return null;
        }
        try {
            return SpecificData.get()
                    .getSchema(Class.forName(name.toString(), true, WireFormatConverter.class.getClassLoader())
                            .asSubclass(SpecificRecord.class));
        } catch (ClassNotFoundException | ClassCastException e) {
            throw new ConfigException(
                    "converter: record is \"" + name + "\", which is no record of LivePredict's; name one by its full"
                            + " name, such as " + Prediction.class.getName());
        }
    }

    private static @Nullable String named(Map<String, ?> settings) {
        Object name = settings.get(NAMED);
        return name == null ? null : name.toString();
    }

    private static @Nullable String text(Map<String, ?> settings, String name) {
        Object value = settings.get(PREFIX + name);
        return switch (value) {
            case null -> null;
            case org.apache.kafka.common.config.types.Password password -> password.value();
            default -> value.toString();
        };
    }

    private static @Nullable Path path(Map<String, ?> settings, String name) {
        String value = text(settings, name);
        return value == null ? null : Path.of(value);
    }

    /**
     * @throws DataException if the bytes are no Avro record, name an id that the registry does not know, do not fit it, or
     *     are not the record expected
     * @throws RetriableException if the registry does not answer
     */
    @Override
    public SchemaAndValue toConnectData(String topic, byte @Nullable [] value) {
        if (decoder == null) {
            throw new IllegalStateException("configure was not called");
        }
        if (value == null) {
            return SchemaAndValue.NULL;
        }
        GenericRecord read;
        try {
            read = decoder.decode(value);
        } catch (RegistryUnavailableException e) {
            throw new RetriableException(e.getMessage(), e);
        } catch (SerializationException e) {
            throw new DataException(topic + ": " + e.getMessage(), e);
        }
        String name = read.getSchema().getFullName();
        if (named != null && !named.equals(name)) {
            throw new DataException(topic + ": this record is " + name + ", and " + named + " is needed");
        }
        return records.computeIfAbsent(read.getSchema(), ConnectRecords::new).convert(read);
    }

    /** Sinks only: nothing in LivePredict writes through Connect. */
    @Override
    public byte[] fromConnectData(String topic, @Nullable Schema schema, @Nullable Object value) {
        throw new DataException("WireFormatConverter only reads; use it as the value.converter of a sink");
    }

    @Override
    public void close() throws IOException {
        if (registry != null) {
            registry.close();
        }
    }
}
