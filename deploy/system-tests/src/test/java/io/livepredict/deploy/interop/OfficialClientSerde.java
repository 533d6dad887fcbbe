package io.livepredict.deploy.interop;

import io.livepredict.avro.Prediction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * A serde of predictions over the official registry client, configured by the keys of the official serde, its failures
 * wrapped as that wraps them: what {@code registry.serde} names, as near as can be had without Confluent's own repository.
 */
public final class OfficialClientSerde implements Serde<Prediction> {
    private static final byte MAGIC = 0;
    private static final int PREFIX = 5;

    private CachedSchemaRegistryClient client = new CachedSchemaRegistryClient("http://127.0.0.1:1", 1);

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        client = new CachedSchemaRegistryClient(String.valueOf(configs.get("schema.registry.url")), 100, configs);
    }

    @Override
    public Serializer<Prediction> serializer() {
        return (topic, value) -> {
            try {
                int id = client.register(
                        topic + "-value", new AvroSchema(value.getSchema().toString()));
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                out.write(ByteBuffer.allocate(PREFIX).put(MAGIC).putInt(id).array());
                BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
                new SpecificDatumWriter<>(Prediction.class).write(value, encoder);
                encoder.flush();
                return out.toByteArray();
            } catch (IOException | RestClientException e) {
                throw new SerializationException("Error serializing Avro message", e);
            }
        };
    }

    @Override
    public Deserializer<Prediction> deserializer() {
        return (topic, bytes) -> {
            int id = ByteBuffer.wrap(bytes).getInt(1);
            try {
                Schema writer =
                        new Schema.Parser().parse(client.getSchemaById(id).canonicalString());
                return new SpecificDatumReader<Prediction>(writer, Prediction.getClassSchema())
                        .read(null, DecoderFactory.get().binaryDecoder(bytes, PREFIX, bytes.length - PREFIX, null));
            } catch (IOException | RestClientException e) {
                throw new SerializationException("Error deserializing Avro message for id " + id, e);
            }
        };
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (IOException e) {
            throw new SerializationException("Error closing the registry client", e);
        }
    }
}
