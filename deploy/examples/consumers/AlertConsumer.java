import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Acts on alerts: one action for each raise, none for those held out. Needs kafka-clients and a deserializer for Avro in the
 * Confluent wire format, here Confluent's; see README.md.
 */
public final class AlertConsumer {
    private AlertConsumer() {}

    /** @param arguments brokers, registry, e.g. {@code 127.0.0.1:9092 http://127.0.0.1:8081/apis/ccompat/v7} */
    public static void main(String[] arguments) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", arguments[0]);
        properties.put("group.id", "livepredict.reader-alerts");
        properties.put("isolation.level", "read_committed"); // or you also see what was rolled back
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "latest");
        properties.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        properties.put("value.deserializer", "io.confluent.kafka.serializers.KafkaAvroDeserializer");
        properties.put("schema.registry.url", arguments[1]);
        try (KafkaConsumer<String, GenericRecord> consumer = new KafkaConsumer<>(properties)) {
            consumer.subscribe(List.of("livepredict.alerts"));
            while (true) {
                for (ConsumerRecord<String, GenericRecord> each : consumer.poll(Duration.ofSeconds(1))) {
                    take(each.value());
                }
                // After acting: a crash in between acts twice on the same alert, never not at all.
                consumer.commitSync();
            }
        }
    }

    private static void take(GenericRecord alert) {
        // Kind, alert, entity, context and raised_at name one alert: give them to whatever must not be done twice.
        String id = alert.get("kind") + "/" + alert.get("alert") + "/" + alert.get("entity_id") + "/"
                + alert.get("context_id") + "/" + alert.get("raised_at");
        if ((Boolean) alert.get("withheld")) {
            return; // held out: what happens without acting is what acting is measured against
        }
        if (alert.get("state").toString().equals("raised")) {
            System.out.printf("act on %s: score %.3f, %s%n", id, (Double) alert.get("score"), alert.get("reason_1"));
        } else {
            System.out.printf("over: %s, %s%n", id, alert.get("cause"));
        }
    }
}
