package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.Alert;
import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Outlook;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.deploy.loop.Rows.Predicted;
import io.livepredict.deploy.loop.Rows.Row;
import io.livepredict.streams.output.AlertRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts again, from the records of one kind's topics and the configured rules alone, which alerts had to be raised and
 * cleared, which labels had to come and what the outlook had to say, and compares. For a log that ends long after everything
 * of interest, so that nothing is still open; for rules without conditions.
 */
final class Recount {
    private static final long BUCKET = 10_000;

    private final Installation installation;
    private final Kind kind;
    private final KindDefinition definition;
    private final List<Target> targets;
    private final Rows rows;

    private Recount(Installation installation, Kind kind) {
        this.installation = installation;
        this.kind = kind;
        definition = installation.streams().kinds().definition(kind);
        targets = Target.of(installation.streams().kinds().targets(), kind);
        rows = Rows.of(installation, kind);
    }

    /** Compares everything of a kind; how much there was, in words. */
    static String assertExact(Installation installation, Kind kind) {
        Recount recount = new Recount(installation, kind);
        int predicted = recount.assertPredictions();
        int raisesAndClears = recount.assertAlerts();
        List<Label> labels = recount.assertLabels();
        int outlook = recount.assertOutlook(labels);
        return kind.id() + " counted again: " + predicted + " predictions, " + raisesAndClears + " raises and clears, "
                + labels.size() + " labels, " + outlook + " records of the outlook";
    }

    /** Every row has a prediction of each target that predicts on it, but where a policy may withhold it. */
    private int assertPredictions() {
        int there = 0;
        List<String> missing = new ArrayList<>();
        for (Target target : targets) {
            boolean all = !installation.streams().outputs().emissions().containsKey(target.name());
            for (List<Row> own : rows.byEntity().values()) {
                for (Row row : own) {
                    if (target.predictOn().contains(row.type())) {
                        boolean found = rows.predicted(row, target.name()) != null;
                        there += found ? 1 : 0;
                        if (all && !found) {
                            missing.add(target.name() + " of " + row);
                        }
                    }
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(there).as("predictions of no event").isEqualTo(rows.predictions());
        return there;
    }

    // Alerts

    /** An alert that was raised and is not cleared. */
    private static final class Open {
        final Row raise;
        Row last;
        Predicted score;

        Open(Row raise, Predicted score) {
            this.raise = raise;
            this.last = raise;
            this.score = score;
        }
    }

    /** One entity's alerts by one rule, row by row. */
    private final class Watch {
        final AlertRule rule;
        final Map<String, Open> open = new HashMap<>();
        final Map<String, Long> raisedAt = new HashMap<>();
        final Map<String, List<String>> words;

        Watch(AlertRule rule, Map<String, List<String>> words) {
            this.rule = rule;
            this.words = words;
        }

        void row(Row row) {
            clearBefore(row.asOf());
            if (definition.sessionEnd().contains(row.type())) {
                for (Open each : List.copyOf(open.values())) {
                    if (row.context().isEmpty() || row.context().equals(each.raise.context())) {
                        clear(each, "session-end", row.asOf(), row.id());
                    }
                }
                return;
            }
            Predicted score = rows.predicted(row, rule.target());
            if (score != null) {
                scored(row, score);
            }
        }

        private void scored(Row row, Predicted score) {
            Open known = open.get(row.context());
            Long before = raisedAt.get(row.context());
            if (known != null) {
                known.last = row;
                known.score = score;
                if (score.score() < rule.clearBelow()) {
                    clear(known, "score", row.asOf(), row.id());
                }
            } else if (score.score() >= rule.raiseAt()
                    && (before == null || row.asOf() - before >= rule.cooldown().toMillis())) {
                Open raised = new Open(row, score);
                open.put(row.context(), raised);
                raisedAt.put(row.context(), row.asOf());
                add(raised, "raised", "score", row.asOf(), row.id());
            }
        }

        void clearBefore(long time) {
            for (Open each : List.copyOf(open.values())) {
                long end = each.last.asOf() + rule.clearAfter().toMillis();
                if (time > end) {
                    clear(each, "clear-after", end, null);
                }
            }
        }

        private void clear(Open which, String cause, long at, @Nullable String event) {
            open.remove(which.raise.context());
            add(which, "cleared", cause, at, event);
        }

        private void add(Open of, String state, String cause, long at, @Nullable String event) {
            String entity = of.raise.entity();
            words.computeIfAbsent(place(rule.name(), entity, of.raise.context()), first -> new ArrayList<>())
                    .add(words(
                            state,
                            cause,
                            of.raise.asOf(),
                            at,
                            String.valueOf(event),
                            of.score.score(),
                            of.score.version(),
                            rule.holdsOut(entity)));
        }
    }

    private static String place(String alert, String entity, String context) {
        return alert + " of " + entity + " in " + context;
    }

    private static String words(
            String state,
            String cause,
            long raisedAt,
            long at,
            String event,
            double score,
            long version,
            boolean withheld) {
        return "%s by %s, raised %d, at %d by %s, score %s of version %d%s"
                .formatted(state, cause, raisedAt, at, event, score, version, withheld ? ", withheld" : "");
    }

    private int assertAlerts() {
        Map<String, List<String>> wanted = new TreeMap<>();
        for (AlertRule rule : installation.streams().outputs().alerts()) {
            if (targets.stream().anyMatch(target -> target.name().equals(rule.target()))) {
                rows.byEntity().forEach((entity, own) -> {
                    Watch watch = new Watch(rule, wanted);
                    own.forEach(watch::row);
                    watch.clearBefore(rows.labelTime(entity));
                });
            }
        }
        Map<String, List<String>> came = new TreeMap<>();
        Rows.scan(installation, installation.topics().alerts(), (record, each) -> {
            if (each.getKind().equals(kind.id())) {
                came.computeIfAbsent(
                                place(each.getAlert(), each.getEntityId(), each.getContextId()),
                                first -> new ArrayList<>())
                        .add(words(each));
            }
        });
        assertSame(came, wanted);
        return came.values().stream().mapToInt(List::size).sum();
    }

    private static String words(Alert each) {
        return words(
                each.getState(),
                each.getCause(),
                each.getRaisedAt().toEpochMilli(),
                each.getEventTime().toEpochMilli(),
                String.valueOf(each.getEventId()),
                each.getScore(),
                each.getModelVersion(),
                each.getWithheld());
    }

    // Labels

    /** A snapshot of a row for a target, with its label and what was served. */
    private record Label(Row row, Target target, double label, double score) {
        String words() {
            return target.name() + " of " + row.entity() + " at " + row.id() + " as of " + row.asOf() + " is " + label;
        }
    }

    /** Compares the labels with those of the events; as the examples have them. */
    private List<Label> assertLabels() {
        Map<String, Integer> wanted = new TreeMap<>();
        Map<String, Row> byId = new HashMap<>();
        rows.byEntity().forEach((entity, own) -> {
            own.forEach(row -> byId.put(entity + ' ' + row.id(), row));
            for (Target target : targets) {
                for (Row row : snapshots(own, target)) {
                    if (row.asOf() + target.within().toMillis() < rows.labelTime(entity)) {
                        wanted.merge(new Label(row, target, label(own, row, target), 0).words(), 1, Integer::sum);
                    }
                }
            }
        });
        List<Label> labels = new ArrayList<>();
        Rows.scan(
                installation,
                installation.topics().labelledExamples(kind),
                (record, each) -> labels.addAll(labels(each, byId)));
        Map<String, Integer> came = new TreeMap<>();
        labels.forEach(each -> came.merge(each.words(), 1, Integer::sum));
        assertSame(came, wanted);
        return labels;
    }

    private static List<Row> snapshots(List<Row> own, Target target) {
        Map<String, Long> lasts = new HashMap<>();
        List<Row> snapshots = new ArrayList<>();
        for (Row row : own) {
            Long last = lasts.get(row.context());
            if (target.snapshotOn().contains(row.type())
                    && (last == null
                            || row.asOf() - last >= target.atMostEvery().toMillis())) {
                lasts.put(row.context(), row.asOf());
                snapshots.add(row);
            }
        }
        return snapshots;
    }

    private static double label(List<Row> own, Row snapshot, Target target) {
        boolean happened = own.stream()
                .anyMatch(row -> row.time() > snapshot.asOf()
                        && row.time() <= snapshot.asOf() + target.within().toMillis()
                        && target.eventTypes().contains(row.type())
                        && (target.scope() == Target.Scope.ANYWHERE
                                || row.context().equals(snapshot.context())));
        return switch (target.outcome()) {
            case ANY_OF -> happened ? 1 : 0;
            case NONE_OF -> happened ? 0 : 1;
            case SUM_OF -> throw new IllegalArgumentException("sums are not counted again: " + target.name());
        };
    }

    private List<Label> labels(LabelledExample example, Map<String, Row> byId) {
        String id = example.getEntityId() + ' ' + example.getEventId();
        Row row = Objects.requireNonNull(byId.get(id), () -> "an example of no row: " + id);
        return example.getLabels().stream()
                .map(label -> new Label(row, target(label.getTarget()), label.getLabel(), label.getServedScore()))
                .toList();
    }

    private Target target(String name) {
        return targets.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    // Outlook

    private int assertOutlook(List<Label> labels) {
        Map<String, Integer> came = new TreeMap<>();
        Rows.scan(installation, installation.topics().outlook(), (record, each) -> {
            if (each.getKind().equals(kind.id())) {
                came.merge(words(each), 1, Integer::sum);
            }
        });
        Map<String, Integer> wanted = new TreeMap<>();
        Map<String, Map<Long, Long>> present = present();
        Map<String, List<Label>> sums = new HashMap<>();
        for (Label each : labels) {
            sums.computeIfAbsent(
                            place(each.target.name(), each.row.context(), bucket(each.row.asOf())),
                            first -> new ArrayList<>())
                    .add(each);
        }
        Set<String> scored = new HashSet<>();
        labels.forEach(each -> scored.add(each.row.context() + ' ' + bucket(each.row.asOf())));
        present.forEach((context, byBucket) -> byBucket.forEach((bucket, here) -> {
            if (here == 0 && !scored.contains(context + ' ' + bucket)) {
                return;
            }
            for (Target target : targets) {
                List<Label> of = sums.getOrDefault(place(target.name(), context, bucket), List.of());
                String plain = words(context, bucket, target.name(), here, of.size(), millionths(of, true));
                wanted.merge(plain, 1, Integer::sum);
                if (!of.isEmpty()) {
                    wanted.merge(plain + labels(of.size(), millionths(of, false)), 1, Integer::sum);
                }
            }
        }));
        assertSame(came, wanted);
        return came.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** By context and closed bucket how many were there, wherever anybody was or was scored. */
    private Map<String, Map<Long, Long>> present() {
        long last = bucket(rows.labelTime()) - 1;
        long steps = Math.ceilDiv(
                installation.streams().outputs().presentFor().orElseThrow().toMillis(), BUCKET);
        Map<String, Map<Long, Long>> present = new TreeMap<>();
        for (List<Row> own : rows.byEntity().values()) {
            Map<String, Map<Long, Row>> latest = new HashMap<>();
            for (Row row : own) {
                if (!row.isLook() && !row.context().isEmpty()) {
                    latest.computeIfAbsent(row.context(), first -> new TreeMap<>())
                            .put(bucket(row.asOf()), row);
                }
            }
            latest.forEach((context, byBucket) -> stay(
                    present.computeIfAbsent(context, first -> new TreeMap<>()),
                    List.copyOf(byBucket.values()),
                    steps,
                    last));
        }
        return present;
    }

    /** @param lasts an entity's last row of each bucket in which it had one, in a context */
    private void stay(Map<Long, Long> present, List<Row> lasts, long steps, long last) {
        for (int i = 0; i < lasts.size(); i++) {
            long from = bucket(lasts.get(i).asOf());
            long next = i + 1 < lasts.size() ? bucket(lasts.get(i + 1).asOf()) : Long.MAX_VALUE;
            boolean ends = definition.sessionEnd().contains(lasts.get(i).type());
            // Who left in a bucket may have been scored in it.
            present.merge(from, 0L, Long::sum);
            for (long bucket = from; bucket <= last && bucket < Math.min(next, from + steps) && !ends; bucket++) {
                present.merge(bucket, 1L, Long::sum);
            }
        }
        present.keySet().removeIf(bucket -> bucket > last);
    }

    private static long bucket(long time) {
        return Math.floorDiv(time, BUCKET);
    }

    private static String place(String target, String context, long bucket) {
        return target + " of " + context + " at " + bucket;
    }

    private static long millionths(List<Label> labels, boolean scores) {
        return labels.stream()
                .mapToLong(each -> Math.round((scores ? each.score : each.label) * 1e6))
                .sum();
    }

    private static String words(String context, long bucket, String target, long present, long n, long scores) {
        return place(target, context, bucket) + ": present " + present + ", " + n + " scored " + scores;
    }

    private static String labels(long n, long labels) {
        return ", " + n + " labelled " + labels;
    }

    private static String words(Outlook each) {
        String plain = words(
                each.getContextId(),
                bucket(each.getBucketStart().toEpochMilli()),
                each.getTarget(),
                each.getPresent(),
                each.getSnapshots(),
                Math.round(each.getScoreSum() * 1e6));
        return Optional.ofNullable(each.getLabelled())
                .map(n -> plain + labels(n, Math.round(each.getLabelSum() * 1e6)))
                .orElse(plain);
    }

    /** By what only one of the two has: all would fill pages. */
    private static <V> void assertSame(Map<String, V> came, Map<String, V> wanted) {
        Map<String, V> extra = new TreeMap<>(came);
        extra.entrySet().removeAll(wanted.entrySet());
        Map<String, V> missing = new TreeMap<>(wanted);
        missing.entrySet().removeAll(came.entrySet());
        assertThat(wanted).isNotEmpty();
        assertThat(extra).as("counted again are %s; there are besides", missing).isEmpty();
        assertThat(missing).as("missing").isEmpty();
    }
}
