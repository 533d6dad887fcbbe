package io.livepredict.streams.topology;

import io.livepredict.contract.Kind;

/**
 * Names of the nodes and stores of one kind. Stores name changelog topics, so a changed name is a new, empty state:
 * {@code LivePredictTopologyTest} holds them all.
 */
public record NodeNames(Kind kind) {
    public String source(String topic) {
        return named("source", topic);
    }

    /** Where a record that is not keyed by its entity gets its key. */
    public String rekey(String topic) {
        return named("rekey", topic);
    }

    /** What it is then. */
    public String rekeyed(String topic) {
        return named("rekeyed", topic);
    }

    /** First part of the repartition topic's name, after the application id. */
    public String repartition(String topic) {
        return kind.id() + '-' + topic;
    }

    /** Its full name. */
    public String repartitionTopic(String applicationId, String topic) {
        return applicationId + '-' + repartition(topic) + "-repartition";
    }

    public String ingest(String topic) {
        return named("ingest", topic);
    }

    public String activity() {
        return kind.id() + "-activity";
    }

    public String activityCommit() {
        return kind.id() + "-activity-commit";
    }

    public String score() {
        return kind.id() + "-score";
    }

    public String scoreCommit() {
        return kind.id() + "-score-commit";
    }

    public String outcome() {
        return kind.id() + "-outcome";
    }

    public String pendingStore() {
        return kind.id() + "-pending";
    }

    public String openStore() {
        return kind.id() + "-open";
    }

    public String predictions() {
        return kind.id() + "-predictions";
    }

    public String labelledExamples() {
        return kind.id() + "-labelled-examples";
    }

    public String deadLetters() {
        return kind.id() + "-dead-letters";
    }

    public String rekeyDeadLetters(String topic) {
        return named("rekey-dead-letters", topic);
    }

    /** First part of the names of all nodes and stores that make context features. */
    public String context() {
        return kind.id() + "-context";
    }

    private String named(String what, String topic) {
        return kind.id() + '-' + what + '-' + topic;
    }
}
