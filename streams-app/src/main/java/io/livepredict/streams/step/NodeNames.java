package io.livepredict.streams.step;

import io.livepredict.contract.Kind;

/**
 * Names of the nodes and stores of one kind. Stores name changelog topics, so a changed name is a new, empty state:
 * {@code LivePredictTopologyTest} holds them all.
 */
public record NodeNames(Kind kind) {
    /** Reads a user's topic. */
    public String source(String topic) {
        return of("source-" + topic);
    }

    /** Keys the records of a topic by their entity, where the topic is keyed otherwise. */
    public String rekey(String topic) {
        return of("rekey-" + topic);
    }

    /** Store of how far a partition of a topic has come where it is re-keyed. */
    public String rekeyTime(String topic) {
        return of("rekey-time-" + topic);
    }

    /** The changelog of {@link #rekeyTime} by its full name on the brokers. */
    public String rekeyTimeChangelog(String applicationId, String topic) {
        return applicationId + '-' + rekeyTime(topic) + "-changelog";
    }

    /** Pre-commit store of {@link #rekey}. */
    public String rekeyCommit(String topic) {
        return of("rekey-commit-" + topic);
    }

    /** Gives the re-keyed records of a topic their types, before they go to the repartition topic. */
    public String rekeyed(String topic) {
        return of("rekeyed-" + topic);
    }

    /** The name that Kafka Streams is given for the repartition topic of a topic: without the application id and the suffix. */
    public String repartition(String topic) {
        return of(topic);
    }

    /** The repartition topic of a topic by its full name on the brokers. */
    public String repartitionTopic(String applicationId, String topic) {
        return applicationId + '-' + repartition(topic) + "-repartition";
    }

    /** Takes in the records of a topic. */
    public String ingest(String topic) {
        return of("ingest-" + topic);
    }

    /** The step that keeps entities' activity, and its store. */
    public String activity() {
        return of("activity");
    }

    /** Store of the timers of looks. */
    public String looks() {
        return of("looks");
    }

    /** Store of how often recent buckets were missing for history. */
    public String historyLookups() {
        return of("history-lookups");
    }

    /** The changelog of {@link #historyLookups} by its full name on the brokers. */
    public String historyLookupsChangelog(String applicationId) {
        return applicationId + '-' + historyLookups() + "-changelog";
    }

    /** Pre-commit store of {@link #activity}. */
    public String activityCommit() {
        return of("activity-commit");
    }

    /** The step that scores. */
    public String score() {
        return of("score");
    }

    /** Pre-commit store of {@link #score}. */
    public String scoreCommit() {
        return of("score-commit");
    }

    /** The step that labels. */
    public String outcome() {
        return of("outcome");
    }

    /** Store of the snapshots that wait for their horizons. */
    public String pendingStore() {
        return of("pending");
    }

    /** Store of what coming events are compared with. */
    public String openStore() {
        return of("open");
    }

    /** The step that keeps the last scores of entities for the API, and its store. */
    public String lastScores() {
        return of("last-scores");
    }

    /** Writes predictions. */
    public String predictions() {
        return of("predictions");
    }

    /** Writes wide rows of predictions. */
    public String predictionRows() {
        return of("prediction-rows");
    }

    /** Writes alerts. */
    public String alerts() {
        return of("alerts");
    }

    /** Pre-commit store of {@link #outcome}, where predictions are withheld or erasures are taken. */
    public String outcomeCommit() {
        return of("outcome-commit");
    }

    /** Writes labelled examples. */
    public String labelledExamples() {
        return of("labelled-examples");
    }

    /** Takes the requests to forget somebody from {@link #erasuresRepartition}, where each has come to every task. */
    public String erase() {
        return of("erase");
    }

    /** The name that Kafka Streams is given for the topic that takes each request to every task. */
    public String erasuresRepartition() {
        return of("erasures");
    }

    /** Writes what was removed. */
    public String erasureReceipts() {
        return of("erasure-receipts");
    }

    /** Writes dead letters. */
    public String deadLetters() {
        return of("dead-letters");
    }

    /** Writes the dead letters of a topic's re-keying. */
    public String rekeyDeadLetters(String topic) {
        return of("rekey-dead-letters-" + topic);
    }

    /** The step that counts events per room or match, and its store. */
    public String contextTally() {
        return of("context-tally");
    }

    /** Pre-commit store of {@link #contextTally}. */
    public String contextTallyCommit() {
        return of("context-tally-commit");
    }

    /** Writes the parts of buckets. */
    public String contextPartsOut() {
        return of("context-parts-out");
    }

    /** Reads the parts of buckets. */
    public String contextPartsIn() {
        return of("context-parts-in");
    }

    /** The step that adds the parts up, and its store. */
    public String contextMerge() {
        return of("context-merge");
    }

    /** Pre-commit store of {@link #contextMerge}. */
    public String contextMergeCommit() {
        return of("context-merge-commit");
    }

    /** Writes recent buckets. */
    public String contextRecentOut() {
        return of("context-recent-out");
    }

    /** Reads recent buckets. */
    public String contextRecentIn() {
        return of("context-recent-in");
    }

    /** Fills the global table of recent buckets. */
    public String contextRecentTable() {
        return of("context-recent-table");
    }

    /** The global table of recent buckets. */
    public String contextRecentStore() {
        return of("context-recent");
    }

    /** The step that gathers a task's part of the outlook, and its store. */
    public String outlookTally() {
        return of("outlook-tally");
    }

    /** Pre-commit store of {@link #outlookTally}. */
    public String outlookTallyCommit() {
        return of("outlook-tally-commit");
    }

    /** Writes the parts of the outlook. */
    public String outlookPartsOut() {
        return of("outlook-parts-out");
    }

    /** Reads the parts of the outlook. */
    public String outlookPartsIn() {
        return of("outlook-parts-in");
    }

    /** The step that adds the parts of the outlook up, and its store of buckets. */
    public String outlookMerge() {
        return of("outlook-merge");
    }

    /** Store of how many are present. */
    public String outlookPresent() {
        return of("outlook-present");
    }

    /** Writes the outlook. */
    public String outlook() {
        return of("outlook");
    }

    /** The step that logs choices, and its store. */
    public String choice() {
        return of("choice");
    }

    /** Writes choice examples. */
    public String choiceExamples() {
        return of("choice-examples");
    }

    /** Writes what choices mean for rooms. */
    public String roomPartsOut() {
        return of("room-parts-out");
    }

    /** Reads what choices mean for rooms. */
    public String roomPartsIn() {
        return of("room-parts-in");
    }

    /** The step that adds up what choices mean for rooms, and its store. */
    public String roomMerge() {
        return of("room-merge");
    }

    /** Pre-commit store of {@link #roomMerge}. */
    public String roomMergeCommit() {
        return of("room-merge-commit");
    }

    /** Writes statistics of rooms. */
    public String roomsOut() {
        return of("rooms-out");
    }

    /** Reads statistics of rooms. */
    public String roomsIn() {
        return of("rooms-in");
    }

    /** Fills the global table of rooms. */
    public String roomsTable() {
        return of("rooms-table");
    }

    /** The global table of rooms. */
    public String roomsStore() {
        return of("rooms");
    }

    private String of(String what) {
        return kind.id() + '-' + what;
    }
}
