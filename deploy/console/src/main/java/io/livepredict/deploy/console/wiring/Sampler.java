package io.livepredict.deploy.console.wiring;

import io.livepredict.deploy.console.live.Board;
import io.livepredict.deploy.console.live.Happenings.What;
import io.livepredict.deploy.console.source.ConsumerLag;
import io.livepredict.deploy.console.source.Increases;
import io.livepredict.deploy.console.source.Programs;
import io.livepredict.deploy.console.source.Sample;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Once a second, makes a row of figures of what was counted and what the programs say of themselves. One thread of its own. */
final class Sampler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);

    private final Board board;
    private final Programs programs;
    private final ConsumerLag lag;
    private final List<URI> apps;
    private final List<URI> trainers;
    private final Clock clock;
    private final ScheduledExecutorService every = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("console-sampler").factory());
    private final Increases increases = new Increases();
    private final Map<String, String> champions = new ConcurrentHashMap<>();
    private final Set<String> lost = new HashSet<>();
    private final Map<String, Boolean> answering = new ConcurrentHashMap<>();
    private Board.Counted counted;
    private long lastNanos = System.nanoTime();

    /** What a program said of itself. */
    private record Read(List<Sample> values, List<Sample> increases) {}

    Sampler(Board board, Programs programs, ConsumerLag lag, List<URI> apps, List<URI> trainers, Clock clock) {
        this.board = board;
        this.programs = programs;
        this.lag = lag;
        this.apps = apps;
        this.trainers = trainers;
        this.clock = clock;
        counted = board.count();
    }

    Sampler start() {
        var unused = every.scheduleAtFixedRate(this::sample, 1, 1, TimeUnit.SECONDS); // it catches what it throws
        return this;
    }

    private void sample() {
        try {
            board.add(clock.millis() / 1_000, row());
        } catch (RuntimeException e) {
            LOG.warn("a second of figures is missing", e);
        }
    }

    private Map<String, Double> row() {
        Map<String, Double> row = new HashMap<>();
        List<Read> app = ask("the streams app", apps);
        List<Read> trainer = ask("the trainer", trainers);
        long now = System.nanoTime();
        double seconds = Math.max(0.1, (now - lastNanos) / 1e9);
        lastNanos = now;
        traffic(row, seconds);
        app.forEach(each -> {
            each.values().forEach(sample -> ofTheApp(row, sample));
            each.increases().forEach(increase -> countedByTheApp(row, increase, seconds));
        });
        trainer.forEach(each -> {
            each.values().forEach(sample -> ofTheTrainer(row, sample));
            each.increases().forEach(this::countedByTheTrainer);
        });
        row.put("lag.events", lag.records());
        answers("Kafka", lag.answered()); // a consumer whose broker is gone only waits, and says nothing
        board.putQuality(row);
        return row;
    }

    private List<Read> ask(String who, List<URI> addresses) {
        List<Read> all = new ArrayList<>();
        List<Optional<List<Sample>>> answers = programs.metrics(addresses);
        for (int i = 0; i < addresses.size(); i++) {
            Optional<List<Sample>> answer = answers.get(i);
            answers(who + " at " + addresses.get(i).getAuthority(), answer.isPresent());
            all.add(new Read(answer.orElse(List.of()), increases.of(addresses.get(i), answer)));
        }
        return all;
    }

    private void answers(String name, boolean does) {
        Boolean did = answering.put(name, does);
        if (does) {
            if (lost.remove(name)) {
                board.happened("", What.PROGRAM, name + " answers again");
            }
        } else if (did != null && did && lost.add(name)) { // one that never answered has not come up yet
            board.happened("", What.PROGRAM, name + " does not answer");
        }
    }

    private void traffic(Map<String, Double> row, double seconds) {
        Board.Counted now = board.count();
        row.put("rate.predictions", (now.predictions() - counted.predictions()) / seconds);
        row.put("rate.scored", (now.events() - counted.events()) / seconds);
        row.put("latency.p50", now.p50Millis());
        row.put("latency.p99", now.p99Millis());
        now.deadLetters()
                .forEach((reason, count) -> row.put("dead." + reason, (double)
                        (count - counted.deadLetters().getOrDefault(reason, 0L))));
        counted = now;
    }

    private static void ofTheApp(Map<String, Double> row, Sample sample) {
        String kind = sample.label("kind");
        switch (sample.name()) {
            case "livepredict_model_active_version" -> row.merge("version.active." + kind, sample.value(), Math::max);
            case "livepredict_model_age_seconds" -> row.merge("age.model." + kind, sample.value(), Math::max);
            default -> {
                // Not shown here.
            }
        }
    }

    private void countedByTheApp(Map<String, Double> row, Sample increase, double seconds) {
        switch (increase.name()) {
            case "livepredict_events_total" -> {
                if (increase.label("outcome").equals("valid")) {
                    row.merge("rate.events", increase.value() / seconds, Double::sum);
                }
            }
            case "livepredict_labels_total" -> row.merge("rate.labels", increase.value() / seconds, Double::sum);
            case "livepredict_model_refusals_total" ->
                refused("the streams app refused a model: " + increase.label("reason"), increase);
            default -> {
                // Not shown here.
            }
        }
    }

    private void ofTheTrainer(Map<String, Double> row, Sample sample) {
        String kind = sample.label("kind");
        String of = kind + '.' + sample.label("target") + '.' + sample.label("scorer");
        switch (sample.name()) {
            case "livepredict_trainer_loss" -> row.put("trainer.loss." + of, sample.value());
            case "livepredict_trainer_examples_behind" -> row.put("lag.examples." + kind, sample.value());
            case "livepredict_trainer_model_version" -> row.put("version.published." + kind, sample.value());
            case "livepredict_trainer_champion" -> champion(kind, sample);
            default -> {
                // Not shown here.
            }
        }
    }

    private void countedByTheTrainer(Sample increase) {
        if (increase.name().equals("livepredict_trainer_refusals_total")) {
            refused("the trainer's gate held a learner back: " + increase.label("reason"), increase);
        }
    }

    private void refused(String words, Sample increase) {
        if (increase.value() > 0) {
            board.happened(increase.label("kind"), What.REFUSED, words);
        }
    }

    private void champion(String kind, Sample sample) {
        if (sample.value() == 1) {
            String learner = sample.label("learner");
            String last = champions.put(kind, learner);
            if (last != null && !last.equals(learner)) {
                board.happened(kind, What.CHAMPION, learner + " took over from " + last);
            }
        }
    }

    /** The learner whose models are published, by kind. */
    Map<String, String> champions() {
        return Map.copyOf(champions);
    }

    /** Which programs answer. */
    Map<String, Boolean> answering() {
        return Map.copyOf(answering);
    }

    @Override
    public void close() {
        every.shutdownNow();
    }
}
