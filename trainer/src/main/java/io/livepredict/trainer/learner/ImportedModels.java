package io.livepredict.trainer.learner;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.model.ModelArtifact;
import io.livepredict.trainer.evaluation.PrequentialTable;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.publish.ImportedModel;
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
 * The imported models of a kind, scored on the batches that the learners are tested on. Imported models come and go with the models topic
 * and not with the examples, so they are not part of the learner's state and do not affect it: neither learning nor
 * the choice of champion depends on them. A model that can't be scored is left out, with one line in the log. Not
 * safe for use from several threads.
 */
final class ImportedModels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ImportedModels.class);

    private final Kind kind;
    private final List<Target> targets;
    private final ModelRunner runner;
    private final PrequentialTable table;
    private final List<Entry> entries = new ArrayList<>();
    private List<ModelArtifact> present = List.of();
    private @Nullable FeatureSchema schema;
    private int capacity;
    private final Set<Long> recommended = new HashSet<>();

    /** A model that is scored, and its scores of the present batch: [size, targets]. */
    @SuppressWarnings("ArrayRecordComponent") // reused from batch to batch, never compared
    private record Entry(ImportedModel model, float[] scores) {
        String name() {
            return "import-" + model.version();
        }
    }

    ImportedModels(Kind kind, List<Target> targets, ModelRunner runner, PrequentialTable table) {
        this.kind = kind;
        this.targets = targets;
        this.runner = runner;
        this.table = table;
    }

    /** Scores these models from here on. A model that was there before keeps its metrics. */
    void use(List<ModelArtifact> models) {
        if (!versions(models).equals(versions(present))) {
            present = List.copyOf(models);
            load();
        }
    }

    /** Expects batches of these features, and of so many rows at most, from here on. */
    void layOutFor(FeatureSchema features, int rows) {
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
                        ImportedModel.load(artifact, runner, features, targets, capacity),
                        new float[capacity * targets.size()]));
            } catch (ModelRunner.ModelRunnerException e) {
                leftOut(artifact.manifest().version(), e);
            }
        }
        tellNames();
    }

    private void tellNames() {
        table.importedModels(entries.stream().map(Entry::name).toList());
    }

    private void leftOut(long version, ModelRunner.ModelRunnerException e) {
        LOG.warn(
                "{}: imported model {} is not compared with the learners: {}",
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
                tellNames();
            }
        }
    }

    /** Enters a row of the batch that was scored, after the table has taken it. */
    void enter(int row, ExampleBatch batch) {
        for (int i = 0; i < entries.size(); i++) {
            table.addImported(i, entries.get(i).scores, row, batch.labels, batch.mask);
        }
    }

    /**
     * Says once of an imported model that it does better than the champion; promoting it is the user's decision.
     *
     * @param champion its place among the table's learners
     */
    void recommend(int champion, String championName, ChampionSettings rule) {
        for (int i = 0; i < entries.size(); i++) {
            long version = entries.get(i).model.version();
            PrequentialTable.AgainstLearner losses = table.againstLearner(i, champion);
            if (losses.labels() >= rule.floor()
                    && losses.imported() < losses.learner() * (1 - rule.margin())
                    && recommended.add(version)) {
                LOG.info(
                        "{}: imported model {} does better than {} on the recent window (loss {} of the base rate's against {}, {}"
                                + " labels); 'models promote {} {}' serves it",
                        kind.id(),
                        version,
                        championName,
                        String.format(Locale.ROOT, "%.4f", losses.imported()),
                        String.format(Locale.ROOT, "%.4f", losses.learner()),
                        Math.round(losses.labels()),
                        kind.id(),
                        version);
            }
        }
    }

    /** Closes the sessions. */
    @Override
    public void close() {
        entries.forEach(entry -> entry.model.close());
        entries.clear();
    }
}
