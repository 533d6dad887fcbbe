package io.livepredict.streams.outcome;

import io.livepredict.contract.Target;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.outcome.LastScores.Moment;
import io.livepredict.streams.outcome.LastScores.Row;
import io.livepredict.streams.outcome.LastScores.TargetScore;
import io.livepredict.streams.score.Reason;
import io.livepredict.streams.score.ScoreOutput;
import io.livepredict.streams.score.ScoreOutput.ScoredRow;
import io.livepredict.streams.state.EntityKey;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.state.StateWriter;
import io.livepredict.streams.state.StoreWalk;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.LoggedStore;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import io.livepredict.streams.time.OutputGate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Keeps what was last said of each entity ({@link LastScores}), for whoever asks: one read and one write per event. Only in the
 * flow where the API is configured. Forwards nothing.
 */
public final class LastScoresProcessor implements Step<String, ScoreOutput> {
    private static final Duration FORGET_INTERVAL = Duration.ofSeconds(10);

    /**
     * What every task's processor of one kind is made from.
     *
     * @param targets those of this kind; scores are in their order
     * @param gate which predictions leave: those that don't are nobody's last scores
     * @param retention an entity that is silent for longer is forgotten
     */
    public record Wiring(KindSetup setup, List<Target> targets, OutputGate gate, Duration retention) {
        public Wiring {
            targets = List.copyOf(targets);
        }

        /** The supplier to add to a topology; it brings the store. */
        public ProcessorSupplier<String, ScoreOutput, Object, Object> supplier() {
            LoggedStore<Bytes> last = setup.stores().store(setup.names().lastScores());
            return new StepSupplier<>(task -> new LastScoresProcessor(this, last.of(task), task), last.builder());
        }
    }

    private final Wiring wiring;
    private final List<String> eventTypes;
    private final RecentValues last;
    private final StoreWalk<Bytes> walk;
    private final StateWriter writer = new StateWriter();
    private long labelTimeMillis = Long.MIN_VALUE;

    private LastScoresProcessor(
            Wiring wiring, KeyValueStore<Bytes, byte[]> store, ProcessorContext<Object, Object> task) {
        this.wiring = wiring;
        eventTypes = wiring.setup().definition().rowTypes();
        last = new RecentValues(store, wiring.setup().stores().recent());
        walk = StoreWalk.ofEntities(store);
        task.schedule(FORGET_INTERVAL, PunctuationType.WALL_CLOCK_TIME, ignored -> forget());
    }

    @Override
    public void process(Record<String, ScoreOutput> record) {
        labelTimeMillis = Math.max(labelTimeMillis, record.value().labelTimeMillis());
        switch (record.value()) {
            case ScoredRow row -> take(row);
            case ScoreOutput.LabelTimeAdvance ignored -> {}
            case ScoreOutput.Erased erased ->
                last.delete(EntityKey.of(erased.erasure().entityId()));
        }
    }

    private void take(ScoredRow row) {
        Event event = row.event();
        Bytes key = EntityKey.of(event.entityId());
        byte[] stored = last.get(key);
        LastScores next = (stored == null
                        ? LastScores.NONE
                        : LastScores.read(stored).orElse(LastScores.NONE))
                .after(event.timeMillis(), event.contextId());
        List<TargetScore> scores = scores(row);
        if (!scores.isEmpty()) {
            Moment moment = new Moment(
                    event.contextId(),
                    event.eventId(),
                    eventTypes.get(event.type()),
                    row.asOfMillis(),
                    row.scoredAtMillis());
            next = next.after(new Row(moment, row.origins().model(), scores));
        }
        last.put(key, next.write(writer));
    }

    private List<TargetScore> scores(ScoredRow row) {
        List<TargetScore> scores = new ArrayList<>();
        boolean leaves = wiring.gate().withheld(row.event().timeMillis(), row.scoredAtMillis()) == null;
        float[] all = leaves ? row.scores() : null;
        List<List<Reason>> reasons = row.reasons();
        String type = eventTypes.get(row.event().type());
        for (int i = 0; all != null && i < all.length; i++) {
            Target target = wiring.targets().get(i);
            if (target.predictOn().contains(type)) {
                scores.add(new TargetScore(
                        target.name(), all[i], row.origins().isPrior(i), reasons == null ? null : reasons.get(i)));
            }
        }
        return scores;
    }

    /** Forgets the entities among the next few that no event may remember any more. */
    private void forget() {
        if (labelTimeMillis != Long.MIN_VALUE) {
            long oldest = labelTimeMillis - wiring.retention().toMillis();
            walk.next(value -> LastScores.latestMillis(value)
                            .map(time -> time < oldest)
                            .orElse(true))
                    .forEach(last::delete);
        }
    }

    @Override
    public void close() {
        last.close();
    }
}
