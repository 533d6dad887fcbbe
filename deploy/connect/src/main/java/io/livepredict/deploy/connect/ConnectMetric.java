package io.livepredict.deploy.connect;

import java.util.List;

/** Every metric of the supervised worker: its name in Prometheus, its type, what it says, its labels. */
public enum ConnectMetric {
    PARTS(
            "livepredict_connect_parts",
            "gauge",
            "A connector and its tasks, in all workers, by state: RUNNING, FAILED, UNASSIGNED, RESTARTING, PAUSED, STOPPED.",
            "connector",
            "state"),
    RESTARTS("livepredict_connect_restarts_total", "counter", "Restarts of what failed, asked for here.", "connector"),
    RECORDS(
            "livepredict_connect_records_total",
            "counter",
            "Records given to a sink's task that runs here.",
            "connector",
            "task"),
    DEAD_LETTERS(
            "livepredict_connect_dead_letters_total",
            "counter",
            "Records of a task that runs here that went to the sink's dead-letter topic.",
            "connector",
            "task");

    private final String prometheusName;
    private final String type;
    private final String description;
    private final List<String> labels;

    ConnectMetric(String prometheusName, String type, String description, String... labels) {
        this.prometheusName = prometheusName;
        this.type = type;
        this.description = description;
        this.labels = List.of(labels);
    }

    public String prometheusName() {
        return prometheusName;
    }

    public List<String> labels() {
        return labels;
    }

    /** The two lines before a metric's series in Prometheus' text format. */
    String header() {
        return "# HELP " + prometheusName + " " + description + "\n# TYPE " + prometheusName + " " + type + "\n";
    }
}
