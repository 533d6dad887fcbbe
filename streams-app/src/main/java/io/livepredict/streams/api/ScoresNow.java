package io.livepredict.streams.api;

import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Target;
import io.livepredict.http.Problem;
import io.livepredict.streams.activity.ContextFeatures;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.Reason;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.ScoringException;
import io.livepredict.streams.score.ScoringModel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Scores rows with the model that is active at that moment, beside the stream threads and without their buffers. A few rows at a
 * time: whoever asks for a thousand entities does not hold up whoever asks for one.
 */
final class ScoresNow implements AutoCloseable {
    private static final int AT_ONCE = 64;

    private final List<Target> targets;
    private final ActiveModel active;
    private final ContextFeatures contexts;
    private final LongSupplier wallClockMillis;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final DirectBuffers buffers = new DirectBuffers();
    private final FeatureVector[] rows = new FeatureVector[AT_ONCE];
    private final float[] scores;
    private @Nullable ScoringModel scorersModel;
    private @Nullable Scorer scorer;

    /**
     * @param active what the kind is scored with
     * @param contexts fills the features of rooms and matches; does nothing where there are none
     */
    ScoresNow(List<Target> targets, ActiveModel active, ContextFeatures contexts, LongSupplier wallClockMillis) {
        this.targets = List.copyOf(targets);
        this.active = active;
        this.contexts = contexts;
        this.wallClockMillis = wallClockMillis;
        scores = new float[AT_ONCE * targets.size()];
    }

    /** An entity's features as of a moment at which nothing happens. */
    record Row(FeatureVector vector, String context, long asOfMillis) {}

    /** Fills the features of a room or match, behind the entity's own. */
    void fillContext(String contextId, long asOfMillis, FeatureVector vector, int offset) {
        lock.lock();
        try {
            contexts.fill(contextId, asOfMillis, vector.dense, offset);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The scores of these rows; with reasons if it is one.
     *
     * @throws Problem if the model fails
     */
    List<List<Score>> of(List<Row> all) {
        List<List<Score>> answers = new ArrayList<>();
        for (int from = 0; from < all.size(); from += AT_ONCE) {
            answers.addAll(slice(all.subList(from, Math.min(all.size(), from + AT_ONCE)), all.size() == 1));
        }
        return answers;
    }

    private List<List<Score>> slice(List<Row> some, boolean explain) {
        lock.lock();
        try (ActiveModel.Lease lease = active.lease()) {
            ScoringModel model = lease.model();
            for (int i = 0; i < some.size(); i++) {
                rows[i] = some.get(i).vector;
            }
            Scorer of = scorerOf(model);
            of.score(rows, some.size(), scores);
            List<List<Reason>> reasons =
                    explain && model.explains() ? of.explain(rows, 1).getFirst() : null;
            Instant now = Instant.ofEpochMilli(wallClockMillis.getAsLong());
            List<List<Score>> answers = new ArrayList<>();
            for (int i = 0; i < some.size(); i++) {
                answers.add(answer(some.get(i), i, model, reasons, now));
            }
            return answers;
        } catch (ScoringException e) {
            throw Problem.busy("The active model can't score this.");
        } finally {
            lock.unlock();
        }
    }

    private List<Score> answer(
            Row row, int place, ScoringModel model, @Nullable List<List<Reason>> reasons, Instant now) {
        List<Score> answer = new ArrayList<>();
        for (int target = 0; target < targets.size(); target++) {
            float score = scores[place * targets.size() + target];
            if (Float.isFinite(score)) {
                answer.add(new Score(
                        targets.get(target).name(),
                        score,
                        Instant.ofEpochMilli(row.asOfMillis),
                        now,
                        model.origins().of(target),
                        row.context,
                        null,
                        reasons == null ? null : reasons.get(target)));
            }
        }
        return answer;
    }

    @SuppressWarnings("ReferenceEquality")
    private Scorer scorerOf(ScoringModel model) {
        Scorer current = scorer;
        if (current == null || scorersModel != model) {
            closeScorer();
            current = model.newScorer(AT_ONCE, buffers);
            scorer = current;
            scorersModel = model;
        }
        return current;
    }

    private void closeScorer() {
        if (scorer != null) {
            scorer.close();
            scorer = null;
            scorersModel = null;
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closeScorer();
        } finally {
            lock.unlock();
        }
    }
}
