package io.livepredict.trainer.learner;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.model.ModelArtifact;
import io.livepredict.trainer.evaluation.PrequentialTable;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.publish.FrozenModel;
import io.livepredict.trainer.publish.ModelRunner;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The imported models of a kind, scored on the batches that the learners are tested on. They come and go with the models topic
 * and not with the examples, so they are no part of the learner's state and touch nothing that is: neither what is learned
 * nor who is champion depends on them. One that can't be scored is left out, in one line. Not safe for use from several
 * threads.
 */
final class FrozenChallengers implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FrozenChallengers.class);

    private final Kind kind;
    private final List<Target> targets;
    private final ModelRunner runner;
    private final PrequentialTable table;
    private final List<Entry> entries = new ArrayList<>();
    private List<ModelArtifact> present = List.of();
    private @Nullable FeatureSchema schema;
    private int capacity;
    private final Set<Long> recommended = new HashSet<>();

    /** One that is scored, and what it said of the batch in hand: [size, targets]. */
    @SuppressWarnings("ArrayRecordComponent") // reused from batch to batch, never compared
    private record Entry(FrozenModel model, float[] scores) {
        String name() {
            return "import-" + model.version();
        }
    }

    FrozenChallengers(Kind kind, List<Target> targets, ModelRunner runner, PrequentialTable table) {
        this.kind = kind;
        this.targets = targets;
        this.runner = runner;
        this.table = table;
    }

    /** From here on these. Those that were there before keep their figures. */
    void set(List<ModelArtifact> imports) {
        if (!versions(imports).equals(versions(present))) {
            present = List.copyOf(imports);
            load();
        }
    }

    /** From here on batches are laid out so. */
    void lay(FeatureSchema features, int rows) {
        schema = features;
        capacity = rows;
        load();
    }

    private static List<Long> versions(List<ModelArtifact> artifacts) {
        return artifacts.stream().map(a -> a.manifest().version()).toList();
    }

    private void load() {
        FeatureSchema features = schema;
        if (features == null) {
            return;
        }
        close();
        for (ModelArtifact artifact : present) {
            try {
                entries.add(new Entry(
                        FrozenModel.load(artifact, runner, features, targets, capacity),
                        new float[capacity * targets.size()]));
            } catch (ModelRunner.ModelRunnerException e) {
                leftOut(artifact.manifest().version(), e);
            }
        }
        name();
    }

    private void name() {
        table.guests(entries.stream().map(Entry::name).toList());
    }

    private void leftOut(long version, ModelRunner.ModelRunnerException e) {
        log.warn(
                "{}: import {} is not compared with the learners: {}",
                kind.id(),
                version,
                String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
    }

    /** Scores a batch, before it is learned from. */
    void score(ExampleBatch batch) {
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            try {
                entry.model.scores(batch, entry.scores);
            } catch (ModelRunner.ModelRunnerException e) {
                leftOut(entry.model.version(), e);
                entry.model.close();
                entries.remove(i--);
                name();
            }
        }
    }

    /** Enters a row of the batch that was scored, after the table has taken it. */
    void enter(int row, ExampleBatch batch) {
        for (int i = 0; i < entries.size(); i++) {
            table.addGuest(i, entries.get(i).scores, row, batch.labels, batch.mask);
        }
    }

    /**
     * Says once of an import that it does better than the champion: to serve it is the user's to say.
     *
     * @param champion its place among the table's learners
     */
    void recommend(int champion, String championName, ChampionSettings rule) {
        for (int i = 0; i < entries.size(); i++) {
            long version = entries.get(i).model.version();
            PrequentialTable.AgainstLearner figures = table.againstLearner(i, champion);
            if (figures.labels() >= rule.floor()
                    && figures.guest() < figures.learner() * (1 - rule.margin())
                    && recommended.add(version)) {
                log.info(
                        "{}: import {} does better than {} on the recent window (loss {} of the base rate's against {}, {}"
                                + " labels); 'models promote {} {}' serves it",
                        kind.id(),
                        version,
                        championName,
                        String.format(Locale.ROOT, "%.4f", figures.guest()),
                        String.format(Locale.ROOT, "%.4f", figures.learner()),
                        Math.round(figures.labels()),
                        kind.id(),
                        version);
            }
        }
    }

    /** Lets go of the sessions. */
    @Override
    public void close() {
        entries.forEach(entry -> entry.model.close());
        entries.clear();
    }
}
