package io.livepredict.deploy.console.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.avro.Alert;
import io.livepredict.avro.DriftRecord;
import io.livepredict.avro.FeatureSchemaRecord;
import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.OracleRecord;
import io.livepredict.avro.Outlook;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.Kind;
import io.livepredict.deploy.console.live.Happenings.What;
import io.livepredict.deploy.console.series.ScoredWindow;
import io.livepredict.deploy.console.series.SeriesTable;
import io.livepredict.model.ModelVerifier;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * All that the console knows, filled by the readers of topics and asked by the pages. Every method takes the one lock, holds it
 * for milliseconds at most, and never calls out.
 */
public final class Board {
    private static final int ROOMS = 40;
    private static final int MOST_WORDS = 5_000;
    private static final Duration LONGEST_LATENCY = Duration.ofHours(1);

    private final Clock clock;
    private final long startedAt;
    private final Duration presence;
    private final Targets targets = new Targets();
    private final Entities entities = new Entities(targets);
    private final Expectations expectations = new Expectations(targets);
    private final Map<String, ScoredWindow> windows = new LinkedHashMap<>();
    private final Outlooks outlooks;
    private final AlertLog alerts = new AlertLog();
    private final DeadLetterTally deadLetters = new DeadLetterTally();
    private final Happenings happenings = new Happenings();
    private final ModelShelf models;
    private final SeriesTable series = new SeriesTable();
    private final Histogram latency = new Histogram(LONGEST_LATENCY.toMillis(), 2);
    /** By kind the words of its features: a room of viewers and a match of players have the same feature names. */
    private final Map<Kind, Map<String, String>> words = new EnumMap<>(Kind.class);

    private final Map<String, Long> lastServed = new HashMap<>();
    private long predictions;
    private long events;

    /** @param presence how long after their last event entities count as present */
    public Board(ModelVerifier verifier, Clock clock, Duration presence) {
        this.clock = clock;
        startedAt = clock.millis();
        this.presence = presence;
        outlooks = new Outlooks(clock, Outlooks.MOST);
        models = new ModelShelf(verifier, happenings);
    }

    /**
     * What was counted up to now, of what came about since the start: what topics held before is shown, but is no traffic.
     *
     * @param predictions so far
     * @param events that had a prediction, so far
     * @param p50Millis median latency since the last call; NaN where there were none
     * @param deadLetters so far, by reason
     */
    public record Counted(
            long predictions, long events, double p50Millis, double p99Millis, Map<String, Long> deadLetters) {}

    /** Takes in a prediction; {@code timestamp} is its record's, that of the source record. */
    public synchronized void take(Prediction prediction, long timestamp) {
        kind(prediction.getKind()).ifPresent(kind -> {
            boolean first = entities.take(kind, prediction);
            lastServed.put(kind.id(), prediction.getModelVersion());
            if (prediction.getScoredAt().toEpochMilli() >= startedAt) {
                predictions++;
                events += first ? 1 : 0;
                latency.recordValue(Math.clamp(clock.millis() - timestamp, 0, LONGEST_LATENCY.toMillis()));
            }
        });
    }

    /** Takes in labels. */
    public synchronized void take(Kind kind, LabelledExample example) {
        entities.take(kind, example);
        for (TargetLabel label : example.getLabels()) {
            int place = targets.place(kind, label.getTarget());
            if (place >= 0) {
                targets.horizon(label.getTarget(), example.getHorizonMs());
                if (label.getLabel() != 0 && label.getLabel() != 1) {
                    targets.sum(label.getTarget());
                }
                windows.computeIfAbsent(label.getTarget(), key -> new ScoredWindow())
                        .add(
                                label.getServedScore(),
                                label.getLabel(),
                                expectations.of(example.getEntityId(), example.getAsOf(), place));
            }
        }
    }

    /** Takes in what the oracle expects. */
    public synchronized void take(OracleRecord record) {
        kind(record.getKind()).ifPresent(kind -> expectations.take(kind, record));
    }

    /** Takes in a record that could not be used. */
    public synchronized void takeDeadLetter(ConsumerRecord<byte[], byte[]> letter) {
        deadLetters.take(letter, startedAt);
    }

    /** Takes in a record of the models topic. */
    public synchronized void take(@Nullable String key, @Nullable ModelRecord value) {
        models.take(key, value);
    }

    /** Takes in an alert that was raised or cleared. */
    public synchronized void take(Alert alert) {
        alerts.take(alert);
    }

    /** Takes in what is expected of a room or match. */
    public synchronized void take(Outlook outlook) {
        kind(outlook.getKind()).ifPresent(kind -> outlooks.take(kind, outlook));
    }

    /** Takes in a change of the world that the trainer found. */
    public synchronized void take(DriftRecord drift) {
        happenings.add(
                drift.getLastExampleEmittedAt(),
                drift.getKind(),
                What.DRIFT,
                String.format(
                                Locale.ROOT,
                                "drift: the loss of %s rose by %.0f %%",
                                drift.getLearner(),
                                100 * drift.getSize())
                        + (drift.getLearningRateScale() <= 1
                                ? ""
                                : String.format(
                                        Locale.ROOT,
                                        "; learning %.1f times faster for %,d examples",
                                        drift.getLearningRateScale(),
                                        drift.getRaisedForExamples())));
    }

    /** Takes in what the features of a kind are called and what is predicted of it. */
    public synchronized void take(FeatureSchemaRecord schema) {
        kind(schema.getKind()).ifPresent(kind -> {
            schema.getTargets().forEach(target -> targets.place(kind, target.getName()));
            Map<String, String> ofKind = words.computeIfAbsent(kind, key -> new HashMap<>());
            if (ofKind.size() < MOST_WORDS) {
                schema.getDense().forEach(feature -> ofKind.put(feature.getName(), feature.getWords()));
                schema.getIds().forEach(feature -> ofKind.put(feature.getName(), feature.getWords()));
            }
        });
    }

    /** Notes that something happened just now. */
    public synchronized void happened(String kind, Happenings.What what, String line) {
        happenings.add(clock.millis(), kind, what, line);
    }

    /** Totals, and the latency since the last call. */
    public synchronized Counted count() {
        boolean none = latency.getTotalCount() == 0;
        Counted counted = new Counted(
                predictions,
                events,
                none ? Double.NaN : latency.getValueAtPercentile(50),
                none ? Double.NaN : latency.getValueAtPercentile(99),
                deadLetters.byReason());
        latency.reset();
        return counted;
    }

    /** Adds to a row how good the recent scores of each target were. */
    public synchronized void putQuality(Map<String, Double> row) {
        windows.forEach((target, window) -> {
            ScoredWindow.Quality quality = window.quality();
            row.put("quality.served." + target, quality.served());
            row.put("quality.base." + target, quality.base());
            row.put("quality.oracle." + target, quality.oracle());
            row.put("quality.auc." + target, quality.auc());
            row.put("quality.calibration." + target, quality.calibrationError());
            row.put("quality.rate." + target, quality.rate());
            row.put("quality.mean." + target, quality.meanScore());
        });
        lastServed.forEach((kind, version) -> row.put("version.served." + kind, (double) version));
    }

    /** Adds a row to the series. */
    public synchronized void add(long second, Map<String, Double> row) {
        series.add(second, row);
    }

    /** Series of the last so many seconds. */
    public synchronized SeriesTable.Rows last(long seconds, Predicate<String> wanted) {
        return series.last(seconds, wanted);
    }

    /** The newest row of the series. */
    public synchronized Map<String, Double> newest() {
        return series.newest();
    }

    /** The second of the newest row, since the epoch; 0 before the first. */
    public synchronized long newestSecond() {
        return series.newestSecond();
    }

    /** What is predicted, by kind. */
    public synchronized ObjectNode kinds() {
        ObjectNode kinds = object();
        for (Kind kind : Kind.values()) {
            if (!targets.of(kind).isEmpty()) {
                ObjectNode of = kinds.putObject(kind.id());
                of.put("context", kind.context()).put("contexts", kind.contexts());
                ArrayNode list = of.putArray("targets");
                BoardJson.targets(list, targets, kind);
            }
        }
        return kinds;
    }

    /**
     * Rooms or matches now.
     *
     * @param by the target by which they are ordered and explained; another than those there are means the first
     */
    public synchronized ObjectNode rooms(Kind kind, String by) {
        long now = clock.millis();
        int place = Math.max(0, targets.of(kind).indexOf(by));
        List<String> names = targets.of(kind);
        int count = names.size();
        Rooms.Overview overview = Rooms.of(entities, outlooks, kind, names, place, now - presence.toMillis(), ROOMS);
        ObjectNode json = object();
        json.put("at", now).put("kind", kind.id()).put("rooms", overview.all()).put("present", overview.present());
        json.put("presentForMillis", presence.toMillis()).put("outlook", outlooks.has(kind));
        String target = place < count ? names.get(place) : "";
        json.put("by", target);
        BoardJson.numbers(json.putArray("expected"), overview.expected());
        ArrayNode list = json.putArray("list");
        overview.rooms().forEach(room -> {
            ObjectNode one = list.addObject().put("context", room.context()).put("present", room.present());
            BoardJson.numbers(one.putArray("expected"), room.expected());
            Outlooks.Came came = outlooks.came(kind, room.context(), target);
            if (came.snapshots() > 0) {
                one.putObject("came")
                        .put("snapshots", came.snapshots())
                        .put("expected", BoardJson.rounded(came.expected()))
                        .put("happened", BoardJson.rounded(came.happened()));
            }
            ArrayNode why = one.putArray("why");
            room.why()
                    .forEach(because -> why.addObject()
                            .put("words", because.words())
                            .put("entities", because.entities())
                            .put("weight", BoardJson.rounded(because.weight())));
        });
        ArrayNode likeliest = json.putArray("likeliest");
        overview.likeliest().stream().limit(12).forEach(each -> {
            ObjectNode one = likeliest
                    .addObject()
                    .put("id", each.id())
                    .put("context", each.moment().context)
                    .put("at", each.moment().scoredAt)
                    .put("score", BoardJson.rounded(each.moment().score(place)));
            BoardJson.reasons(one.putArray("reasons"), each.reasons());
        });
        return json;
    }

    /** Entities whose id contains a text. */
    public synchronized ObjectNode search(Kind kind, String text) {
        ObjectNode json = object();
        json.put("kind", kind.id()).put("held", entities.count(kind));
        ArrayNode ids = json.putArray("ids");
        entities.matching(kind, text, 12).forEach(ids::add);
        return json;
    }

    /** An entity's last moments; nothing where it was not seen lately. */
    public synchronized Optional<ObjectNode> entity(Kind kind, String id) {
        Entities.Entity entity = entities.find(kind, id);
        return Optional.ofNullable(entity).map(found -> BoardJson.entity(found, targets, clock.millis()));
    }

    /** The last dead letters. */
    public synchronized ObjectNode deadLetters() {
        ObjectNode json = object();
        json.put("at", clock.millis());
        ArrayNode last = json.putArray("last");
        deadLetters
                .last()
                .forEach(letter -> last.addObject()
                        .put("at", letter.at())
                        .put("reason", letter.reason())
                        .put("where", letter.where())
                        .put("words", letter.words()));
        return json;
    }

    /** The last alerts. */
    public synchronized ObjectNode alerts() {
        return BoardJson.alerts(alerts, clock.millis());
    }

    /** What happened after a number. */
    public synchronized ArrayNode happenings(long after) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        happenings
                .after(after)
                .forEach(each -> list.addObject()
                        .put("number", each.number())
                        .put("at", each.at())
                        .put("kind", each.kind())
                        .put("what", each.what().name())
                        .put("words", each.words()));
        return list;
    }

    /** How well scores of a target were calibrated. */
    public synchronized ObjectNode calibration(String target) {
        ObjectNode json = object();
        ScoredWindow window = windows.get(target);
        json.put("target", target).put("at", clock.millis());
        ArrayNode bins = json.putArray("bins");
        if (window != null) {
            ScoredWindow.Quality quality = window.quality();
            json.put("labels", quality.n())
                    .put("binary", quality.binary())
                    .put("rate", BoardJson.rounded(quality.rate()));
            quality.bins()
                    .forEach(bin -> bins.addObject()
                            .put("score", BoardJson.rounded(bin.score()))
                            .put("rate", BoardJson.rounded(bin.rate()))
                            .put("n", bin.n()));
        }
        return json;
    }

    /** The versions of a kind's model. */
    public synchronized ObjectNode models(Kind kind) {
        return BoardJson.models(
                kind,
                models.versions(kind),
                models.serving(kind),
                lastServed.getOrDefault(kind.id(), -1L),
                clock.millis());
    }

    /** What a version says of itself; nothing once it is retired. */
    public synchronized Optional<ObjectNode> model(Kind kind, long version) {
        return models.manifest(kind, version)
                .map(manifest -> BoardJson.manifest(manifest, words.getOrDefault(kind, Map.of())));
    }

    private static Optional<Kind> kind(String id) {
        return Arrays.stream(Kind.values()).filter(kind -> kind.id().equals(id)).findFirst();
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
