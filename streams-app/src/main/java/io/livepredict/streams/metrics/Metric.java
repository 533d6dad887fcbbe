package io.livepredict.streams.metrics;

import java.util.List;

/**
 * Every metric of the streams app: name, type, unit, labels, description. In Prometheus dots are underscores, counters
 * end in {@code _total} and times in {@code _seconds}.
 */
public enum Metric {
    EVENTS(
            "livepredict.events",
            Type.COUNTER,
            "events",
            "Source records by what became of them: valid, undeclared-type, skip-rule, tombstone, repeated, erased (older than the"
                    + " erasure of its entity) or dead-letter.",
            "kind",
            "outcome"),
    FIELDS_LEFT_OUT(
            "livepredict.fields.left.out",
            Type.COUNTER,
            "values",
            "Optional values left out of events because they could not be used, by the mapping's column.",
            "kind",
            "column"),
    DEAD_LETTERS("livepredict.dead.letters", Type.COUNTER, "records", "Dead letters by reason.", "kind", "reason"),
    PREDICTIONS("livepredict.predictions", Type.COUNTER, "predictions", "Predictions sent.", "kind", "target"),
    PREDICTIONS_WITHHELD(
            "livepredict.predictions.withheld",
            Type.COUNTER,
            "predictions",
            "Predictions made and not sent, by reason: of an event before time.live-from, of one longer ago than"
                    + " predictions.not-older-than, or kept back by the target's emit. Labels and learning are as if they had"
                    + " been sent.",
            "kind",
            "target",
            "reason"),
    ALERTS(
            "livepredict.alerts",
            Type.COUNTER,
            "alerts",
            "Alerts raised, and cleared by their cause: score, session-end, clear-after, removed or erased. Where one entity has too"
                    + " many: not-raised, and not-followed to its target's label.",
            "kind",
            "alert",
            "state"),
    ALERT_OUTCOMES(
            "livepredict.alert.outcomes",
            Type.COUNTER,
            "alerts",
            "Alerts whose target's label became known, by group (alerted, or held-out: nobody was to act) and by whether the"
                    + " target came true. The two groups' rates differ by what acting does.",
            "kind",
            "alert",
            "group",
            "outcome"),
    CHOICES(
            "livepredict.choices",
            Type.COUNTER,
            "choices",
            "Choices of a room or match, by whether it was among the candidates (yes or no): the share of yes is the candidate"
                    + " recall, and what is recommended can be right no more often.",
            "kind",
            "candidate"),
    SNAPSHOTS("livepredict.snapshots", Type.COUNTER, "snapshots", "Feature vectors logged to be labelled.", "kind"),
    SNAPSHOTS_REFUSED(
            "livepredict.snapshots.refused",
            Type.COUNTER,
            "snapshots",
            "Snapshots not taken because their entity had too many: open ones (state.max-open-snapshots), ones awaiting their horizon,"
                    + " or rooms and matches that it was in lately.",
            "kind"),
    ERASURES(
            "livepredict.erasures",
            Type.COUNTER,
            "requests",
            "Requests to forget somebody that were carried out, in each task once, by whether it had held anything: removed or none.",
            "kind",
            "found"),
    LABELS(
            "livepredict.labels",
            Type.COUNTER,
            "labels",
            "Labels emitted in examples: positive, negative or, for sum-of, value.",
            "kind",
            "target",
            "label"),
    LABELS_DROPPED(
            "livepredict.labels.dropped",
            Type.COUNTER,
            "labels",
            "Labels dropped because their target was changed or removed while they were open.",
            "kind"),
    BATCHES(
            "livepredict.batches",
            Type.COUNTER,
            "batches",
            "Batches scored, by what made them so: full, time or commit.",
            "kind",
            "cause"),
    BATCH_ROWS("livepredict.batch.rows", Type.SUMMARY, "rows", "Rows in a batch given to the model.", "kind"),
    SCORING("livepredict.scoring", Type.TIMER, "seconds", "Time to score one batch.", "kind"),
    EXPLAINED("livepredict.explained", Type.COUNTER, "rows", "Rows whose reasons were computed.", "kind"),
    LATENCY(
            "livepredict.event.to.prediction",
            Type.TIMER,
            "seconds",
            "Time from a record's transport timestamp to its scoring; a reader sees the prediction after the commit.",
            "kind"),
    LEARNING_LAG(
            "livepredict.example.to.prediction",
            Type.TIMER,
            "seconds",
            "Time from an example being emitted to the first prediction by a model that has learned from it, once for each"
                    + " model, for its newest example. Includes the example's commit, filling its training batch, waiting"
                    + " for publish.every, the model's checks and commit, its activation, and waiting for an event to be"
                    + " scored; not the commit of that prediction.",
            "kind"),
    ACTIVE_VERSION(
            "livepredict.model.active.version",
            Type.GAUGE,
            "version",
            "Version of the model that scores now; 0 is the prior.",
            "kind"),
    MODEL_AGE(
            "livepredict.model.age",
            Type.GAUGE,
            "seconds",
            "Time since the active model was made; NaN for the prior.",
            "kind"),
    ACTIVATIONS("livepredict.model.activations", Type.COUNTER, "models", "Models that became the active one.", "kind"),
    REFUSALS("livepredict.model.refusals", Type.COUNTER, "models", "Models refused, by reason.", "kind", "reason"),
    MODEL_RECORDS_IGNORED(
            "livepredict.model.records.ignored",
            Type.COUNTER,
            "records",
            "Records of the models topic that count for nothing, by reason: no trusted key vouches for them, or they are older"
                    + " than what counts.",
            "reason"),
    TARGETS_DIFFERING(
            "livepredict.targets.differing",
            Type.GAUGE,
            "targets",
            "Targets that only the app or only the active model has, or that they define differently; 0 while the prior is"
                    + " served. A target without a head gets its prior.",
            "kind"),
    SERVED_BY_PRIOR(
            "livepredict.served.by.prior",
            Type.GAUGE,
            "targets",
            "1 for a target that is served its configured prior, as version 0, because no model is active or the active one"
                    + " has no head for it that has learned; 0 once a model scores it.",
            "kind",
            "target"),
    EVENTS_HELD_BACK(
            "livepredict.events.held.back",
            Type.COUNTER,
            "events",
            "Valid events that came after the clock had moved past them in a silence: labels may have been decided without"
                    + " them (time.idle-after).",
            "kind"),
    LOOKS("livepredict.looks", Type.COUNTER, "looks", "Looks at silent entities (kinds.KIND.looks).", "kind"),
    LOOKS_BEHIND(
            "livepredict.looks.behind",
            Type.GAUGE,
            "seconds",
            "By how much a task's label time is held back because looks that are due have not been taken yet, as after an"
                    + " outage; 0 when it is not. Appears with the first look.",
            "kind",
            "task"),
    TIME_HELD(
            "livepredict.time.held",
            Type.GAUGE,
            "seconds",
            "How long that source partition has held up event time, and with it labels, while others went on; 0 when it does no"
                    + " longer. Appears once it is a minute.",
            "kind",
            "topic",
            "partition"),
    HISTORY_AWAITED(
            "livepredict.history.awaited",
            Type.GAUGE,
            "topics",
            "1 while a source topic's history is not known to be complete (time.live-from): the clock decides no labels in its"
                    + " partitions without later events; 0 once livepredict-tools load has said that it is.",
            "topic"),
    CONTEXT_LOOKUPS(
            "livepredict.context.lookups",
            Type.COUNTER,
            "lookups",
            "Lookups of a room's or match's recent buckets, once in ten seconds of event time for each: whole, or missing where"
                    + " this task is behind others by more than context.slack and some buckets were dropped.",
            "kind",
            "outcome"),
    STAYS_DROPPED(
            "livepredict.stays.dropped",
            Type.COUNTER,
            "stays",
            "Open stays forgotten because their entity was in too many contexts at once.",
            "kind"),
    ENTITIES_EXPIRED(
            "livepredict.entities.expired",
            Type.COUNTER,
            "entities",
            "Entities forgotten after state.retention without an event.",
            "kind"),
    STATE_UNREADABLE(
            "livepredict.state.unreadable",
            Type.COUNTER,
            "values",
            "Stored values that another build wrote, or that could not be read, and were dropped.",
            "kind"),
    API_REQUESTS(
            "livepredict.api.requests",
            Type.TIMER,
            "seconds",
            "Time from the head of an API's request to its answer, by operation and HTTP status.",
            "operation",
            "status"),
    THREADS_REPLACED(
            "livepredict.threads.replaced",
            Type.COUNTER,
            "threads",
            "Stream threads replaced after a failure that may pass."),
    RESTORED_RECORDS(
            "livepredict.state.restored.records",
            Type.COUNTER,
            "records",
            "Records of changelogs from which active state was restored.");

    /** What kind of number it is. */
    public enum Type {
        COUNTER,
        GAUGE,
        TIMER,
        SUMMARY
    }

    private final String id;
    private final Type type;
    private final String unit;
    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> labels;

    Metric(String id, Type type, String unit, String description, String... labels) {
        this.id = id;
        this.type = type;
        this.unit = unit;
        this.description = description;
        this.labels = List.of(labels);
    }

    /** Its dotted name. */
    public String id() {
        return id;
    }

    /** What kind of number it is. */
    public Type type() {
        return type;
    }

    /** Its unit. */
    public String unit() {
        return unit;
    }

    /** What it says. */
    public String description() {
        return description;
    }

    /** Its labels, in the order in which values are given. */
    public List<String> labels() {
        return labels;
    }

    /** Its name in Prometheus. */
    public String prometheusName() {
        String name = id.replace('.', '_');
        return switch (type) {
            case COUNTER -> name + "_total";
            case TIMER -> name + "_seconds";
            case GAUGE -> unit.equals("seconds") ? name + "_seconds" : name;
            case SUMMARY -> name;
        };
    }
}
