"""Acts on alerts: one action for each raise, none for those held out.

    pip install "confluent-kafka[avro,schemaregistry]"
    python alert_consumer.py 127.0.0.1:9092 http://127.0.0.1:8081/apis/ccompat/v7
"""
import sys

from confluent_kafka import Consumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext


def take(alert):
    # Kind, alert, entity, context and raised_at name one alert: give them to whatever must not be done twice.
    name = "/".join(str(alert[key]) for key in ("kind", "alert", "entity_id", "context_id", "raised_at"))
    if alert["withheld"]:
        return  # held out: what happens without acting is what acting is measured against
    if alert["state"] == "raised":
        print(f"act on {name}: score {alert['score']:.3f}, {alert['reason_1']}", flush=True)
    else:
        print(f"over: {name}, {alert['cause']}", flush=True)


def main(brokers, registry):
    consumer = Consumer({
        "bootstrap.servers": brokers,
        "group.id": "livepredict.reader-alerts",
        "isolation.level": "read_committed",  # or you also see what was rolled back
        "enable.auto.commit": False,
        "auto.offset.reset": "latest",
    })
    deserialize = AvroDeserializer(SchemaRegistryClient({"url": registry}))
    consumer.subscribe(["livepredict.alerts"])
    try:
        while True:
            message = consumer.poll(1.0)
            if message is None:
                continue
            if message.error():
                print(message.error(), file=sys.stderr)
                continue
            take(deserialize(message.value(), SerializationContext(message.topic(), MessageField.VALUE)))
            consumer.commit(message)  # after acting: a crash in between acts twice on the same alert, never not at all
    finally:
        consumer.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
