package io.livepredict.streams.score;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Target;
import io.livepredict.logging.RepeatLog;
import io.livepredict.streams.activity.ActivityOutput;
import io.livepredict.streams.activity.ActivityOutput.FeatureRow;
import io.livepredict.streams.commit.PreCommitStore;
import io.livepredict.streams.ingest.DeadLetterRecords;
import io.livepredict.streams.ingest.IngestedEvent;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects rows, scores them in one call, and forwards them in the order in which they came. Empties itself when full
 * and before every commit ({@link PreCommitStore}), so that no input offset is ever committed before its predictions;
 * under at-least-once also after a few milliseconds. News of label time waits its turn in the same queue.
 *
 * <p>Never throws because of a model: a batch that fails is scored again row by row, and a row that fails by itself goes
 * to the dead letters and on to outcome without scores, in its place.
 *
 * <p>Rows live in reused slots.
 */
public final class MicroBatchProcessor implements Step<String, ActivityOutput> {
    private static final Logger LOG = LoggerFactory.getLogger(MicroBatchProcessor.class);
    /** How far a probability may lie outside of 0..1 by rounding. */
    private static final float ROUNDING = 1e-6f;

    /**
     * What every task's processor of one kind is made from. Its children are {@link NodeNames#outcome}, which gets {@link
     * ScoreOutput}s, and {@link NodeNames#deadLetters}.
     *
     * @param targets those of this kind; scores are in their order
     * @param lastScores whether {@link NodeNames#lastScores} is a child too and gets the same as outcome
     */
    public record Wiring(
            KindSetup setup,
            FeatureSchema schema,
            List<Target> targets,
            ScoreSettings settings,
            ActiveModel activeModel,
            ScoreCounters counters,
            boolean lastScores) {
        public Wiring {
            targets = List.copyOf(targets);
        }

        /** The supplier to add to a topology; it brings the pre-commit store. */
        public ProcessorSupplier<String, ActivityOutput, Object, Object> supplier() {
            return new StepSupplier<>(
                    task -> new MicroBatchProcessor(this, task),
                    PreCommitStore.builder(setup.names().scoreCommit()));
        }
    }

    /** One place in the queue: a row, or, when {@code ingested} is null, the news that label time moved. */
    private static final class Slot {
        final PreCommitStore.Position position = new PreCommitStore.Position();
        final FeatureVector vector;
        final float[] scores;

        @Nullable
        IngestedEvent ingested;

        /** Set where the slot holds no event but the news that an entity is to be forgotten. */
        ActivityOutput.@Nullable Erased erased;

        @Nullable
        String key;

        long asOfMillis;
        long labelTimeMillis;
        boolean scored;

        @Nullable
        List<List<Reason>> reasons;

        Slot(FeatureSchema schema, int targets) {
            vector = new FeatureVector(schema);
            scores = new float[targets];
        }
    }

    private final Wiring wiring;
    private final String outcomeNode;
    private final String deadLettersNode;
    private final String lastScoresNode;
    private final PreCommitStore.Forwarder<Object, Object> forwarder;
    private final int targets;
    /** What stands for an event type in a look. */
    private final int lookType;
    /** By event type: how many targets are predicted at it. */
    private final int[] predictedAt;
    /** By event type and target. */
    private final boolean[][] predicts;

    /** By target: whether its score must be a probability. */
    private final boolean[] binary;

    private final RepeatLog troubles;
    private final Slot[] slots;
    private final FeatureVector[] rows;
    private final int[] slotOfRow;
    private final float[] scores;
    private final DirectBuffers buffers = new DirectBuffers();
    private int filled;

    private @Nullable ScoringModel scorersModel;
    private @Nullable Scorer scorer;

    private MicroBatchProcessor(Wiring wiring, ProcessorContext<Object, Object> task) {
        this.wiring = wiring;
        NodeNames names = wiring.setup().names();
        this.outcomeNode = names.outcome();
        this.deadLettersNode = names.deadLetters();
        this.lastScoresNode = names.lastScores();
        this.forwarder = new PreCommitStore.Forwarder<>(task);
        this.targets = wiring.targets().size();
        List<String> types = wiring.setup().definition().rowTypes();
        this.lookType = wiring.setup().definition().eventTypes().size();
        this.predictedAt = new int[types.size()];
        this.predicts = new boolean[types.size()][targets];
        for (int type = 0; type < predictedAt.length; type++) {
            for (int target = 0; target < targets; target++) {
                if (wiring.targets().get(target).predictOn().contains(types.get(type))) {
                    predicts[type][target] = true;
                    predictedAt[type]++;
                }
            }
        }
        this.binary = new boolean[targets];
        for (int target = 0; target < targets; target++) {
            binary[target] = wiring.targets().get(target).isBinary();
        }
        this.troubles = new RepeatLog(LOG::warn, () -> Instant.ofEpochMilli(task.currentSystemTimeMs()));
        int size = wiring.settings().batchSize();
        this.slots = new Slot[size];
        this.rows = new FeatureVector[size];
        this.slotOfRow = new int[size];
        this.scores = new float[size * targets];
        for (int i = 0; i < size; i++) {
            slots[i] = new Slot(wiring.schema(), targets);
        }
        PreCommitStore preCommit = task.getStateStore(names.scoreCommit());
        preCommit.onPreCommit(() -> flush(FlushCause.COMMIT));
        preCommit.onDiscard(this::forget);
        if (wiring.settings().flushAfter() != null) {
            task.schedule(
                    wiring.settings().flushAfter(), PunctuationType.WALL_CLOCK_TIME, now -> flush(FlushCause.TIME));
        }
    }

    @Override
    public void process(Record<String, ActivityOutput> record) {
        Slot slot = slots[filled];
        forwarder.remember(slot.position);
        slot.key = record.key();
        slot.labelTimeMillis = record.value().labelTimeMillis();
        slot.scored = false;
        slot.reasons = null;
        switch (record.value()) {
            case FeatureRow row -> {
                slot.ingested = row.ingested();
                slot.asOfMillis = row.asOfMillis();
                slot.vector.set(row.vector());
            }
            case ActivityOutput.LabelTimeAdvance ignored -> slot.ingested = null;
            case ActivityOutput.Erased erased -> {
                slot.ingested = null;
                slot.erased = erased;
            }
        }
        filled++;
        if (filled == slots.length) {
            flush(FlushCause.FULL);
        }
    }

    private void flush(FlushCause cause) {
        if (filled == 0) {
            return;
        }
        forwarder.begin();
        try (ActiveModel.Lease lease = wiring.activeModel().lease()) {
            String failure = score(lease.model(), cause);
            long now = wiring.setup().wallClockMillis().getAsLong();
            for (int i = 0; i < filled; i++) {
                forward(slots[i], lease.model(), now, failure);
            }
        } finally {
            forwarder.end();
            forget();
        }
    }

    /**
     * Fills the slots' scores.
     *
     * @return why the batch failed as a whole, null if it did not
     */
    private @Nullable String score(ScoringModel model, FlushCause cause) {
        int count = 0;
        for (int i = 0; i < filled; i++) {
            IngestedEvent ingested = slots[i].ingested;
            if (ingested != null && predictedAt[ingested.event().type()] > 0) {
                rows[count] = slots[i].vector;
                slotOfRow[count++] = i;
            }
        }
        long start = System.nanoTime();
        String failure = count == 0 ? null : score(model, count);
        wiring.counters().batch(count, System.nanoTime() - start, cause);
        return failure;
    }

    private @Nullable String score(ScoringModel model, int count) {
        String failure = null;
        try {
            scorerOf(model).score(rows, count, scores);
            accept(model, 0, count);
        } catch (ScoringException | RuntimeException e) {
            failure = message(e);
            rowByRow(model, count);
        }
        if (model.explains() && !wiring.settings().explain().never()) {
            explain(model, count);
        }
        return failure;
    }

    private void rowByRow(ScoringModel model, int count) {
        for (int row = 0; row < count; row++) {
            FeatureVector first = rows[0];
            try {
                rows[0] = slots[slotOfRow[row]].vector;
                scorerOf(model).score(rows, 1, scores);
                accept(model, row, 1);
            } catch (ScoringException | RuntimeException e) {
                slots[slotOfRow[row]].scored = false;
            } finally {
                rows[0] = first;
            }
        }
    }

    /** Copies the scores of {@code count} rows, the first of which is {@code firstRow}, into their slots. */
    private void accept(ScoringModel model, int firstRow, int count) {
        for (int i = 0; i < count; i++) {
            Slot slot = slots[slotOfRow[firstRow + i]];
            boolean inRange = true;
            for (int target = 0; target < targets; target++) {
                float score = scores[i * targets + target];
                slot.scores[target] = score;
                if (!isInRange(target, score)) {
                    inRange = false;
                    tell(model, target, score);
                }
            }
            slot.scored = inRange;
        }
    }

    private boolean isInRange(int target, float score) {
        return binary[target] ? score >= -ROUNDING && score <= 1 + ROUNDING : Float.isFinite(score);
    }

    private void tell(ScoringModel model, int target, float score) {
        String name = wiring.targets().get(target).name();
        troubles.say(
                name,
                model.identity().name() + " version " + model.identity().version() + " scores " + score + " for " + name
                        + ", which is no " + (binary[target] ? "probability" : "number")
                        + ": the event goes to the dead letters as " + DeadLetterReason.SCORING_FAILED
                        + "; 'trainer models rollback' serves the version before");
    }

    /** Gives reasons to the rows that call for them. A failure costs the rows their reasons and nothing else. */
    private void explain(ScoringModel model, int count) {
        int chosen = 0;
        for (int row = 0; row < count; row++) {
            Slot slot = slots[slotOfRow[row]];
            if (slot.scored && slot.ingested != null && wanted(slot, slot.ingested)) {
                rows[chosen] = slot.vector;
                slotOfRow[chosen++] = slotOfRow[row];
            }
        }
        if (chosen == 0) {
            return;
        }
        try {
            List<List<List<Reason>>> reasons = scorerOf(model).explain(rows, chosen);
            for (int row = 0; row < chosen; row++) {
                slots[slotOfRow[row]].reasons = reasons.get(row);
            }
            wiring.counters().explained(chosen);
        } catch (ScoringException | RuntimeException e) {
            wiring.counters().explained(0);
        }
    }

    private boolean wanted(Slot slot, IngestedEvent ingested) {
        ScoreSettings.Explain explain = wiring.settings().explain();
        boolean[] predicted = predicts[ingested.event().type()];
        for (int target = 0; target < targets; target++) {
            if (predicted[target]
                    && wiring.targets().get(target).isBinary()
                    && slot.scores[target] >= explain.threshold()) {
                return true;
            }
        }
        return sampled(ingested.event().eventId(), explain.sampleRate());
    }

    /** Whether the event is among that share of all events: String.hashCode is specified, so everywhere the same. */
    static boolean sampled(String eventId, double rate) {
        long spread = ((eventId.hashCode() + 0x9E3779B9L) * 0x9E3779B97F4A7C15L) >>> 11;
        return spread * 0x1p-53 < rate;
    }

    private void forward(Slot slot, ScoringModel model, long now, @Nullable String failure) {
        String key = slot.key;
        IngestedEvent ingested = slot.ingested;
        if (ingested == null) {
            ScoreOutput news = slot.erased == null
                    ? new ScoreOutput.LabelTimeAdvance(slot.labelTimeMillis)
                    : new ScoreOutput.Erased(slot.erased.erasure(), slot.erased.removed(), slot.labelTimeMillis);
            forward(slot.position, record(key, news, now));
            return;
        }
        int predicted = predictedAt[ingested.event().type()];
        if (predicted > 0 && !slot.scored) {
            wiring.counters().failed();
            forwarder.forward(
                    slot.position,
                    DeadLetterRecords.of(
                            ingested.source(),
                            wiring.setup().payload(),
                            DeadLetterReason.SCORING_FAILED,
                            failure == null ? "the model gave a score that is no number, or no probability" : failure,
                            now),
                    deadLettersNode);
        } else if (predicted > 0) {
            if (ingested.event().type() != lookType) {
                wiring.counters().latency(now - ingested.source().timestampMillis());
            }
            if (wiring.activeModel().isNewlyLearned(model)) {
                wiring.counters().learningLag(now - model.lastExampleEmittedAtMillis());
            }
        }
        ScoreOutput.ScoredRow row = new ScoreOutput.ScoredRow(
                new FeatureRow(ingested, slot.asOfMillis, slot.labelTimeMillis, slot.vector),
                predicted > 0 && slot.scored ? slot.scores : null,
                slot.reasons,
                model.origins(),
                now);
        forward(slot.position, record(key, row, now));
    }

    private void forward(PreCommitStore.Position position, Record<Object, Object> output) {
        forwarder.forward(position, output, outcomeNode);
        if (wiring.lastScores()) {
            forwarder.forward(position, output, lastScoresNode);
        }
    }

    @SuppressWarnings("NullAway") // a record of label time may have no key
    private static Record<Object, Object> record(@Nullable String key, Object value, long timestamp) {
        return new Record<>(key, value, Math.max(0, timestamp));
    }

    @SuppressWarnings("ReferenceEquality")
    private Scorer scorerOf(ScoringModel model) {
        Scorer current = scorer;
        if (current == null || scorersModel != model) {
            closeScorer();
            current = model.newScorer(slots.length, buffers);
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

    private void forget() {
        for (int i = 0; i < filled; i++) {
            slots[i].ingested = null;
            slots[i].erased = null;
            slots[i].key = null;
            slots[i].reasons = null;
        }
        filled = 0;
        Arrays.fill(rows, null);
    }

    private static String message(Exception e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    /** Runs after the last commit: a forward here would be lost, and the pre-commit hook has already emptied the queue. */
    @Override
    public void close() {
        forget();
        closeScorer();
    }
}
