package io.livepredict.streams.outcome;

import io.livepredict.avro.Outlook;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.streams.outcome.NaiveLabeller.Accepted;
import io.livepredict.streams.outcome.NaiveLabeller.Snapshot;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the outlook says, worked out from the list of all events, predictions and labels. */
final class NaiveOutlook {
    private static final long BUCKET = 10_000;

    private final KindDefinition definition;
    private final List<Target> targets;
    private final NaiveLabeller log;
    private final long presentFor;
    private final Map<String, Double> scores = new HashMap<>();

    NaiveOutlook(
            KindDefinition definition,
            List<Target> targets,
            NaiveLabeller log,
            List<Prediction> all,
            Duration presentFor) {
        this.definition = definition;
        this.targets = targets;
        this.log = log;
        this.presentFor = presentFor.toMillis();
        all.forEach(each -> scores.put(each.getEventId() + ' ' + each.getTarget(), each.getScore()));
    }

    /** A record in words. */
    static String words(Outlook each) {
        return words(
                each.getContextId(),
                each.getBucketStart().toEpochMilli(),
                each.getTarget(),
                each.getPresent(),
                each.getSnapshots(),
                each.getScoreSum(),
                each.getLabelled() == null ? "" : each.getLabelled() + " " + sum(each.getLabelSum()));
    }

    private static String words(
            String context, long start, String target, long present, long snapshots, double scores, String labels) {
        return context + ' ' + start + ' ' + target + " present " + present + " of " + snapshots + ": " + sum(scores)
                + " labels " + labels;
    }

    private static String sum(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }

    /** All records in words, with how often they come. */
    Map<String, Integer> records() {
        Map<String, Integer> records = new TreeMap<>();
        if (log.accepted.isEmpty()) {
            return records;
        }
        TreeSet<String> contexts = new TreeSet<>();
        log.accepted.forEach(at -> contexts.add(at.event().contextId()));
        contexts.remove("");
        long first = log.accepted.stream()
                .mapToLong(at -> Math.floorDiv(at.asOf(), BUCKET))
                .min()
                .orElseThrow();
        for (long bucket = first; (bucket + 1) * BUCKET <= log.watermark; bucket++) {
            for (String context : contexts) {
                record(records, context, bucket);
            }
        }
        return records;
    }

    private void record(Map<String, Integer> records, String context, long bucket) {
        long present = present(context, bucket);
        List<Snapshot> own = log.snapshots.stream()
                .filter(each -> each.at().event().contextId().equals(context)
                        && Math.floorDiv(each.at().asOf(), BUCKET) == bucket)
                .toList();
        if (present == 0 && own.isEmpty()) {
            return;
        }
        for (Target target : targets) {
            List<Snapshot> of = own.stream()
                    .filter(each -> each.target().name().equals(target.name()))
                    .toList();
            long scored = 0;
            long labels = 0;
            for (Snapshot each : of) {
                scored += Math.round(
                        scores.getOrDefault(each.at().event().eventId() + ' ' + target.name(), Double.NaN) * 1e6);
                labels += Math.round(each.label() * 1e6);
            }
            String plain = words(context, bucket * BUCKET, target.name(), present, of.size(), scored / 1e6, "");
            records.merge(plain, 1, Integer::sum);
            long known = bucket + Math.ceilDiv(target.within().toMillis(), BUCKET);
            if (!of.isEmpty() && (known + 1) * BUCKET <= log.watermark) {
                records.merge(plain + of.size() + " " + sum(labels / 1e6), 1, Integer::sum);
            }
        }
    }

    private long present(String context, long bucket) {
        Map<String, Accepted> last = new HashMap<>();
        for (Accepted at : log.accepted) {
            if (at.event().contextId().equals(context) && Math.floorDiv(at.asOf(), BUCKET) <= bucket) {
                last.put(at.event().entityId(), at);
            }
        }
        long end = (bucket + 1) * BUCKET;
        return last.values().stream()
                .filter(at -> Math.floorDiv(at.asOf(), BUCKET) * BUCKET >= end - presentFor)
                .filter(at -> !definition
                        .sessionEnd()
                        .contains(definition.eventTypes().get(at.event().type())))
                .count();
    }
}
