package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.cli.Table;
import io.livepredict.contract.PairFeatures;
import io.livepredict.deploy.replay.Recording;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.choice.Candidates;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.trainer.ranking.Choice;
import io.livepredict.trainer.ranking.ConditionalLogit;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Which chat room will a user join next: the linear ranker in one pass, ranking each join before it learns from it, beside
 * rankings that learn nothing and the same ranker trained in several passes over the first 70 %. Ranked are all candidates of
 * the last 30 % of the joins.
 */
final class Ranking {
    /** Its name in {@code --only}. */
    static final String NAME = "irc-next";

    private static final String FILE = "irc-rooms.csv.xz";
    private static final String MAPPING = "irc-choices.mapping.yaml";
    private static final long JOINS = 300_000;
    private static final double RATE = 0.1;
    private static final int PASSES = 5;
    private static final int SIZE = PairFeatures.ALL.size();

    private static final int ARRIVALS = at("room.arrivals.1h");
    private static final int FRESH = at("new");
    private static final int VISITS = at("own.visits");
    private static final int RECENCY = at("own.recency");

    private final long testFrom;
    private final Map<String, RankScores> all = new LinkedHashMap<>();
    private final Map<String, RankScores> fresh = new LinkedHashMap<>();
    private final ConditionalLogit online = new ConditionalLogit(RATE);
    private final ConditionalLogit batch;
    private double[] scores = {};
    private long seen;
    private long tested;
    private long missed;
    private double onlineLoss;
    private double batchLoss;

    private Ranking(ConditionalLogit batch, long joins) {
        this.batch = batch;
        testFrom = (long) (0.7 * joins);
    }

    private static int at(String name) {
        return PairFeatures.ALL.stream().map(feature -> feature.name()).toList().indexOf(name);
    }

    /** Runs it on the first 300,000 joins, or as many as there are among so many rows. */
    static ObjectNode run(Path data, Path examples, long rows) {
        MappingSettings mapping = YamlFile.read(examples.resolve(MAPPING), MappingSettings.class, Map.of());
        Path file = data.resolve(FILE);
        ConditionalLogit batch = new ConditionalLogit(RATE);
        long joins = 0;
        for (int pass = 0; pass <= PASSES; pass++) {
            long until = pass == 0 ? JOINS : (long) (0.7 * joins);
            boolean counting = pass == 0;
            try (Recording recording = new Recording(file, mapping, rows)) {
                long found = RoomChoices.of(recording, until, (candidates, chosen, logged) -> {
                    if (!counting) {
                        batch.learn(logged);
                    }
                });
                joins = counting ? found : joins;
            }
        }
        Ranking ranking = new Ranking(batch, joins);
        try (Recording recording = new Recording(file, mapping, rows)) {
            RoomChoices.of(recording, joins, ranking::chosen);
        }
        return ranking.report();
    }

    private void chosen(Candidates candidates, int chosen, Choice logged) {
        if (seen++ >= testFrom) {
            tested++;
            missed += chosen < 0 ? 1 : 0;
            batchLoss += batch.loss(logged);
            float[] x = candidates.vectors();
            rank("linear ranker, one pass", candidates, chosen, i -> online.score(x, i));
            rank("linear ranker, batch", candidates, chosen, i -> batch.score(x, i));
            rank("most visited", candidates, chosen, i -> x[i * SIZE + VISITS] * 1_000 + x[i * SIZE + ARRIVALS] * 0.01);
            rank(
                    "visited last",
                    candidates,
                    chosen,
                    i -> x[i * SIZE + RECENCY] * 1_000 + x[i * SIZE + ARRIVALS] * 0.01);
            rank("most arrivals now", candidates, chosen, i -> x[i * SIZE + ARRIVALS]);
        }
        double loss = online.learn(logged);
        onlineLoss += seen > testFrom ? loss : 0;
    }

    /** Scores a candidate. */
    @FunctionalInterface
    private interface Score {
        double of(int candidate);
    }

    private void rank(String name, Candidates candidates, int chosen, Score score) {
        int size = candidates.size();
        if (scores.length < size) {
            scores = new double[size];
        }
        for (int i = 0; i < size; i++) {
            scores[i] = score.of(i);
        }
        all.computeIfAbsent(name, key -> new RankScores()).add(scores, size, chosen);
        if (chosen >= 0 && candidates.vectors()[chosen * SIZE + FRESH] == 1) {
            fresh.computeIfAbsent(name, key -> new RankScores()).add(scores, size, chosen);
        }
    }

    private ObjectNode report() {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("joins", seen)
                .put("tested", tested)
                .put("candidate_recall", 1 - missed / (double) Math.max(1, tested))
                .put("log_loss", onlineLoss / Math.max(1, tested))
                .put("batch_log_loss", batchLoss / Math.max(1, tested));
        all.forEach((name, ranks) -> ranks.write(report.withObject("/all").putObject(name)));
        fresh.forEach((name, ranks) -> ranks.write(report.withObject("/new").putObject(name)));
        return report;
    }

    /** Lines for the table of the quality benchmark. */
    static String table(JsonNode report) {
        if (!report.isObject()) {
            return "";
        }
        Table table = new Table("next room", "HR@1", "HR@5", "HR@10", "MRR", "NDCG@10", "new rooms: HR@1", "MRR");
        report.path("all").properties().forEach(each -> {
            JsonNode ranks = each.getValue();
            JsonNode fresh = report.path("new").path(each.getKey());
            table.row(
                    each.getKey(),
                    figure(ranks, "hr_1"),
                    figure(ranks, "hr_5"),
                    figure(ranks, "hr_10"),
                    figure(ranks, "mrr"),
                    figure(ranks, "ndcg_10"),
                    figure(fresh, "hr_1"),
                    figure(fresh, "mrr"));
        });
        return String.format(
                        Locale.ROOT,
                        "%nThe room joined next, last 30 %% of %,d joins, candidate recall %.4f, log-loss of the choice"
                                + " %.4f (batch %.4f):%n%n",
                        report.path("joins").asLong(),
                        report.path("candidate_recall").asDouble(),
                        report.path("log_loss").asDouble(),
                        report.path("batch_log_loss").asDouble())
                + table.markdown();
    }

    private static String figure(JsonNode ranks, String name) {
        return QualityTable.figure(ranks.path(name), 4);
    }
}
