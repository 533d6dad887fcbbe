package io.livepredict.deploy.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of the quality table: a target on a log, and what batch learners reach on it.
 *
 * @param name of the row
 * @param log whose
 * @param target which of the log's targets
 * @param batchLogistic AUC of logistic regression, trained once on the first 70 % with about ten hand-made features, on the
 *     last 30 %; null where none was run
 * @param batchBoosting the same of histogram gradient boosting (scikit-learn)
 */
record QualityTask(
        String name,
        Log log,
        String target,
        @Nullable Double batchLogistic,
        @Nullable Double batchBoosting) {
    /**
     * A recorded log.
     *
     * @param name of its run
     * @param file in the data folder
     * @param mapping in the examples folder
     * @param targets in the examples folder
     */
    record Log(String name, String file, String mapping, String targets) {}

    private static final Log DODGEMUD =
            new Log("dodgemud", "dodgemud.csv.xz", "dodgemud.mapping.yaml", "dodgemud.targets.yaml");
    private static final Log HTML5 =
            new Log("irc-html5", "irc-rooms.csv.xz", "irc-html5.mapping.yaml", "irc-rooms.targets.yaml");
    private static final Log ROOMS =
            new Log("irc-all", "irc-rooms.csv.xz", "irc-rooms.mapping.yaml", "irc-rooms.targets.yaml");

    /** Every row, the logs one after the other. */
    static final List<QualityTask> ALL = List.of(
            new QualityTask("dodgemud-quit-5m", DODGEMUD, "quit-5m", 0.710, 0.729),
            new QualityTask("dodgemud-quit-24h", DODGEMUD, "quit-24h", 0.744, 0.757),
            new QualityTask("dodgemud-quit-10d", DODGEMUD, "quit-10d", 0.774, 0.784),
            new QualityTask("irc-html5-leave-30m", HTML5, "leave-30m", 0.746, 0.765),
            new QualityTask("irc-html5-chat-10m", HTML5, "chat-10m", 0.955, 0.964),
            new QualityTask("irc-all-leave-30m", ROOMS, "leave-30m", null, null),
            new QualityTask("irc-all-chat-10m", ROOMS, "chat-10m", null, null));
}
