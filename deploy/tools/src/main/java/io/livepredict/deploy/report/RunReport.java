package io.livepredict.deploy.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.avro.Alert;
import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.OracleRecord;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.SignedManifest;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.ReportRequest.Latency;
import io.livepredict.model.ModelJson;
import io.livepredict.model.RefusedException;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.time.OutputGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The JSON report of a run. Every figure but activations and latency is counted here, once, from the records of the
 * topics since the run began.
 */
public final class RunReport {
    /** As {@link OutputGate.Withheld#HISTORY} is written. */
    private static final String HISTORY = "history";
    /** As {@link OutputGate.Withheld#EMIT} is written. */
    private static final String EMIT = "emit";

    private final ReportRequest request;
    private final EventCount events;
    private final AlertCount alerts;
    private final LongLongMap seen = new LongLongMap();
    private final Map<String, ServedScores> scores = new LinkedHashMap<>();
    private final Map<String, RegressionScores> sums = new LinkedHashMap<>();
    private final Map<Kind, LongLongMap> snapshots = new HashMap<>();
    private final List<Snapshot> waitingForOracle = new ArrayList<>();
    private final LearningLag learningLag = new LearningLag();
    private long predictions;
    private long rowCount;
    private long cells;
    private long doubledPredictions;
    private long strayPredictions;
    private long doubledLabels;
    private long unreadable;
    private long published;
    private long censored;

    /** The scores of one example: target to index in its {@link ServedScores}. */
    private record Snapshot(Map<String, Integer> indices) {}

    private RunReport(ReportRequest request) {
        this.request = request;
        this.alerts = new AlertCount(request.installation().targets());
        this.events = new EventCount(request, alerts::take);
        for (Target target : request.installation().targets()) {
            if (target.isBinary()) {
                scores.put(target.name(), new ServedScores());
            } else {
                sums.put(target.name(), new RegressionScores());
            }
        }
    }

    /** Reads the topics and makes the report. */
    public static ObjectNode of(ReportRequest request) {
        RunReport report = new RunReport(request);
        report.countAlerts();
        report.events.run();
        report.countPredictions();
        report.countModels();
        for (Kind kind : Kind.values()) {
            if (!Target.of(request.installation().targets(), kind).isEmpty()) {
                report.countExamples(kind);
            }
        }
        report.askOracle();
        report.countPending();
        return report.toJson();
    }

    /** Writes a report as indented JSON. */
    public static void write(ObjectNode report, Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(
                file,
                new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(report)
                        + System.lineSeparator());
    }

    private void countAlerts() {
        if (request.installation().outputs().alerts().isEmpty()) {
            return;
        }
        Topic<String, Alert> topic = request.source().topics().alerts();
        TopicScan.scan(request.source().client(), topic.name(), request.source().from(), each -> {
            Alert alert = read(topic, each.value());
            if (alert != null) {
                alerts.take(alert);
            }
        });
    }

    private void countPredictions() {
        OutputSettings outputs = request.installation().outputs();
        if (outputs.flat()) {
            Topic<String, Prediction> topic = request.source().topics().predictions();
            TopicScan.scan(
                    request.source().client(), topic.name(), request.source().from(), each -> {
                        Prediction prediction = read(topic, each.value());
                        if (prediction != null) {
                            predicted(prediction);
                        }
                    });
        }
        outputs.rows().ifPresent(rows -> {
            Topic<String, GenericRecord> topic = request.source().topics().predictionRows(rows.schema());
            TopicScan.scan(
                    request.source().client(), topic.name(), request.source().from(), each -> {
                        GenericRecord row = read(topic, each.value());
                        if (row != null) {
                            rowCount++;
                            rows.predictions(row).forEach(prediction -> {
                                cells++;
                                if (!outputs.flat()) {
                                    predicted(prediction);
                                }
                            });
                        }
                    });
        });
    }

    private void predicted(Prediction prediction) {
        predictions++;
        if (!seen.putIfAbsent(
                Hashes.parts(
                        prediction.getKind(),
                        prediction.getEntityId(),
                        prediction.getEventId(),
                        prediction.getTarget()),
                1)) {
            doubledPredictions++;
        }
        learningLag.predicted(
                Kind.of(prediction.getKind()),
                prediction.getModelVersion(),
                prediction.getScoredAt().toEpochMilli());
        Kind kind = Kind.of(prediction.getKind());
        boolean known = LookCount.isLook(prediction)
                ? events.looks().take(kind, prediction)
                : events.isValid(kind, prediction.getEntityId(), prediction.getEventId());
        if (!known) {
            strayPredictions++;
        }
    }

    private void countExamples(Kind kind) {
        LongLongMap seen = new LongLongMap();
        LongLongMap byEntityAndTime = new LongLongMap();
        snapshots.put(kind, byEntityAndTime);
        Topic<String, LabelledExample> topic = request.source().topics().labelledExamples(kind);
        TopicScan.scan(request.source().client(), topic.name(), request.source().from(), each -> {
            LabelledExample example = read(topic, each.value());
            if (example == null) {
                return;
            }
            learningLag.emitted(kind, each.partition(), each.offset(), example.getEmittedAt());
            Map<String, Integer> indices = new HashMap<>();
            for (TargetLabel label : example.getLabels()) {
                if (!seen.putIfAbsent(
                        Hashes.parts(
                                example.getEntityId(), example.getContextId(), example.getEventId(), label.getTarget()),
                        1)) {
                    doubledLabels++;
                }
                ServedScores binary = scores.get(label.getTarget());
                RegressionScores sum = sums.get(label.getTarget());
                if (binary != null) {
                    indices.put(
                            label.getTarget(),
                            binary.add(
                                    example.getAsOf(),
                                    label.getServedScore(),
                                    label.getLabel(),
                                    label.getServedByPrior() ? 0 : example.getModelVersion()));
                } else if (sum != null) {
                    sum.add(label.getServedScore(), label.getLabel());
                }
            }
            remember(byEntityAndTime, example, indices);
        });
    }

    /** Several examples may share entity and time: one for each horizon. */
    private void remember(LongLongMap byEntityAndTime, LabelledExample example, Map<String, Integer> indices) {
        long key = Hashes.parts(example.getEntityId(), Long.toString(example.getAsOf()));
        long known = byEntityAndTime.getOrDefault(key, -1);
        if (known >= 0) {
            waitingForOracle.get((int) known).indices().putAll(indices);
        } else {
            byEntityAndTime.putIfAbsent(key, waitingForOracle.size());
            waitingForOracle.add(new Snapshot(indices));
        }
    }

    private void askOracle() {
        Topic<String, OracleRecord> topic = request.source().topics().oracle();
        TopicScan.scan(request.source().client(), topic.name(), request.source().from(), each -> {
            OracleRecord oracle = read(topic, each.value());
            if (oracle == null) {
                return;
            }
            LongLongMap byEntityAndTime = snapshots.get(Kind.of(oracle.getKind()));
            long known = byEntityAndTime == null
                    ? -1
                    : byEntityAndTime.getOrDefault(
                            Hashes.parts(oracle.getEntityId(), Long.toString(oracle.getTime())), -1);
            if (known < 0) {
                return;
            }
            waitingForOracle.get((int) known).indices().forEach((target, index) -> {
                Double probability = oracle.getProbabilities().get(target);
                if (probability != null) {
                    Objects.requireNonNull(scores.get(target)).setOracle(index, probability);
                }
            });
        });
    }

    private void countModels() {
        Topic<String, ModelRecord> topic = request.source().topics().models();
        Set<String> manifests = new HashSet<>();
        TopicScan.scan(request.source().client(), topic.name(), request.source().from(), each -> {
            if (each.value() == null) {
                return;
            }
            ModelRecord record = read(topic, each.value());
            if (record != null && record.getBody() instanceof SignedManifest manifest) {
                manifests.add(manifest.getJson());
            }
        });
        manifests.forEach(this::published);
        published = manifests.size();
    }

    private void published(String json) {
        try {
            ModelManifest manifest = ModelJson.readManifest(json);
            learningLag.published(Kind.of(manifest.name()), manifest);
        } catch (RefusedException | IllegalArgumentException e) {
            // No scorer takes it either: it served nothing.
        }
    }

    /** Snapshots that never got their labels are the live keys of the pending stores' changelogs. */
    private void countPending() {
        Set<String> changelogs;
        try (Admin admin = Admin.create(request.source().client())) {
            changelogs = new HashSet<>(admin.listTopics().names().get());
        } catch (Exception e) {
            throw new IllegalStateException("Kafka does not list its topics: " + e.getMessage(), e);
        }
        changelogs.removeIf(name -> !name.startsWith(request.installation().applicationId())
                || !name.endsWith("-changelog")
                || !name.contains("pending"));
        for (String changelog : changelogs) {
            Set<Bytes> live = new HashSet<>();
            TopicScan.scan(request.source().client(), changelog, TopicPositions.beginning(), each -> {
                if (each.value() == null) {
                    live.remove(Bytes.wrap(each.key()));
                } else if (each.value().length > 1) { // a single byte is a timer
                    live.add(Bytes.wrap(each.key()));
                }
            });
            censored += live.size();
        }
    }

    private <T> @Nullable T read(Topic<String, T> topic, byte[] value) {
        try {
            return topic.value().deserializer().deserialize(topic.name(), value);
        } catch (RegistryUnavailableException e) {
            throw e; // not this record's fault, and the next would wait as long
        } catch (SerializationException e) {
            unreadable++;
            return null;
        }
    }

    private ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode eventsJson = json.putObject("events");
        eventsJson.put("read", events.read());
        eventsJson.put("valid", events.valid());
        put(eventsJson.putObject("dead_lettered"), events.deadLettered());
        eventsJson.put("undeclared_type", events.skippedTypes());
        eventsJson.put("repeats", events.repeats());
        eventsJson.put("unaccounted", events.unaccounted());
        if (!events.unaccountedFor().isEmpty()) {
            eventsJson.put("unaccounted_for", String.join(", ", events.unaccountedFor()));
        }
        if (events.looks().looks() > 0) {
            json.put("looks", events.looks().looks());
        }
        json.put("predictions", predictions);
        ObjectNode check = json.putObject("predictions_check");
        check.put("expected", events.expectedPredictions());
        Map<String, Long> withheld = withheld();
        long sent = predictions - doubledPredictions - strayPredictions;
        long kept = withheld.values().stream().mapToLong(Long::longValue).sum();
        if (!withheld.isEmpty()) {
            put(check.putObject("withheld"), withheld);
        }
        check.put("missing", Math.max(0, events.expectedPredictions() - kept - sent));
        check.put("doubled", doubledPredictions);
        check.put("of_no_valid_event", strayPredictions);
        check.put("scoring_failed_events", events.scoringFailed());
        if (request.installation().outputs().rows().isPresent()) {
            ObjectNode rows = json.putObject("rows");
            rows.put("records", rowCount);
            rows.put("predictions", cells);
        }
        if (!alerts.isEmpty()) {
            alerts.put(json.putObject("alerts"));
        }
        ObjectNode examples = json.putObject("examples");
        long labels = 0;
        for (Target target : request.installation().targets()) {
            ObjectNode of = examples.putObject(target.name());
            ServedScores binary = scores.get(target.name());
            if (binary != null) {
                of.put("positive", binary.positives());
                of.put("negative", binary.size() - binary.positives());
                labels += binary.size();
            } else {
                int n = Objects.requireNonNull(sums.get(target.name())).size();
                of.put("values", n);
                labels += n;
            }
        }
        json.put("examples_doubled", doubledLabels);
        json.put("snapshots_censored", censored);
        if (unreadable > 0) {
            json.put("unreadable_records", unreadable);
        }
        models(json.putObject("models"));
        put(json.putObject("latency_ms"), request.observed().latency());
        put(json.putObject("learning_lag_ms"), learningLag.latency());
        double seconds = request.observed().lasted().toMillis() / 1000.0;
        json.put("events_per_second", seconds > 0 ? rounded(events.read() / seconds) : 0);
        json.put("predictions_per_second", seconds > 0 ? rounded(predictions / seconds) : 0);
        json.put("seconds", rounded(seconds));
        if (labels == 0) {
            json.put(
                    "note",
                    "no examples: the run ended before any snapshot's horizon had passed, or no event was a snapshot");
        }
        ObjectNode targets = json.putObject("targets");
        for (Target target : request.installation().targets()) {
            ServedScores binary = scores.get(target.name());
            targets.set(
                    target.name(),
                    binary != null
                            ? binary.toJson()
                            : Objects.requireNonNull(sums.get(target.name())).toJson());
        }
        return json;
    }

    /** By reason. That of history follows from the events, that of {@code emit} is in the state; the rest no topic tells. */
    private Map<String, Long> withheld() {
        Map<String, Long> withheld = new TreeMap<>(request.observed().withheld());
        withheld.remove(HISTORY);
        withheld.remove(EMIT);
        if (!request.installation().outputs().emissions().isEmpty()) {
            withheld.put(EMIT, WithheldCount.of(request));
        }
        if (events.withheldHistory() > 0) {
            withheld.put(HISTORY, events.withheldHistory());
        }
        return withheld;
    }

    private void models(ObjectNode json) {
        json.put("published", published);
        json.put("activated", request.observed().activations().activated());
        put(
                json.putObject("refused"),
                new TreeMap<>(request.observed().activations().refused()));
        ObjectNode active = json.putObject("active_version");
        Arrays.stream(Kind.values())
                .filter(kind ->
                        !Target.of(request.installation().targets(), kind).isEmpty())
                .forEach(kind -> active.put(
                        kind.id(),
                        request.observed().activations().activeVersion().getOrDefault(kind, 0L)));
    }

    private static void put(ObjectNode json, Map<String, Long> counts) {
        counts.forEach(json::put);
    }

    private static void put(ObjectNode json, @Nullable Latency latency) {
        json.put("p50", latency == null ? null : Double.valueOf(rounded(latency.p50Millis())));
        json.put("p99", latency == null ? null : Double.valueOf(rounded(latency.p99Millis())));
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }
}
