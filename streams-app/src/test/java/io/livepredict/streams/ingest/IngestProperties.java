package io.livepredict.streams.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.DeadLetters.Payload;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.mapping.RefusedRecordException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever bytes a topic holds, ingest takes, skips or refuses them, and neither throws nor asks for much memory. */
class IngestProperties {
    private static final InProcessRegistry REGISTRY = new InProcessRegistry();
    private static final AvroSerdes SERDES = new AvroSerdes(REGISTRY);
    private static final KindDefinition DEFINITION = KindDefinition.defaults(Kind.VIEWER);
    private static final byte[] SOUND = SERDES.events(Kind.VIEWER)
            .serializer()
            .serialize(
                    "t",
                    CanonicalEventBuilder.builder()
                            .eventId("e1")
                            .entityId("ada")
                            .contextId("room")
                            .timeMillis(1_000L)
                            .type("CHAT")
                            .numbers(Map.of("gift_value", 5.0, "x", 1.0))
                            .attributes(Map.of("device", "web", "region", "eu"))
                            .text("hello there")
                            .build());
    private static final MappingSettings MAPPING = YamlFile.parse("""
            kind: viewer
            time: {column: at, unit: seconds}
            id: who.id
            type: {column: what}
            numbers: {n: n}
            text: text
            """, "m", MappingSettings.class);

    private final Ingest canonical = ingest(new Source("t", Kind.VIEWER, Source.Format.CANONICAL, null, true));
    private final Ingest json = ingest(new Source("t", Kind.VIEWER, Source.Format.JSON, MAPPING, true));
    private final Ingest avro = ingest(new Source("t", Kind.VIEWER, Source.Format.AVRO, MAPPING, true));

    private static Ingest ingest(Source source) {
        return source.ingest(
                DEFINITION,
                TimeBounds.NONE,
                new EventFormats(SERDES, () -> new AvroDecoder(REGISTRY)),
                (column, why) -> {});
    }

    private void takeAll(byte[] value) {
        for (Ingest ingest : new Ingest[] {canonical, json, avro}) {
            try {
                Ingest.Outcome outcome = ingest.take(new SourceRecord(null, value, "t", 0, 1, 0));
                assertThat(outcome).isNotNull();
            } catch (RefusedRecordException e) {
                assertThat(e.words()).isNotBlank();
                assertThat(DeadLetterRecords.of(new SourceRecord(null, value, "t", 0, 1, 0), Payload.KEEP, e, "", 5)
                                .headers())
                        .isNotEmpty();
            }
        }
    }

    @Property(tries = 2000)
    void shouldCopeWithAnyBytes(@ForAll @Size(max = 300) byte[] value) {
        takeAll(value);
    }

    @Property(tries = 2000)
    void shouldCopeWithAnyBytesBehindAKnownSchemaId(@ForAll @Size(max = 300) byte[] noise) {
        byte[] value = new byte[5 + noise.length];
        System.arraycopy(SOUND, 0, value, 0, 5);
        System.arraycopy(noise, 0, value, 5, noise.length);
        takeAll(value);
    }

    @Property(tries = 3000)
    void shouldCopeWithASoundRecordOfWhichBytesWereChanged(
            @ForAll @IntRange(max = 10_000) int place, @ForAll byte with, @ForAll @IntRange(max = 200) int cut) {
        byte[] value = java.util.Arrays.copyOf(SOUND, Math.max(1, SOUND.length - cut % 20));
        value[place % value.length] = with;
        takeAll(value);
    }

    @Property(tries = 1000)
    void shouldCopeWithAnyText(@ForAll String id, @ForAll String what, @ForAll double number, @ForAll long at) {
        takeAll(("{\"who\":{\"id\":" + quoted(id) + "},\"what\":" + quoted(what) + ",\"n\":" + number + ",\"at\":" + at
                        + ",\"text\":" + quoted(id + what) + "}")
                .getBytes(StandardCharsets.UTF_8));
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            out.append(String.format("\\u%04x", (int) text.charAt(i)));
        }
        return out.append('"').toString();
    }
}
