package io.livepredict.deploy.console.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The JSON of what the board holds. Times are epoch milliseconds; a number that is not known is null. */
final class BoardJson {
    /** Versions of a list: the newest, and what is served. */
    private static final int VERSIONS = 300;

    private static final int USUAL = 24;
    private static final double DIGITS = 1e6;

    private BoardJson() {}

    /** To six digits behind the point, so that a page of numbers stays small; null where it is not a number. */
    @SuppressWarnings("NullAway") // Jackson writes null
    static Double rounded(double value) {
        return Double.isFinite(value) ? Math.rint(value * DIGITS) / DIGITS : null;
    }

    static void numbers(ArrayNode to, double[] values) {
        for (double value : values) {
            to.add(rounded(value));
        }
    }

    static void targets(ArrayNode to, Targets targets, Kind kind) {
        targets.of(kind)
                .forEach(name -> to.addObject()
                        .put("name", name)
                        .put("horizonMillis", targets.horizon(name))
                        .put("sum", targets.isSum(name)));
    }

    static void reasons(ArrayNode to, List<Moment.Reason> reasons) {
        reasons.forEach(reason ->
                to.addObject().put("words", reason.words()).put("contribution", rounded(reason.contribution())));
    }

    static ObjectNode entity(Entities.Entity entity, Targets targets, long now) {
        List<String> names = targets.of(entity.kind());
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("at", now).put("kind", entity.kind().id()).put("id", entity.id());
        json.put("context", entity.last().context);
        targets(json.putArray("targets"), targets, entity.kind());
        ArrayNode moments = json.putArray("moments");
        for (Moment moment : entity.moments()) {
            ObjectNode one = moments.addObject()
                    .put("type", moment.type)
                    .put("context", moment.context)
                    .put("eventTime", moment.eventTime)
                    .put("scoredAt", moment.scoredAt)
                    .put("version", moment.version);
            ArrayNode scores = one.putArray("scores");
            ArrayNode labels = one.putArray("labels");
            ArrayNode reasons = one.putArray("reasons");
            for (int place = 0; place < names.size(); place++) {
                scores.add(rounded(moment.score(place)));
                labels.add(rounded(moment.label(place)));
                reasons(reasons.addArray(), moment.reasons(place));
            }
        }
        return json;
    }

    static ObjectNode alerts(AlertLog alerts, long now) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("at", now).put("raised", alerts.raised());
        ArrayNode list = json.putArray("last");
        alerts.last()
                .forEach(alert -> list.addObject()
                        .put("kind", alert.getKind())
                        .put("alert", alert.getAlert())
                        .put("id", alert.getEntityId())
                        .put("context", alert.getContextId())
                        .put("state", alert.getState())
                        .put("cause", alert.getCause())
                        .put("target", alert.getTarget())
                        .put("score", rounded(alert.getScore()))
                        .put("withheld", alert.getWithheld())
                        .put("reason", alert.getReason1())
                        .put("eventTime", alert.getEventTime().toEpochMilli()));
        return json;
    }

    static ObjectNode models(
            Kind kind, List<ModelShelf.Version> versions, Optional<ModelPointer> pointer, long lastServed, long now) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("at", now).put("kind", kind.id()).put("scoring", lastServed);
        pointer.ifPresent(each -> json.putObject("pointer")
                .put("version", each.version())
                .put("pinned", each.pinned())
                .put("issuedAt", each.issuedAt()));
        json.put("versionsSeen", versions.size());
        ArrayNode list = json.putArray("versions");
        long served = pointer.map(ModelPointer::version).orElse(-1L);
        for (int i = 0; i < versions.size(); i++) {
            ModelShelf.Version version = versions.get(i);
            if (i < VERSIONS || version.version() == served) {
                ObjectNode one = list.addObject()
                        .put("version", version.version())
                        .put("parent", version.parent())
                        .put("createdAt", version.createdAt())
                        .put("family", version.family())
                        .put("examples", version.examples())
                        .put("bytes", version.bytes())
                        .put("kept", version.kept());
                metrics(one.putObject("metrics"), version.metrics());
            }
        }
        return json;
    }

    static ObjectNode manifest(ModelManifest manifest, Map<String, String> words) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", manifest.name())
                .put("version", manifest.version())
                .put("parent", manifest.parentVersion())
                .put("createdAt", manifest.createdAt())
                .put("family", manifest.family())
                .put("examples", manifest.examples())
                .put("lastExampleEmittedAt", manifest.lastExampleEmittedAt())
                .put("bytes", manifest.bytes())
                .put("sha256", manifest.sha256())
                .put("gitCommit", manifest.gitCommit())
                .put("configurationHash", manifest.configurationHash())
                .put("denseInputs", manifest.dense().size())
                .put("idInputs", manifest.ids().size())
                .put("sequenceLength", manifest.sequenceLength())
                .put("goldenRows", manifest.golden().size());
        ArrayNode heads = json.putArray("targets");
        manifest.targets().forEach(head -> {
            ObjectNode one = heads.addObject().put("name", head.name()).put("learned", !head.unlearned());
            manifest.metrics()
                    .getOrDefault(head.name(), Map.of())
                    .forEach((metric, value) -> one.withObject("/metrics").put(metric, rounded(value)));
        });
        ObjectNode offsets = json.putObject("trainingOffsets");
        manifest.trainingOffsets().forEach((partition, offset) -> offsets.put(String.valueOf(partition), offset));
        ArrayNode inputs = json.putArray("inputs");
        List<ModelManifest.Usual> usual = manifest.usual();
        IntStream.range(0, Math.min(usual.size(), manifest.dense().size()))
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -usual.get(i).share()))
                .limit(USUAL)
                .forEach(i -> {
                    String name = manifest.dense().get(i).name();
                    inputs.addObject()
                            .put("name", name)
                            .put("words", words.getOrDefault(name, name))
                            .put("mean", rounded(usual.get(i).mean()))
                            .put("share", rounded(usual.get(i).share()));
                });
        return json;
    }

    private static void metrics(ObjectNode to, Map<String, Map<String, Double>> metrics) {
        metrics.forEach((target, values) -> {
            ObjectNode one = to.putObject(target);
            values.forEach((name, value) -> one.put(name, rounded(value)));
        });
    }
}
