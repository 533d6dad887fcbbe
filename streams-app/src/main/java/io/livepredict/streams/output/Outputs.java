package io.livepredict.streams.output;

import io.livepredict.avro.Alert;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Hashes;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.outlook.OutlookFact;
import io.livepredict.streams.outlook.Presence;
import io.livepredict.streams.output.EntityOutputs.Sent;
import io.livepredict.streams.score.ScoreOutput;
import io.livepredict.streams.score.ScoreOutput.ScoredRow;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.targets.TargetPlan;
import io.livepredict.streams.targets.TargetPlan.Planned;
import io.livepredict.streams.time.OutputGate.Withheld;
import io.livepredict.streams.time.PartitionTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Decides which predictions leave, and in which form, and which alerts are raised and cleared; forwards them to the kind's
 * nodes of that name. What must be remembered of an entity is in {@link EntityOutputs}, which the caller keeps. One task's
 * thread.
 */
public final class Outputs {
    private final OutputSettings settings;
    private final NodeNames names;
    private final TargetPlan plan;
    private final Predictions predictions;
    private final OutputCounters counters;
    private final ProcessorContext<Object, Object> task;
    private final Alerts alerts;
    private final Optional<Duration> outlook;
    /** By position of the target; null where every prediction is sent. */
    private final List<@Nullable Emission> emissions = new ArrayList<>();

    private final boolean stateful;
    private final WithheldTally tally;
    private final boolean[] endsSession;
    /** What stands for an event type in a look. */
    private final int lookType;

    /** The label time that the outlook was told last. */
    private long toldMillis = PartitionTime.NONE;

    private long timestamp;

    /**
     * @param schema of the rows' vectors
     * @param tally counts what is withheld
     * @param task whose children the nodes of the outputs are
     */
    public Outputs(
            OutputSettings settings,
            KindSetup setup,
            TargetPlan plan,
            FeatureSchema schema,
            OutputCounters counters,
            WithheldTally tally,
            ProcessorContext<Object, Object> task) {
        this.settings = settings;
        this.plan = plan;
        this.counters = counters;
        this.task = task;
        this.tally = tally;
        names = setup.names();
        List<String> types = setup.definition().rowTypes();
        lookType = setup.definition().eventTypes().size();
        predictions = new Predictions(setup.kind(), types);
        endsSession = new boolean[types.size()];
        for (int type = 0; type < endsSession.length; type++) {
            endsSession[type] = setup.definition().sessionEnd().contains(types.get(type));
        }
        alerts = new Alerts(
                setup.kind(),
                settings.alerts(),
                plan,
                schema,
                endsSession,
                setup.wallClockMillis(),
                counters,
                this::forward);
        boolean any = false;
        for (Planned planned : plan.targets) {
            Emission emission = settings.emissions().get(planned.target.name());
            emissions.add(emission);
            any |= emission != null;
        }
        outlook = settings.presentFor();
        stateful = any || !alerts.none() || outlook.isPresent();
    }

    /** Whether anything must be remembered of an entity. */
    public boolean isStateful() {
        return stateful;
    }

    /**
     * Sends the row's predictions and alerts.
     *
     * @param state of the row's entity
     * @return whether the state changed
     */
    public boolean row(Record<String, ScoreOutput> record, ScoredRow row, EntityOutputs state) {
        timestamp = record.timestamp();
        boolean changed = send(record, row, state);
        if (stateful) {
            changed |= alerts.row(row, state, withheld(row) == null);
            changed |= outlook.isPresent() && presence(row, state.presence, outlook.get());
            prune(state, row.labelTimeMillis());
        }
        return changed;
    }

    private boolean presence(ScoredRow row, Presence presence, Duration presentFor) {
        Event event = row.event();
        if (event.contextId().isEmpty() || event.type() == lookType) {
            return false; // silence makes nobody present
        }
        return endsSession[event.type()]
                ? presence.left(event.contextId(), row.asOfMillis(), this::tell)
                : presence.came(event.contextId(), row.asOfMillis(), presentFor, this::tell);
    }

    /** A snapshot was logged: the outlook adds its scores up. */
    public void snapshot(ScoredRow row, Planned planned, float score) {
        Event event = row.event();
        if (outlook.isPresent() && !event.contextId().isEmpty()) {
            tell(new OutlookFact.Scored(
                    event.contextId(),
                    row.asOfMillis(),
                    planned.reference,
                    score,
                    row.origins().of(planned.index).version()));
        }
    }

    /** A snapshot's label became known. */
    public void labelled(String contextId, long asOfMillis, Planned planned, double label) {
        if (outlook.isPresent() && !contextId.isEmpty()) {
            tell(new OutlookFact.Labelled(contextId, asOfMillis, planned.reference, planned.withinMillis, label));
        }
    }

    /** Everything is done up to this label time. */
    public void time(Record<String, ScoreOutput> record) {
        if (outlook.isPresent()) {
            timestamp = record.timestamp();
            long labelTime = record.value().labelTimeMillis();
            if (OutlookFact.Time.isNews(toldMillis, labelTime)) {
                toldMillis = labelTime;
                tell(new OutlookFact.Time(labelTime));
            }
        }
    }

    private void tell(OutlookFact fact) {
        task.forward(new Record<Object, Object>("", fact, timestamp), names.outlookTally());
    }

    private boolean send(Record<String, ScoreOutput> record, ScoredRow row, EntityOutputs state) {
        float[] scores = row.scores();
        if (scores == null) {
            return false;
        }
        Event event = row.event();
        Withheld closed = withheld(row);
        boolean changed = false;
        GenericRecord wide = null;
        for (Planned planned : plan.targets) {
            if (!planned.predictedAt(event.type())) {
                continue;
            }
            if (closed != null) {
                counters.withheld(planned.target, closed);
                continue;
            }
            float score = scores[planned.index];
            Emission emission = emissions.get(planned.index);
            if (emission != null) {
                if (!passes(row, planned, emission, score, state)) {
                    tally.add(planned.target.name());
                    counters.withheld(planned.target, Withheld.EMIT);
                    continue;
                }
                changed = true;
            }
            counters.predicted(planned.target);
            if (settings.flat()) {
                forward(record, event.entityId(), predictions.flat(row, planned, score), names.predictions());
            }
            Optional<RowSchema> rows = settings.rows();
            if (rows.isPresent()) {
                wide = wide == null ? predictions.row(row, rows.get()) : wide;
                wide.put(rows.get().position(planned.target), (double) score);
                if (row.origins().isPrior(planned.index)) {
                    Predictions.byPrior(wide, planned.target.name());
                }
            }
        }
        if (wide != null) {
            forward(record, event.entityId(), wide, names.predictionRows());
        }
        return changed;
    }

    private @Nullable Withheld withheld(ScoredRow row) {
        return settings.gate().withheld(row.event().timeMillis(), row.scoredAtMillis());
    }

    private boolean passes(ScoredRow row, Planned planned, Emission emission, float score, EntityOutputs state) {
        long context = Hashes.id64(row.event().contextId());
        Sent last = state.sent(context, planned.reference);
        boolean holds = last != null && row.asOfMillis() < last.untilMillis();
        if (last != null && holds ? !emission.sends(score, last.score()) : !emission.sends(score)) {
            return false;
        }
        state.send(context, planned.reference, score, row.asOfMillis(), row.asOfMillis() + emission.holdsMillis());
        return true;
    }

    /**
     * Does what no row of the entity can change any more, when its timer has gone off.
     *
     * @param record what moved label time
     * @param timerMillis when it was to go off
     */
    public void due(
            Record<String, ScoreOutput> record,
            String entityId,
            EntityOutputs state,
            long timerMillis,
            long labelTimeMillis) {
        timestamp = record.timestamp();
        if (state.timerMillis() == timerMillis) {
            state.setTimer(EntityOutputs.NEVER);
        }
        alerts.due(entityId, state, timerMillis, labelTimeMillis);
        prune(state, labelTimeMillis);
    }

    /**
     * Tells those who act on alerts to act no longer on an entity that is to be forgotten. The caller removes its state.
     *
     * @param record the request
     */
    public void erased(Record<String, ScoreOutput> record, String entityId, EntityOutputs state) {
        timestamp = record.timestamp();
        alerts.erased(entityId, state, record.value().labelTimeMillis());
    }

    private void prune(EntityOutputs state, long labelTimeMillis) {
        state.sent.removeIf(each -> each.untilMillis() <= labelTimeMillis);
        alerts.prune(state, labelTimeMillis);
        state.presence.prune(labelTimeMillis);
    }

    /** When the entity needs a timer that it does not have; {@link EntityOutputs#NEVER} where it needs none. */
    public long missingTimer(EntityOutputs state) {
        long next = Math.min(alerts.nextDue(state), state.presence.nextDueMillis());
        for (Sent each : state.sent) {
            next = Math.min(next, each.untilMillis());
        }
        return next < state.timerMillis() ? next : EntityOutputs.NEVER;
    }

    private void forward(Record<String, ScoreOutput> record, String entityId, Object value, String node) {
        task.forward(new Record<Object, Object>(entityId, value, record.timestamp(), record.headers()), node);
    }

    private void forward(String entityId, Alert alert) {
        task.forward(new Record<Object, Object>(entityId, alert, timestamp), names.alerts());
    }
}
