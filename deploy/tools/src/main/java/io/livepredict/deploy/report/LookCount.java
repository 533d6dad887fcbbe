package io.livepredict.deploy.report;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The looks at silent entities, counted from their predictions: which there were, and how many predictions they must have. A look
 * whose predictions are all missing leaves no trace. Not safe for use from several threads.
 */
final class LookCount {
    private final Map<Kind, KindDefinition> kinds;
    private final List<Target> targets;
    /** By kind: the times of each entity's valid events. */
    private final Map<Kind, LongLongMap> eventTimes = new EnumMap<>(Kind.class);

    private final LongLongMap seen = new LongLongMap();
    private long looks;
    private long expectedPredictions;

    LookCount(Map<Kind, KindDefinition> kinds, List<Target> targets) {
        this.kinds = kinds;
        this.targets = targets;
        kinds.forEach((kind, definition) -> {
            if (!definition.looks().isEmpty()) {
                eventTimes.put(kind, new LongLongMap());
            }
        });
    }

    /** Takes in a valid event: there may be looks so long after it as is configured. */
    void event(Kind kind, String entityId, long timeMillis) {
        LongLongMap times = eventTimes.get(kind);
        if (times != null) {
            times.putIfAbsent(key(entityId, timeMillis), 1);
        }
    }

    /** Whether a prediction is one of a look. */
    static boolean isLook(Prediction prediction) {
        return prediction.getEventType().equals(KindDefinition.LOOK);
    }

    /** Takes in the prediction of a look; false if there is no event after which that look is due. */
    boolean take(Kind kind, Prediction prediction) {
        String entity = prediction.getEntityId();
        if (seen.putIfAbsent(Hashes.parts(kind.id(), entity, prediction.getEventId()), 1)) {
            looks++;
            expectedPredictions += Target.of(targets, kind).stream()
                    .filter(target -> target.predictOn().contains(KindDefinition.LOOK))
                    .count();
        }
        KindDefinition definition = kinds.get(kind);
        LongLongMap times = eventTimes.get(kind);
        if (definition == null || times == null) {
            return false;
        }
        for (Duration step : definition.looks()) {
            long latest = prediction.getEventTime().minus(step).toEpochMilli();
            if (times.getOrDefault(key(entity, latest), 0) == 1
                    && prediction.getEventId().startsWith(entity + '@' + latest + '+')) {
                return true;
            }
        }
        return false;
    }

    private static long key(String entityId, long timeMillis) {
        return Hashes.parts(entityId, Long.toString(timeMillis));
    }

    long looks() {
        return looks;
    }

    /** Those of the looks there were. */
    long expectedPredictions() {
        return expectedPredictions;
    }
}
