package io.livepredict.streams.outcome;

import io.livepredict.avro.Alert;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.outcome.NaiveLabeller.Accepted;
import io.livepredict.streams.output.AlertRule;
import io.livepredict.streams.output.Emission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which predictions leave and which alerts are raised and cleared, worked out from all predictions and the rules. */
final class NaiveOutputs {
    private final KindDefinition definition;
    private final List<Accepted> accepted;
    private final Map<String, Double> scores = new HashMap<>();

    /**
     * @param accepted all valid events, in order
     * @param all every prediction of them
     */
    NaiveOutputs(KindDefinition definition, List<Accepted> accepted, List<Prediction> all) {
        this.definition = definition;
        this.accepted = accepted;
        for (Prediction each : all) {
            scores.put(each.getEventId() + ' ' + each.getTarget(), each.getScore());
        }
    }

    private @Nullable Double score(Accepted at, String target) {
        return scores.get(at.event().eventId() + ' ' + target);
    }

    /** Ids of the events whose prediction of that target leaves. */
    List<String> sent(String target, Emission emission) {
        Map<String, double[]> lasts = new HashMap<>();
        List<String> sent = new ArrayList<>();
        for (Accepted at : accepted) {
            Double score = score(at, target);
            if (score == null) {
                continue;
            }
            String place = at.event().entityId() + '|' + at.event().contextId();
            double[] last = lasts.get(place);
            boolean leaves;
            if (last == null || at.asOf() >= last[1] + emission.holdsMillis()) {
                leaves = score >= emission.floor();
            } else {
                leaves = Math.abs(score - last[0]) >= emission.changedBy()
                        && (score >= emission.floor() || last[0] >= emission.floor());
            }
            if (leaves) {
                lasts.put(place, new double[] {score, at.asOf()});
                sent.add(at.event().eventId());
            }
        }
        return sent;
    }

    private static final class Running {
        long raisedAt;
        long lastAt;
        boolean open;
    }

    /** A raise or a clear in words. */
    static String words(Alert alert) {
        return alert.getEntityId() + '|' + alert.getContextId() + ' ' + alert.getState() + ' ' + alert.getCause()
                + " raised "
                + alert.getRaisedAt().toEpochMilli() + " at "
                + alert.getEventTime().toEpochMilli();
    }

    /**
     * The raises and clears of a rule without conditions, in words, by entity and room or match in order.
     *
     * @param labelTime up to then it is known that nothing else comes
     */
    Map<String, List<String>> alerts(AlertRule rule, long labelTime) {
        Map<String, List<String>> words = new HashMap<>();
        Map<String, Running> running = new HashMap<>();
        for (Accepted at : accepted) {
            String entity = at.event().entityId() + '|';
            String own = entity + at.event().contextId();
            running.forEach((place, state) -> {
                if (place.startsWith(entity)) {
                    timeOut(words, place, state, rule, at.asOf());
                }
            });
            if (definition
                    .sessionEnd()
                    .contains(definition.eventTypes().get(at.event().type()))) {
                running.forEach((place, state) -> {
                    boolean ends = at.event().contextId().isEmpty() ? place.startsWith(entity) : place.equals(own);
                    if (state.open && ends) {
                        state.open = false;
                        add(words, place, "cleared session-end", state.raisedAt, at.asOf());
                    }
                });
                continue;
            }
            Double score = score(at, rule.target());
            if (score == null) {
                continue;
            }
            Running state = running.get(own);
            if (state != null && state.open) {
                state.lastAt = at.asOf();
                if (score < rule.clearBelow()) {
                    state.open = false;
                    add(words, own, "cleared score", state.raisedAt, at.asOf());
                }
            } else if (score >= rule.raiseAt()
                    && (state == null
                            || at.asOf() - state.raisedAt >= rule.cooldown().toMillis())) {
                Running raised = new Running();
                raised.raisedAt = at.asOf();
                raised.lastAt = at.asOf();
                raised.open = true;
                running.put(own, raised);
                add(words, own, "raised score", at.asOf(), at.asOf());
            }
        }
        running.forEach((place, state) -> timeOut(words, place, state, rule, labelTime));
        return words;
    }

    private static void timeOut(
            Map<String, List<String>> words, String place, Running state, AlertRule rule, long asOf) {
        long end = state.lastAt + rule.clearAfter().toMillis();
        if (state.open && asOf > end) {
            state.open = false;
            add(words, place, "cleared clear-after", state.raisedAt, end);
        }
    }

    private static void add(Map<String, List<String>> words, String place, String what, long raisedAt, long at) {
        words.computeIfAbsent(place, p -> new ArrayList<>())
                .add(place + ' ' + what + " raised " + raisedAt + " at " + at);
    }
}
