package io.livepredict.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinitionBuilder;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.score.ScoreSettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What someone writes becomes counts of hashed words at ingest, and is nowhere else afterwards. */
class ChatTextTest {
    private static final List<String> WORDS = List.of("brillig", "slithytoves", "gimbled");

    @Test
    void shouldMakeWordsFeaturesAndKeepThemNowhere() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Logger ours = (Logger) LoggerFactory.getLogger("io.livepredict");
        Level level = ours.getLevel();
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        root.addAppender(logged);
        ours.setLevel(Level.TRACE);
        Source canonical = new Source("test.viewer-events", Kind.VIEWER, Source.Format.CANONICAL, null, false);
        try (FlowFixture flow = new FlowFixture(withText(), List.of(canonical), ScoreSettings.Explain.NEVER, true)) {
            say(flow, "e1", String.join(" ", WORDS), FlowFixture.NOON);
            flow.send("e2", "bob", "CHAT", FlowFixture.NOON + 60_000);

            List<String> places = new ArrayList<>();
            flow.driver.getAllStateStores().forEach((name, store) -> lookIn(store, name, places));
            LabelledExample example = null;
            for (String topic : flow.driver.producedTopicNames()) {
                for (TestRecord<byte[], byte[]> record : flow.written(topic)) {
                    note(record.key(), topic, places);
                    note(record.value(), topic, places);
                    if (topic.equals(flow.topics.labelledExamples(Kind.VIEWER).name())) {
                        example = flow.topics
                                .labelledExamples(Kind.VIEWER)
                                .value()
                                .deserializer()
                                .deserialize(topic, record.value());
                    }
                }
            }
            logged.list.forEach(
                    event -> note(event.getFormattedMessage().getBytes(StandardCharsets.UTF_8), "log", places));
            assertThat(places).isEmpty();
            assertThat(textFeatures(flow, example)).isEqualTo(WORDS.size());
            assertThat(flow.schema.dense())
                    .extracting(DenseFeature::words)
                    .contains("words in the last message with hash 3 of 16");
        } finally {
            ours.setLevel(level);
            root.detachAppender(logged);
        }
    }

    private static KindDefinition withText() {
        KindDefinition shipped = KindDefinition.defaults(Kind.VIEWER);
        return KindDefinitionBuilder.builder(shipped).textBuckets(16).build();
    }

    private static void say(FlowFixture flow, String id, String text, long time) {
        flow.pipe(
                flow.topics.events(Kind.VIEWER).name(),
                FlowFixture.utf8("ada"),
                flow.bytes(flow.event(id, "ada", "CHAT", time, Map.of(), text)));
    }

    private static double textFeatures(FlowFixture flow, @Nullable SpecificRecordBase record) {
        if (!(record instanceof LabelledExample example)) {
            throw new AssertionError("wanted an example, got " + record);
        }
        float[] dense = new float[flow.schema.dense().size()];
        FeatureVector.read(example.getDense(), dense);
        double words = 0;
        for (int i = 0; i < dense.length; i++) {
            words += flow.schema.dense().get(i).name().startsWith("text.") ? dense[i] : 0;
        }
        return words;
    }

    private static void lookIn(StateStore store, String name, List<String> places) {
        if (!(store instanceof KeyValueStore<?, ?> entries)) {
            return; // those that only hook into the commit
        }
        try (KeyValueIterator<?, ?> all = entries.all()) {
            while (all.hasNext()) {
                KeyValue<?, ?> entry = all.next();
                if (entry.value instanceof byte[] value) {
                    note(value, "store " + name, places);
                }
            }
        }
    }

    private static void note(byte @Nullable [] bytes, String place, List<String> places) {
        String text = bytes == null ? "" : new String(bytes, StandardCharsets.ISO_8859_1);
        WORDS.stream().filter(text::contains).forEach(word -> places.add(place + ": " + word));
    }
}
