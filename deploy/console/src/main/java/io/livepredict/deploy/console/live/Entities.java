package io.livepredict.deploy.console.live;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The last moments of the entities that were seen last. Bounded: {@link #MOMENTS_EACH} of an entity, {@link #MOST_MOMENTS} in
 * all; above that, the entities that have been quiet longest go. Not safe for use from several threads.
 */
final class Entities {
    /** Of one entity. */
    static final int MOMENTS_EACH = 40;

    /** In all: about 40 MB. */
    static final int MOST_MOMENTS = 120_000;

    private static final int MOST_SHARED_TEXTS = 20_000;

    private final Targets targets;
    private final LinkedHashMap<Key, Deque<Moment>> byKey = new LinkedHashMap<>(1024, 0.75f, true);
    private final Map<String, String> shared = new HashMap<>();
    private int moments;

    record Key(Kind kind, String id) {}

    /** An entity and its last moments, oldest first. */
    record Entity(Kind kind, String id, List<Moment> moments) {
        Moment last() {
            return moments.getLast();
        }
    }

    Entities(Targets targets) {
        this.targets = targets;
    }

    /** Returns whether it is the first prediction of its event. */
    boolean take(Kind kind, Prediction prediction) {
        int place = targets.place(kind, prediction.getTarget());
        if (place < 0) {
            return false;
        }
        Deque<Moment> of = byKey.computeIfAbsent(new Key(kind, prediction.getEntityId()), key -> new ArrayDeque<>());
        long event = Hashes.parts(prediction.getEventId());
        Moment moment = of.peekLast();
        boolean first = moment == null || moment.event != event;
        if (moment == null || first) {
            moment = new Moment(
                    event,
                    shared(prediction.getEventType()),
                    shared(prediction.getContextId()),
                    prediction.getEventTime().toEpochMilli(),
                    prediction.getScoredAt().toEpochMilli(),
                    targets.of(kind).size());
            of.addLast(moment);
            moments++;
            if (of.size() > MOMENTS_EACH) {
                of.removeFirst();
                moments--;
            }
            makeRoom();
        }
        moment.score(place, prediction, this::shared);
        return first;
    }

    /** Notes what came of a moment, if it is still held. */
    void take(Kind kind, LabelledExample example) {
        Deque<Moment> of = byKey.get(new Key(kind, example.getEntityId()));
        if (of == null) {
            return;
        }
        long event = Hashes.parts(example.getEventId());
        for (Moment moment : of) {
            if (moment.event == event) {
                for (TargetLabel label : example.getLabels()) {
                    int place = targets.place(kind, label.getTarget());
                    if (place >= 0) {
                        moment.label(place, label.getLabel());
                    }
                }
                return;
            }
        }
    }

    @Nullable
    Entity find(Kind kind, String id) {
        Deque<Moment> of = byKey.get(new Key(kind, id));
        return of == null ? null : new Entity(kind, id, new ArrayList<>(of));
    }

    /**
     * Hands over every entity of a kind whose last moment was scored at or after a time.
     *
     * @param place of the target whose reasons are looked for
     */
    void eachSince(Kind kind, long scoredAt, int place, Seen taker) {
        for (Map.Entry<Key, Deque<Moment>> entry : byKey.entrySet()) {
            Moment last = entry.getValue().getLast();
            if (entry.getKey().kind() == kind && last.scoredAt >= scoredAt) {
                taker.accept(entry.getKey().id(), last, reasons(entry.getValue(), scoredAt, place));
            }
        }
    }

    /** Those of the newest score since then that was explained: of most scores no reasons are computed. */
    private static List<Moment.Reason> reasons(Deque<Moment> moments, long since, int place) {
        Iterator<Moment> newestFirst = moments.descendingIterator();
        while (newestFirst.hasNext()) {
            Moment moment = newestFirst.next();
            if (moment.scoredAt < since) {
                break;
            }
            List<Moment.Reason> reasons = moment.reasons(place);
            if (!reasons.isEmpty()) {
                return reasons;
            }
        }
        return List.of();
    }

    interface Seen {
        /** @param reasons of the newest score that was explained; may be empty */
        void accept(String id, Moment last, List<Moment.Reason> reasons);
    }

    /** Ids that contain a text, those that begin with it first. */
    List<String> matching(Kind kind, String text, int most) {
        List<String> begin = new ArrayList<>();
        List<String> contain = new ArrayList<>();
        for (Key key : byKey.keySet()) {
            if (key.kind() == kind) {
                String id = key.id();
                if (id.startsWith(text)) {
                    begin.add(id);
                } else if (contain.size() < most && id.contains(text)) {
                    contain.add(id);
                }
            }
        }
        List<String> found = new ArrayList<>(begin.reversed());
        found.addAll(contain);
        return found.subList(0, Math.min(most, found.size()));
    }

    int count(Kind kind) {
        int[] n = {0};
        Consumer<Key> count = key -> n[0] += key.kind() == kind ? 1 : 0;
        byKey.keySet().forEach(count);
        return n[0];
    }

    /** The same text once: types, contexts and reasons come again and again. */
    private String shared(String text) {
        String known = shared.get(text);
        if (known != null) {
            return known;
        }
        if (shared.size() >= MOST_SHARED_TEXTS) {
            shared.clear(); // what is held keeps its own
        }
        shared.put(text, text);
        return text;
    }

    private void makeRoom() {
        Iterator<Map.Entry<Key, Deque<Moment>>> oldest = byKey.entrySet().iterator();
        while (moments > MOST_MOMENTS && oldest.hasNext()) {
            moments -= oldest.next().getValue().size();
            oldest.remove();
        }
    }
}
