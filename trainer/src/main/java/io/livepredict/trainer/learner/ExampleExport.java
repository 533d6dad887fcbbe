package io.livepredict.trainer.learner;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.topics.TopicReader;
import io.livepredict.trainer.family.ExampleBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/**
 * Labelled examples as CSV: who and when, every feature by name, then of each target the label (empty where there is none),
 * the served score, and the version that served it.
 */
public final class ExampleExport {
    private static final long MOST_CHARS_HELD = 64 << 20;

    private final KafkaSettings kafka;
    private final Topics topics;

    public ExampleExport(KafkaSettings kafka, Topics topics) {
        this.kafka = kafka;
        this.topics = topics;
    }

    /**
     * What was written.
     *
     * @param rows examples
     * @param skipped examples that could not be read, by reason
     */
    public record Written(long rows, Map<ExampleFault, Long> skipped) {}

    /**
     * Writes every example of a kind that is in the topic now, in order of as-of time, laid out for the newest feature schema.
     * The topic has them partition by partition, and in the order in which their labels became known.
     *
     * @throws TrainerException if there is no feature schema of that kind
     */
    public Written write(Kind kind, List<Target> targets, Path file) throws IOException {
        SequencedMap<String, FeatureSchema> schemas = TopicSchemas.all(kafka.consumer("trainer-export"), topics, kind);
        FeatureSchema newest = schemas.lastEntry().getValue();
        Path folder = file.toAbsolutePath().getParent();
        try (Writer out = Files.newBufferedWriter(file);
                OrderedRows rows = new OrderedRows(folder == null ? Path.of("") : folder, MOST_CHARS_HELD)) {
            return new Writing(out, rows, newest, schemas, targets).all(kind);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private final class Writing {
        private final Writer out;
        private final OrderedRows ordered;
        private final FeatureSchema layout;
        private final Map<String, FeatureSchema> schemas;
        private final List<Target> targets;
        private final ExampleBatch row;
        private final Map<String, ExampleReader> readers = new HashMap<>();
        private final Map<ExampleFault, Long> skipped = new EnumMap<>(ExampleFault.class);
        private long rows;

        Writing(
                Writer out,
                OrderedRows ordered,
                FeatureSchema layout,
                Map<String, FeatureSchema> schemas,
                List<Target> targets) {
            this.out = out;
            this.ordered = ordered;
            this.layout = layout;
            this.schemas = schemas;
            this.targets = targets;
            row = new ExampleBatch(1, layout, targets.size());
        }

        Written all(Kind kind) throws IOException {
            header();
            Topic<String, LabelledExample> typed = topics.labelledExamples(kind);
            Topic<byte[], byte[]> raw = typed.with(Serdes.ByteArray(), Serdes.ByteArray());
            TopicReader.readToEnd(kafka.consumer("trainer-export"), raw, (key, value) -> {
                try {
                    ExampleFault fault = one(typed, value);
                    if (fault != null) {
                        skipped.merge(fault, 1L, Long::sum);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            ordered.drainTo(out::append);
            return new Written(rows, skipped);
        }

        private void header() throws IOException {
            List<String> names = new ArrayList<>(List.of("entity_id", "context_id", "event_id", "as_of", "horizon_ms"));
            layout.dense().stream().map(DenseFeature::name).forEach(names::add);
            for (int i = 1; i <= layout.sequenceLength(); i++) {
                names.add("sequence_type." + i);
            }
            for (int i = 1; i <= layout.sequenceLength(); i++) {
                names.add("sequence_gap." + i);
            }
            layout.ids().stream().map(IdFeature::name).forEach(names::add);
            for (Target target : targets) {
                names.add("label." + target.name());
                names.add("served." + target.name());
            }
            names.add("model_version");
            StringBuilder line = new StringBuilder();
            names.forEach(name -> cell(line, name));
            out.append(ended(line));
        }

        private @Nullable ExampleFault one(Topic<String, LabelledExample> topic, byte @Nullable [] bytes)
                throws IOException {
            LabelledExample example;
            try {
                example = bytes == null ? null : topic.value().deserializer().deserialize(topic.name(), bytes);
            } catch (RegistryUnavailableException e) {
                throw e; // not this example's fault, and the next would wait as long
            } catch (SerializationException e) {
                return ExampleFault.UNDECODABLE;
            }
            if (example == null) {
                return ExampleFault.UNDECODABLE;
            }
            FeatureSchema from = schemas.get(example.getFeatureSchema());
            if (from == null) {
                return ExampleFault.UNKNOWN_SCHEMA;
            }
            ExampleFault fault = readers.computeIfAbsent(
                            example.getFeatureSchema(), id -> new ExampleReader(from, layout, targets))
                    .read(example, row, 0);
            if (fault != null) {
                return fault;
            }
            line(example);
            rows++;
            return null;
        }

        private void line(LabelledExample example) throws IOException {
            StringBuilder line = new StringBuilder();
            cell(line, example.getEntityId());
            cell(line, example.getContextId());
            cell(line, example.getEventId());
            cell(line, Long.toString(example.getAsOf()));
            cell(line, Long.toString(example.getHorizonMs()));
            for (float value : row.dense) {
                cell(line, Float.toString(value));
            }
            for (int value : row.sequenceTypes) {
                cell(line, Integer.toString(value));
            }
            for (float value : row.sequenceGaps) {
                cell(line, Float.toString(value));
            }
            for (int value : row.ids) {
                cell(line, Integer.toString(value));
            }
            for (int t = 0; t < targets.size(); t++) {
                boolean labelled = row.mask[t] != 0;
                cell(line, labelled ? Float.toString(row.labels[t]) : "");
                cell(line, labelled ? Float.toString(row.served[t]) : "");
            }
            cell(line, Long.toString(example.getModelVersion()));
            ordered.add(example.getAsOf(), ended(line));
        }

        private static String ended(StringBuilder line) {
            line.setCharAt(line.length() - 1, '\n');
            return line.toString();
        }

        /** RFC 4180. */
        private static void cell(StringBuilder line, String value) {
            if (value.indexOf(',') >= 0
                    || value.indexOf('"') >= 0
                    || value.indexOf('\n') >= 0
                    || value.indexOf('\r') >= 0) {
                line.append('"').append(value.replace("\"", "\"\"")).append('"');
            } else {
                line.append(value);
            }
            line.append(',');
        }
    }
}
