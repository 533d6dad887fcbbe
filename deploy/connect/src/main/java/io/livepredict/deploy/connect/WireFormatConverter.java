package io.livepredict.deploy.connect;

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
 * <p>Settings, each after {@code value.converter.}: {@code registry.url} (required), {@code registry.username},
 * {@code registry.password}, {@code registry.trust-store}, {@code registry.trust-store-password}, {@code
 * registry.key-store}, {@code registry.key-store-password}.
 */
public final class WireFormatConverter implements Converter {
    private static final String PREFIX = "registry.";
    /** Short: Connect itself tries again, and asks in between whether it should stop. */
    private static final Duration RETRY_FOR = Duration.ofSeconds(2);

    private final Map<org.apache.avro.Schema, ConnectRecords> records = new HashMap<>();
    private @Nullable SchemaRegistry registry;
    private @Nullable AvroDecoder decoder;

    public WireFormatConverter() {}

    WireFormatConverter(SchemaRegistry registry) {
        this.registry = registry;
        this.decoder = new AvroDecoder(registry);
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
     * @throws ConfigException if {@code registry.url} is missing or a setting can't be used
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
        decoder = new AvroDecoder(client);
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
     * @throws DataException if the bytes are no Avro record, name an id that the registry does not know, or do not fit it
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
