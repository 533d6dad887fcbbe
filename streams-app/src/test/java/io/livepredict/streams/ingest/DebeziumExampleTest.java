package io.livepredict.streams.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.mapping.Skip;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The example of deploy/examples on records as Debezium sends them for a read, a create, an update and a delete. */
class DebeziumExampleTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void shouldMakeAnEventOfEachNewRow() throws Exception {
        MappingSettings mapping = YamlFile.read(
                Path.of("..", "deploy", "examples", "debezium.mapping.yaml"), MappingSettings.class, Map.of());
        try (InProcessRegistry registry = new InProcessRegistry()) {
            List<String> leftOut = new ArrayList<>();
            Ingest ingest = new Source("shop.public.orders", Kind.PLAYER, Source.Format.JSON, mapping, true)
                    .ingest(
                            KindDefinition.defaults(Kind.PLAYER),
                            TimeBounds.NONE,
                            new EventFormats(new AvroSerdes(registry), () -> new AvroDecoder(registry)),
                            (column, why) -> leftOut.add(column + ": " + why));
            List<Event> events = new ArrayList<>();
            List<Skip> skipped = new ArrayList<>();
            for (String line : Files.readAllLines(Path.of("src", "test", "resources", "debezium.jsonl"))) {
                JsonNode record = JSON.readTree(line);
                byte[] value = record.get("value").isNull() ? null : JSON.writeValueAsBytes(record.get("value"));
                byte[] key = JSON.writeValueAsBytes(record.get("key"));
                switch (ingest.take(new SourceRecord(key, value, "shop.public.orders", 0, 0, 0))) {
                    case Ingest.Valid valid -> events.add(valid.ingested().event());
                    case Ingest.Skipped skip -> skipped.add(skip.why());
                }
            }
            assertThat(events).singleElement().satisfies(event -> {
                assertThat(event.entityId()).isEqualTo("ada");
                assertThat(event.eventId()).isEqualTo("7/24023128/c");
                assertThat(event.timeMillis()).isEqualTo(1_700_000_000_000L);
                assertThat(event.type())
                        .isEqualTo(KindDefinition.defaults(Kind.PLAYER)
                                .eventTypes()
                                .indexOf("PURCHASE"));
            });
            assertThat(skipped)
                    .containsExactly(Skip.UNDECLARED_TYPE, Skip.UNDECLARED_TYPE, Skip.UNDECLARED_TYPE, Skip.TOMBSTONE);
            assertThat(leftOut).isEmpty();
        }
    }
}
