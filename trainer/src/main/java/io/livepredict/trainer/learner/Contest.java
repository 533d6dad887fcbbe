package io.livepredict.trainer.learner;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.trainer.evaluation.PrequentialTable;
import io.livepredict.trainer.family.BatchLayout;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.ModelState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The learners of a kind side by side: tests and trains all of them on the same batches, starts one again that has diverged,
 * notices drift by the champion's loss, and chooses the champion. Imported models are scored on the same batches but are never
 * champion. Knows neither topics nor bytes; the same batches give the same contest. Not safe for use from several threads.
 */
final class Contest implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Contest.class);

    private final KindLearnerSettings settings;
    private final List<LearnerFactory> factories;
    private final PrequentialTable table;
    private final DriftWatch drift;
    private final ImportedModels imported;
    private final float[] priors;
    private final List<Learner> learners = new ArrayList<>();

    private @Nullable BatchLayout layout;
    private int champion;
    private long championSince;
    private long championChanges;
    private long resets;

    Contest(
            KindLearnerSettings settings,
            List<LearnerFactory> factories,
            PrequentialTable table,
            DriftWatch drift,
            ImportedModels imported) {
        this.settings = settings;
        this.factories = List.copyOf(factories);
        this.table = table;
        this.drift = drift;
        this.imported = imported;
        priors = new float[settings.targets().size()];
        for (int t = 0; t < priors.length; t++) {
            priors[t] = (float) settings.targets().get(t).prior();
        }
    }

    /**
     * A drift that was found.
     *
     * @param champion whose loss rose
     * @param size by how much, relative
     */
    record FoundDrift(String champion, double size, Drift.Answer answer) {}

    /**
     * How the contest stands besides the learners themselves: part of the saved state.
     *
     * @param championSince examples learned from when the champion became it
     * @param championChanges how often another learner took over
     * @param resets how often a learner was started again
     */
    record Standing(long championSince, long championChanges, long resets) {}

    /** A learner as it was saved. */
    record SavedLearner(String fingerprint, long resets, ModelState state) {}

    /** Begins with fresh learners, the first of them champion. */
    void begin(FeatureSchema features) {
        useFeatures(features);
        for (LearnerFactory factory : factories) {
            learners.add(fresh(factory, 0));
        }
    }

    /**
     * Begins with the learners that were saved, as far as there are still such, by name and fingerprint; the others are fresh.
     *
     * @param savedTargets what the saved ones predict
     * @param saved by name
     * @param savedChampion name of the champion; if it is gone or begins afresh, the first learner that was saved takes its
     *     place, so that nobody who has learned nothing does
     */
    void resume(
            FeatureSchema features, List<Target> savedTargets, Map<String, SavedLearner> saved, String savedChampion) {
        useFeatures(features);
        int first = -1;
        int same = -1;
        for (LearnerFactory factory : factories) {
            SavedLearner old = saved.get(factory.name());
            if (old == null || !old.fingerprint().equals(factory.fingerprint())) {
                learners.add(fresh(factory, 0));
            } else {
                Learner learner = fresh(factory, old.resets());
                learner.model()
                        .restore(
                                sameTargets(savedTargets)
                                        ? old.state()
                                        : migrated(learner, old.state(), new BatchLayout(features, savedTargets)));
                learners.add(learner);
                int place = learners.size() - 1;
                first = first < 0 ? place : first;
                same = factory.name().equals(savedChampion) ? place : same;
            }
        }
        champion = same >= 0 ? same : Math.max(0, first);
        if (same < 0) {
            LOG.warn(
                    "{}: the champion was {}, which is gone or was set anew; it is {} now",
                    settings.kind().id(),
                    savedChampion,
                    championName());
        }
    }

    /** Whether these targets are the ones that are learned: the same names and definitions in the same order. */
    boolean sameTargets(List<Target> others) {
        return names(others).equals(names(settings.targets()));
    }

    private static List<String> names(List<Target> targets) {
        return targets.stream().map(t -> t.name() + ' ' + t.definition()).toList();
    }

    /** Goes over to other features; what the learners know is kept by the features' names. */
    void migrate(FeatureSchema to) {
        BatchLayout from = layout();
        useFeatures(to);
        learners.replaceAll(old -> {
            Learner learner = fresh(old.factory(), old.resets());
            learner.model().restore(migrated(learner, old.model().state(), from));
            old.close();
            return learner;
        });
    }

    private void useFeatures(FeatureSchema features) {
        layout = new BatchLayout(features, settings.targets());
        imported.layOutFor(features, settings.batch().size());
    }

    private BatchLayout layout() {
        BatchLayout present = layout;
        if (present == null) {
            throw new IllegalStateException("the contest has not begun: no example was seen yet");
        }
        return present;
    }

    private Learner fresh(LearnerFactory factory, long restarts) {
        int capacity = settings.capacity();
        return new Learner(
                factory,
                factory.create(layout(), capacity, seed(factory, restarts)),
                capacity * settings.targets().size(),
                restarts);
    }

    private ModelState migrated(Learner learner, ModelState old, BatchLayout from) {
        LearnerFactory factory = learner.factory();
        return factory.migrate(old, from, layout(), seed(factory, learner.resets()));
    }

    /** The same for a fresh model and a migrated one, so that both can be made again. */
    private long seed(LearnerFactory factory, long restarts) {
        return settings.seed() * 1_000_003 + factories.indexOf(factory) * 1_009L + restarts;
    }

    /**
     * Tests every learner on a batch, trains it on that, and judges how they stand.
     *
     * @param examples learned from, this batch included
     * @return the drift that was found and answered, or null
     */
    @Nullable
    FoundDrift learn(OpenBatch batch, long examples) {
        double scale = drift.learningRateScale();
        float[][] scores = new float[learners.size()][];
        boolean[] broken = new boolean[learners.size()];
        for (int l = 0; l < scores.length; l++) {
            broken[l] = !learners.get(l).step(batch.rows(), scale, priors);
            scores[l] = learners.get(l).scores();
        }
        imported.score(batch.rows());
        boolean drifted = enter(batch, scores);
        for (int l = 0; l < broken.length; l++) {
            if (broken[l] || hasDiverged(l)) {
                reset(l, examples);
            }
        }
        FoundDrift found = drifted ? answerDrift(examples) : null;
        chooseChampion(examples);
        imported.recommend(champion, championName(), settings.contest().champion());
        return found;
    }

    /** Lets the learners that do so learn once more from examples that they learned from before. */
    void rehearse(ExampleBatch rows) {
        double scale = drift.learningRateScale();
        for (Learner learner : learners) {
            if (learner.factory().rehearses()) {
                learner.model().rehearse(rows, scale);
            }
        }
    }

    /** Enters the scores of a batch in the table; returns whether the champion's loss shows a drift. */
    private boolean enter(OpenBatch batch, float[][] scores) {
        ExampleBatch rows = batch.rows();
        boolean drifted = false;
        for (int r = 0; r < rows.size; r++) {
            table.add(
                    batch.entityHash(r),
                    batch.asOfMillis(r),
                    scores,
                    r,
                    rows.labels,
                    rows.mask,
                    rows.served,
                    rows.servedByModel);
            imported.enter(r, rows);
            drifted |= drift.add(table.lastRowLoss(champion));
        }
        return drifted;
    }

    private boolean hasDiverged(int l) {
        return table.windowWeight(l) >= settings.contest().champion().floor()
                && table.relativeLoss(l) > settings.contest().champion().divergedAt();
    }

    /** Starts a diverged learner again: from the champion where that has the same shape, otherwise afresh. */
    private void reset(int l, long examples) {
        resets++;
        Learner diverged = learners.get(l);
        double relative = table.relativeLoss(l);
        if (l == champion) {
            int best = bestOther(l);
            if (best >= 0) {
                becomeChampion(best, examples);
            }
        }
        boolean fromChampion = l != champion && diverged.copy(learners.get(champion));
        if (!fromChampion) {
            learners.set(l, fresh(diverged.factory(), diverged.resets() + 1));
            diverged.close();
        }
        table.clear(l);
        LOG.warn(
                "{}: learner {} diverged (loss {} times the base rate's) and starts again {}; {} resets so far",
                settings.kind().id(),
                diverged.name(),
                String.format(Locale.ROOT, "%.3g", relative),
                fromChampion ? "from " + championName() : "afresh",
                resets);
    }

    private int bestOther(int than) {
        int best = -1;
        for (int l = 0; l < learners.size(); l++) {
            if (l != than
                    && learners.get(l).model().isFinite()
                    && (best < 0 || table.relativeLoss(l) < table.relativeLoss(best))) {
                best = l;
            }
        }
        return best;
    }

    private FoundDrift answerDrift(long examples) {
        DriftSettings rule = settings.contest().drift();
        List<String> restarted = new ArrayList<>();
        for (int l = 0; l < learners.size(); l++) {
            if (l != champion && learners.get(l).copy(learners.get(champion))) {
                table.clear(l);
                restarted.add(learners.get(l).name());
            }
        }
        LOG.info(
                "{}: drift found after {} examples: the loss of {} rose by {} %; learning rates are multiplied by {} for {}"
                        + " examples; restarted from {}: {}",
                settings.kind().id(),
                examples,
                championName(),
                Math.round(100 * drift.lastSize()),
                rule.boost(),
                rule.examples(),
                championName(),
                restarted);
        return new FoundDrift(
                championName(), drift.lastSize(), new Drift.Answer(rule.boost(), rule.examples(), restarted));
    }

    private void chooseChampion(long examples) {
        ChampionSettings rule = settings.contest().champion();
        if (examples - championSince < rule.dwell() || table.windowWeight(champion) < rule.floor()) {
            return;
        }
        double limit = table.relativeLoss(champion) * (1 - rule.margin());
        int best = -1;
        for (int l = 0; l < learners.size(); l++) {
            boolean sameExamples = table.windowWeight(l) == table.windowWeight(champion);
            if (l != champion && sameExamples && table.relativeLoss(l) < limit) {
                best = l;
                limit = table.relativeLoss(l);
            }
        }
        if (best >= 0) {
            LOG.info(
                    "{}: champion is now {} (loss {} of the base rate's), before {} ({})",
                    settings.kind().id(),
                    learners.get(best).name(),
                    String.format(Locale.ROOT, "%.4f", table.relativeLoss(best)),
                    championName(),
                    String.format(Locale.ROOT, "%.4f", table.relativeLoss(champion)));
            becomeChampion(best, examples);
        }
    }

    private void becomeChampion(int l, long examples) {
        champion = l;
        championSince = examples;
        championChanges++;
        drift.championChanged();
    }

    List<Learner> learners() {
        return learners;
    }

    /** The learner that is published; its place is {@link #championPlace()}. */
    Learner champion() {
        return learners.get(champion);
    }

    /** The champion's place among the learners, and in the table. */
    int championPlace() {
        return champion;
    }

    /** Name of the learner that is published; empty before the first example. */
    String championName() {
        return learners.isEmpty() ? "" : champion().name();
    }

    Standing standing() {
        return new Standing(championSince, championChanges, resets);
    }

    /** Takes up a saved standing. */
    void resume(Standing standing) {
        championSince = standing.championSince();
        championChanges = standing.championChanges();
        resets = standing.resets();
    }

    @Override
    public void close() {
        imported.close();
        learners.forEach(Learner::close);
        learners.clear();
    }
}
