package io.livepredict.trainer.metrics;

import java.util.List;

/** Every metric of the trainer, as Prometheus names it. Dashboards and alert rules are checked against this list. */
public enum Metric {
    EXAMPLES("livepredict_trainer_examples_total", Type.COUNTER, "examples", "Examples learned from.", "kind"),
    API_REQUESTS(
            "livepredict_trainer_api_requests_total",
            Type.COUNTER,
            "requests",
            "Requests of the API that were answered, by operation and HTTP status.",
            "operation",
            "status"),
    EXAMPLES_SKIPPED(
            "livepredict_trainer_examples_skipped_total",
            Type.COUNTER,
            "examples",
            "Examples that could not be used, by reason.",
            "kind",
            "reason"),
    EXAMPLES_BEHIND(
            "livepredict_trainer_examples_behind",
            Type.GAUGE,
            "examples",
            "Examples that wait to be learned from.",
            "kind"),
    BATCHES("livepredict_trainer_batches_total", Type.COUNTER, "batches", "Mini-batches trained.", "kind"),
    EXAMPLES_REPLAYED(
            "livepredict_trainer_examples_replayed_total",
            Type.COUNTER,
            "examples",
            "Examples learned from once more in spare time.",
            "kind"),
    BATCHES_WITHOUT_REPLAY(
            "livepredict_trainer_batches_without_replay_total",
            Type.COUNTER,
            "batches",
            "Mini-batches that no older examples followed, because new ones waited.",
            "kind"),
    LOSS(
            "livepredict_trainer_loss",
            Type.GAUGE,
            "nats",
            "Prequential loss over the recent window: log-loss, or squared error for sum-of targets. Scorer is a learner,"
                    + " served, base-rate, previous-outcome or an import, by its version.",
            "kind",
            "target",
            "scorer"),
    AUC(
            "livepredict_trainer_auc",
            Type.GAUGE,
            "ratio",
            "Area under the ROC curve over the recent window.",
            "kind",
            "target",
            "scorer"),
    CALIBRATION_ERROR(
            "livepredict_trainer_calibration_error",
            Type.GAUGE,
            "ratio",
            "Expected calibration error over the recent window.",
            "kind",
            "target",
            "scorer"),
    CHAMPION(
            "livepredict_trainer_champion", Type.GAUGE, "flag", "1 for the learner that is served.", "kind", "learner"),
    CHAMPION_CHANGES(
            "livepredict_trainer_champion_changes_total",
            Type.COUNTER,
            "changes",
            "How often another learner took over.",
            "kind"),
    LEARNER_RESETS(
            "livepredict_trainer_learner_resets_total",
            Type.COUNTER,
            "resets",
            "Learners started again after they diverged.",
            "kind"),
    DRIFTS("livepredict_trainer_drifts_total", Type.COUNTER, "drifts", "Changes found in the champion's loss.", "kind"),
    DRIFT_SIZE(
            "livepredict_trainer_drift_size",
            Type.GAUGE,
            "ratio",
            "By how much the champion's loss had risen at the last drift, relative.",
            "kind"),
    LEARNING_RATE_SCALE(
            "livepredict_trainer_learning_rate_scale",
            Type.GAUGE,
            "ratio",
            "What learning rates are multiplied by at present; above 1 after a drift.",
            "kind"),
    MODEL_VERSION("livepredict_trainer_model_version", Type.GAUGE, "version", "The version last published.", "kind"),
    PUBLISHED("livepredict_trainer_published_total", Type.COUNTER, "versions", "Versions published.", "kind"),
    PUBLISHED_BYTES(
            "livepredict_trainer_published_bytes_total", Type.COUNTER, "bytes", "ONNX bytes published.", "kind"),
    REFUSALS(
            "livepredict_trainer_refusals_total",
            Type.COUNTER,
            "refusals",
            "Learners that the gate did not let through, by reason.",
            "kind",
            "reason"),
    LEARNING_LAG(
            "livepredict_trainer_learning_lag_seconds",
            Type.GAUGE,
            "seconds",
            "From an example being emitted to a version that learned from it being published; newest example of the last"
                    + " version.",
            "kind"),
    CHECKPOINTS("livepredict_trainer_checkpoints_total", Type.COUNTER, "checkpoints", "Checkpoints written.", "kind"),
    CHECKPOINT_BYTES(
            "livepredict_trainer_checkpoint_bytes_total",
            Type.COUNTER,
            "bytes",
            "Bytes of learner state written.",
            "kind"),
    RESTARTS(
            "livepredict_trainer_restarts_total",
            Type.COUNTER,
            "restarts",
            "Returns to the last checkpoint after trouble with Kafka.",
            "kind"),
    RECORDS_IGNORED(
            "livepredict_trainer_records_ignored_total",
            Type.COUNTER,
            "records",
            "Records of the models topic that count for nothing: no trusted key vouches for them, or they are older than what"
                    + " counts.",
            "kind"),
    TARGETS_DIFFERING(
            "livepredict_trainer_targets_differing",
            Type.GAUGE,
            "targets",
            "Targets that only the trainer or only the streams app has, or that they define differently.",
            "kind"),
    RUNNING("livepredict_trainer_running", Type.GAUGE, "flag", "1 while the kind is being trained.", "kind");

    /** What it is to Prometheus. */
    public enum Type {
        COUNTER,
        GAUGE
    }

    private final String prometheusName;
    private final Type type;
    private final String unit;
    private final String description;
    private final List<String> labels;

    Metric(String prometheusName, Type type, String unit, String description, String... labels) {
        this.prometheusName = prometheusName;
        this.type = type;
        this.unit = unit;
        this.description = description;
        this.labels = List.of(labels);
    }

    public String prometheusName() {
        return prometheusName;
    }

    public Type type() {
        return type;
    }

    public String unit() {
        return unit;
    }

    public String description() {
        return description;
    }

    public List<String> labels() {
        return labels;
    }
}
