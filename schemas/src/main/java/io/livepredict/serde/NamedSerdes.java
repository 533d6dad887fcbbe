package io.livepredict.serde;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.SerdeSource;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.SettingsException;
import java.io.EOFException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/**
 * Serdes of a class that the configuration names, in place of ours: {@code
 * io.confluent.kafka.streams.serdes.avro.SpecificAvroSerde}, for those who want the official ones. Nothing here is compiled
 * against them. What either writes, the other reads.
 *
 * <p>The class is given {@code schema.registry.url}, {@code specific.avro.reader=true}, basic authentication and TLS as
 * {@link RegistrySettings} has them, and any further property as it is. It tells a record that can't be read from a registry
 * that does not answer by the cause of its exception; so do we.
 */
public final class NamedSerdes implements SerdeSource {
    private static final String CLASS = "class";
    private static final int DEEPEST_CAUSE = 16;
    private static final String UNKNOWN_ID = "40403";

    private final String className;
    private final Map<String, Object> properties;

    private NamedSerdes(RegistrySettings settings, Map<String, String> serde) {
        this.className = serde.getOrDefault(CLASS, "");
        if (className.isBlank()) {
            throw new SettingsException("registry.serde.class is missing: name the class, or leave out registry.serde");
        }
        this.properties = properties(settings, serde);
    }

    /**
     * Ours over that registry, or those of the class that the settings name.
     *
     * @throws SettingsException if a named class does not exist or is not a serde
     */
    public static SerdeSource from(RegistrySettings settings, SchemaRegistry registry) {
        Map<String, String> serde = settings.serde();
        if (serde == null) {
            return new AvroSerdes(registry);
        }
        NamedSerdes named = new NamedSerdes(settings, serde);
        named.newSerde().close(); // fails now rather than at the first record
        return named;
    }

    @Override
    public <T extends SpecificRecord> Serde<T> value(Class<T> type) {
        return telling();
    }

    /** What it reads is what the class makes of a schema that no class on the class path has: a generic record, as a rule. */
    @Override
    public Serde<GenericRecord> value(Schema schema) {
        return telling();
    }

    private <T> Serde<T> telling() {
        @SuppressWarnings("unchecked") // it reads into the generated class that the writer's schema names
        Serde<T> serde = (Serde<T>) newSerde();
        return Serdes.serdeFrom(
                serde.serializer(),
                new Telling<>(serde.deserializer(), String.valueOf(properties.get("schema.registry.url"))));
    }

    @Override
    public Serde<CanonicalEvent> events(Kind kind) {
        return CanonicalEvents.serde(kind, this);
    }

    private Serde<?> newSerde() {
        try {
            Serde<?> serde = Class.forName(className)
                    .asSubclass(Serde.class)
                    .getDeclaredConstructor()
                    .newInstance();
            serde.configure(properties, false);
            return serde;
        } catch (ClassNotFoundException | NoClassDefFoundError e) {
            throw new SettingsException(
                    "registry.serde.class: " + className + " is not on the class path (" + e.getMessage()
                            + "); for Confluent's build with -Pconfluent",
                    e);
        } catch (ClassCastException e) {
            throw new SettingsException("registry.serde.class: " + className + " is no Kafka Serde", e);
        } catch (ReflectiveOperationException e) {
            throw new SettingsException("registry.serde.class: " + className + " can't be made: " + e, e);
        } catch (RuntimeException e) {
            throw new SettingsException(
                    "registry.serde: " + className + " refuses its configuration: " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> properties(RegistrySettings settings, Map<String, String> serde) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("schema.registry.url", settings.url());
        properties.put("specific.avro.reader", "true");
        if (settings.username() != null) {
            properties.put("basic.auth.credentials.source", "USER_INFO");
            properties.put("basic.auth.user.info", settings.username() + ':' + settings.password());
        }
        put(properties, "schema.registry.ssl.truststore.location", settings.trustStore());
        put(properties, "schema.registry.ssl.truststore.password", settings.trustStorePassword());
        put(properties, "schema.registry.ssl.keystore.location", settings.keyStore());
        put(properties, "schema.registry.ssl.keystore.password", settings.keyStorePassword());
        put(properties, "schema.registry.ssl.key.password", settings.keyStorePassword());
        properties.putAll(serde);
        properties.remove(CLASS);
        return Map.copyOf(properties);
    }

    private static void put(Map<String, Object> properties, String key, @Nullable Object value) {
        if (value != null) {
            properties.put(key, value.toString());
        }
    }

    /** A deserializer whose exceptions are ours. */
    private record Telling<T>(Deserializer<T> of, String url) implements Deserializer<T> {
        @Override
        @SuppressWarnings("NullAway") // Kafka's contract: null for null
        public T deserialize(String topic, byte @Nullable [] bytes) {
            if (bytes == null) {
                return null;
            }
            int id = WireFormat.schemaId(bytes);
            try {
                return of.deserialize(topic, bytes);
            } catch (SerializationException e) {
                throw told(e, id);
            }
        }

        @Override
        public void close() {
            of.close();
        }

        private SerializationException told(SerializationException e, int id) {
            Throwable cause = e;
            for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
                // Theirs wraps a refused connection and a time-out in an IOException …
                if (cause instanceof IOException && !(cause instanceof EOFException)) {
                    return new RegistryUnavailableException(String.valueOf(e.getMessage()), e);
                }
                // … and an answer that is not a schema in a class of its own, which is not on our class path.
                if (cause.getClass().getSimpleName().equals("RestClientException")) {
                    return String.valueOf(cause.getMessage()).contains(UNKNOWN_ID)
                            ? new UnknownSchemaIdException(id, url)
                            : new RegistryUnavailableException(String.valueOf(e.getMessage()), e);
                }
                cause = cause.getCause();
            }
            return e;
        }
    }
}
