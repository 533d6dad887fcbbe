package io.livepredict.trainer.learner;

import static io.livepredict.trainer.learner.LearnerFixture.CHAT;
import static io.livepredict.trainer.learner.LearnerFixture.LEAVE;
import static io.livepredict.trainer.learner.LearnerFixture.SCHEMA;
import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.trainer.evaluation.EvaluationSettings;
import io.livepredict.trainer.evaluation.PrequentialTable;
import io.livepredict.trainer.family.BatchLayout;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.ModelState;
import io.livepredict.trainer.family.TrainableModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rules by which learners compete, on learners that say what the test wants. */
class ContestTest {
    private static final int BATCH = 10;
    private static final int FLOOR = 50;
    private static final int DWELL = 100;

    /** Always says the same; a state is that score. */
    private static final class Constant implements TrainableModel {
        @Override
        public void rehearse(ExampleBatch batch, double learningRateScale) {}

        private final long seed;
        private float score;
        private boolean finite = true;
        private boolean closed;

        Constant(float score, long seed) {
            this.score = score;
            this.seed = seed;
        }

        @Override
        public String family() {
            return "constant";
        }

        @Override
        public double step(ExampleBatch batch, double learningRateScale, float[] scores) {
            predict(batch, scores);
            return finite ? 0 : Double.NaN;
        }

        @Override
        public void predict(ExampleBatch batch, float[] scores) {
            Arrays.fill(scores, 0, batch.size * batch.targets, finite ? score : Float.NaN);
        }

        @Override
        public byte[] export() {
            throw new UnsupportedOperationException("a contest exports nothing");
        }

        @Override
        public ModelState state() {
            return new ModelState(Map.of("score", new ModelState.Tensor(new long[] {1}, new float[] {score})));
        }

        @Override
        public void restore(ModelState state) {
            score = state.tensors().values().iterator().next().values()[0];
        }

        @Override
        public boolean isFinite() {
            return finite;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** Remembers the models it made. */
    private static final class Constants implements LearnerFactory {
        @Override
        public boolean rehearses() {
            return true;
        }

        private final float score;
        private final List<Constant> made = new ArrayList<>();

        Constants(double score) {
            this.score = (float) score;
        }

        @Override
        public String name() {
            return "says-" + score;
        }

        @Override
        public String fingerprint() {
            return name();
        }

        @Override
        public TrainableModel create(BatchLayout layout, int batchCapacity, long seed) {
            Constant model = new Constant(score, seed);
            made.add(model);
            return model;
        }

        @Override
        public ModelState migrate(ModelState old, BatchLayout from, BatchLayout to, long seed) {
            assertThat(seed).isEqualTo(last().seed);
            return old;
        }

        Constant last() {
            return made.get(made.size() - 1);
        }
    }

    private final KindLearnerSettings settings = new KindLearnerSettings(
            Kind.VIEWER,
            List.of(LEAVE),
            new BatchSettings(BATCH, 0),
            new ContestSettings(
                    new ChampionSettings(0.1, FLOOR, DWELL, 3),
                    new DriftSettings(true, 0.002, 0.15, 4, 1_000),
                    new EvaluationSettings(0.999, 1_000, 10, 64)),
            VersionSettings.defaults(),
            new ReplaySettings(0, 1),
            1);
    private final OpenBatch batch =
            new OpenBatch(settings.batch(), settings.capacity(), SCHEMA, SCHEMA.id(), settings.targets());
    private long examples;

    private Contest contest(Constants... learners) {
        List<LearnerFactory> factories = List.of(learners);
        PrequentialTable table = new PrequentialTable(
                settings.targets(),
                factories.stream().map(LearnerFactory::name).toList(),
                settings.contest().evaluation());
        return new Contest(
                settings,
                factories,
                table,
                new DriftWatch(settings.contest().drift()),
                new ImportedModels(settings.kind(), settings.targets(), PlainLogistic::load, table));
    }

    private static Contest begun(Contest contest) {
        contest.begin(SCHEMA);
        return contest;
    }

    /** Full batches, every second label of which is 1. */
    private void learn(Contest contest, int batches) {
        for (int b = 0; b < batches; b++) {
            learnBatch(contest, 0.5);
        }
    }

    /** @param share of the labels that are 1 */
    private Contest.@Nullable FoundDrift learnBatch(Contest contest, double share) {
        ExampleBatch rows = batch.rows();
        for (int r = 0; r < BATCH; r++) {
            rows.labels[r] = r < share * BATCH ? 1 : 0;
            rows.mask[r] = 1;
        }
        rows.size = BATCH;
        examples += BATCH;
        Contest.FoundDrift found = contest.learn(batch, examples);
        batch.clear();
        return found;
    }

    @Test
    void shouldKeepTheFirstChampionUntilDwellAndFloorArePassed() {
        Contest contest = begun(contest(new Constants(0.9), new Constants(0.5)));
        learn(contest, DWELL / BATCH - 1);
        assertThat(contest.championName()).isEqualTo("says-0.9");
        learn(contest, 1);
        assertThat(contest.championName()).isEqualTo("says-0.5");
        assertThat(contest.standing()).isEqualTo(new Contest.Standing(DWELL, 1, 0));
    }

    @Test
    void shouldKeepAChampionThatIsBeatenByLessThanTheMargin() {
        Contest contest = begun(contest(new Constants(0.55), new Constants(0.5)));
        learn(contest, 50);
        assertThat(contest.championName()).isEqualTo("says-0.55");
    }

    @Test
    void shouldStartADivergedLearnerAgainFromTheChampion() {
        Constants wild = new Constants(0.0001);
        Contest contest = begun(contest(new Constants(0.5), wild));
        learn(contest, FLOOR / BATCH);
        assertThat(contest.standing().resets()).isEqualTo(1);
        assertThat(wild.made).hasSize(1);
        assertThat(wild.last().score).isEqualTo(0.5f);
    }

    @Test
    void shouldHandOverToTheBestSoundLearnerWhenTheChampionBreaks() {
        Constants broken = new Constants(0.5);
        Constants alsoBroken = new Constants(0.51);
        Contest contest = begun(contest(broken, alsoBroken, new Constants(0.8), new Constants(0.6)));
        learn(contest, 1);
        broken.last().finite = false;
        alsoBroken.last().finite = false;
        learn(contest, 1);
        assertThat(contest.championName()).isEqualTo("says-0.6");
        assertThat(contest.standing()).isEqualTo(new Contest.Standing(20, 1, 2));
        assertThat(broken.last().score).isEqualTo(0.6f);
    }

    @Test
    void shouldStartTheOnlyLearnerAfreshWithAnotherSeedWhenItBreaks() {
        Constants only = new Constants(0.5);
        Contest contest = begun(contest(only));
        learn(contest, 1);
        only.last().finite = false;
        learn(contest, 1);
        assertThat(only.made).hasSize(2);
        assertThat(only.made.get(0).closed).isTrue();
        assertThat(only.last().seed).isEqualTo(only.made.get(0).seed + 1);
        assertThat(contest.championName()).isEqualTo("says-0.5");
    }

    @Test
    void shouldRestartTheOthersFromTheChampionWhenItsLossRises() {
        Constants other = new Constants(0.15);
        Contest contest = begun(contest(new Constants(0.1), other));
        for (int b = 0; b < 200; b++) {
            assertThat(learnBatch(contest, 0.1)).isNull();
        }
        Contest.@Nullable FoundDrift found = null;
        for (int b = 0; b < 200 && found == null; b++) {
            found = learnBatch(contest, 0.9);
        }
        Contest.FoundDrift answered = Objects.requireNonNull(found, "no drift was found");
        assertThat(answered.champion()).isEqualTo("says-0.1");
        assertThat(answered.size()).isPositive();
        assertThat(answered.answer()).isEqualTo(new Drift.Answer(4, 1_000, List.of("says-0.15")));
        assertThat(other.last().score).isEqualTo(0.1f);
    }

    @Test
    void shouldTakeUpSavedLearnersByNameAndFingerprintOnly() {
        Constants known = new Constants(0.3);
        Constants changed = new Constants(0.4);
        Contest contest = contest(new Constants(0.2), known, changed);
        contest.resume(
                SCHEMA,
                List.of(LEAVE),
                Map.of(
                        "says-0.3", saved("says-0.3", 2, 0.7f),
                        "says-0.4", saved("other settings", 3, 0.7f),
                        "gone", saved("gone", 0, 0.7f)),
                "says-0.3");
        assertThat(contest.championName()).isEqualTo("says-0.3");
        assertThat(contest.champion().resets()).isEqualTo(2);
        assertThat(known.last().score).isEqualTo(0.7f);
        assertThat(changed.last().score).isEqualTo(0.4f);
    }

    @Test
    void shouldMakeTheFirstLearnerChampionWhenTheSavedOneIsGone() {
        Contest contest = contest(new Constants(0.2), new Constants(0.3));
        contest.resume(SCHEMA, List.of(LEAVE), Map.of("gone", saved("gone", 0, 0.7f)), "gone");
        assertThat(contest.championName()).isEqualTo("says-0.2");
    }

    @Test
    void shouldMakeWhoHasLearnedChampionWhenTheSavedOneBeginsAfresh() {
        Contest contest = contest(new Constants(0.2), new Constants(0.3), new Constants(0.4));
        contest.resume(
                SCHEMA,
                List.of(LEAVE),
                Map.of("says-0.3", saved("says-0.3", 0, 0.7f), "says-0.4", saved("other settings", 0, 0.7f)),
                "says-0.4");
        assertThat(contest.championName()).isEqualTo("says-0.3");
    }

    /** Constants checks the seed when it migrates. */
    @Test
    void shouldMigrateWithTheSeedOfAFreshLearner() {
        Constants learner = new Constants(0.3);
        Contest contest = contest(new Constants(0.2), learner);
        List<Target> before = List.of(CHAT);
        contest.resume(SCHEMA, before, Map.of("says-0.3", saved("says-0.3", 5, 0.7f)), "says-0.3");
        contest.migrate(LearnerFixture.schema("a", "b", "c"));
        assertThat(learner.made).hasSize(2);
        assertThat(learner.made.get(0).closed).isTrue();
        assertThat(learner.last().seed).isEqualTo(learner.made.get(0).seed);
        assertThat(learner.last().score).isEqualTo(0.7f);
    }

    private static Contest.SavedLearner saved(String fingerprint, long resets, float score) {
        return new Contest.SavedLearner(
                fingerprint,
                resets,
                new ModelState(Map.of("score", new ModelState.Tensor(new long[] {1}, new float[] {score}))));
    }
}
