package io.livepredict.streams.api;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Target;
import io.livepredict.streams.activity.EntityActivity;
import io.livepredict.streams.activity.KnownActivity;
import io.livepredict.streams.activity.StoredActivity;
import io.livepredict.streams.api.LocalState.Part;
import io.livepredict.streams.outcome.LastScores;
import io.livepredict.streams.outcome.OpenPredictions;
import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.state.EntityKey;
import io.livepredict.streams.topology.KindPlan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers about one kind's entities from this instance's state. Changes nothing. */
final class EntityAnswers {
    private static final int MOST_SNAPSHOTS = 100;

    private final KindPlan plan;
    private final List<DenseFeature> dense;
    private final Set<String> targets;
    private final ScoresNow scoresNow;
    private final boolean uncommitted;
    private final String instance;
    private final LongSupplier wallClockMillis;
    /** Reading an entity takes large objects, which each of the API's threads makes once. */
    private final ThreadLocal<StoredActivity> readers;

    /**
     * @param uncommitted whether state may hold what is not committed yet
     * @param instance host and port of this instance
     */
    EntityAnswers(
            KindPlan plan, ScoresNow scoresNow, boolean uncommitted, String instance, LongSupplier wallClockMillis) {
        this.plan = plan;
        this.scoresNow = scoresNow;
        this.uncommitted = uncommitted;
        this.instance = instance;
        this.wallClockMillis = wallClockMillis;
        dense = plan.schema().dense();
        targets = plan.targets().stream().map(Target::name).collect(Collectors.toSet());
        readers = ThreadLocal.withInitial(() -> new StoredActivity(plan.definition()));
    }

    record Source(String role, @Nullable Long lagRecords, String instance, boolean uncommitted) {}

    record Session(Instant since, long events, int sessions) {}

    record Place(
            @Nullable String id,
            String hash,
            Instant lastEvent,
            boolean staying,
            @Nullable Instant staySince,
            int stays) {}

    record Known(Instant firstEvent, Instant lastEvent, long events, Session session, List<Place> contexts) {}

    record Feature(String name, String words, float value) {}

    record SnapshotTarget(String target, float score, boolean decided, ModelIdentity model) {}

    record Snapshot(String event, String context, Instant asOf, Instant deadline, List<SnapshotTarget> targets) {}

    record Entity(
            String kind,
            String id,
            Source source,
            Known known,
            Instant featuresAsOf,
            List<Feature> features,
            List<Snapshot> openSnapshots,
            List<Score> lastScores) {}

    record EntityScores(String kind, String id, String asOf, Source source, List<Score> scores) {}

    /**
     * What these partitions hold of each of the ids: an {@link Entity} or {@link EntityScores}; null for an id that is in none.
     */
    List<@Nullable Object> answer(List<String> ids, Ask ask, List<Part> parts) {
        List<@Nullable Object> answers = new ArrayList<>();
        List<ScoresNow.Row> rows = new ArrayList<>();
        Map<Integer, Part> places = new HashMap<>();
        for (String id : ids) {
            Found found = find(id, parts);
            if (found == null) {
                answers.add(null);
            } else {
                switch (ask) {
                    case ENTITY -> answers.add(entity(id, found));
                    case LATEST ->
                        answers.add(new EntityScores(
                                plan.kind().id(), id, ask.word(), source(found.part), lastScores(found.last)));
                    case NOW -> {
                        places.put(answers.size(), found.part);
                        rows.add(row(found));
                        answers.add(id);
                    }
                    case OUTLOOK, FOREMOST -> throw new IllegalArgumentException("that is asked of rooms");
                }
            }
        }
        if (!rows.isEmpty()) {
            List<List<Score>> scores = scoresNow.of(rows);
            int next = 0;
            for (int i = 0; i < answers.size(); i++) {
                Part part = places.get(i);
                if (part != null) {
                    answers.set(
                            i,
                            new EntityScores(
                                    plan.kind().id(), ids.get(i), ask.word(), source(part), scores.get(next++)));
                }
            }
        }
        return answers;
    }

    /** An entity, and the partition it is in. The activity is overwritten by the next one. */
    private record Found(Part part, EntityActivity activity, Optional<LastScores> last) {}

    private @Nullable Found find(String id, List<Part> parts) {
        for (Part part : parts) {
            EntityActivity activity = readers.get().read(part.activity(), id);
            if (activity != null) {
                byte[] last = part.lastScores().get(EntityKey.of(id));
                return new Found(part, activity, Optional.ofNullable(last).flatMap(LastScores::read));
            }
        }
        return null;
    }

    private Source source(Part part) {
        return new Source(part.isCopy() ? "standby" : "active", part.lagRecords(), instance, uncommitted);
    }

    private ScoresNow.Row row(Found found) {
        long asOf = Math.max(wallClockMillis.getAsLong(), found.activity.latestMillis());
        FeatureVector vector = new FeatureVector(plan.schema());
        int end = found.activity.fill(vector, asOf);
        String context = newestContext(found.activity.known(), names(found));
        scoresNow.fillContext(context, asOf, vector, end);
        return new ScoresNow.Row(vector, context, asOf);
    }

    /** By hash the rooms or matches whose names are in what is stored of the entity. */
    private Map<Long, String> names(Found found) {
        Map<Long, String> names = new HashMap<>();
        found.last.ifPresent(last -> {
            last.rows()
                    .forEach(row -> names.put(
                            Hashes.id64(row.moment().contextId()), row.moment().contextId()));
            names.put(Hashes.id64(last.latestContext()), last.latestContext());
        });
        String kept = found.activity.known().latestContext();
        if (kept != null) {
            names.put(Hashes.id64(kept), kept);
        }
        return names;
    }

    private static String newestContext(KnownActivity known, Map<Long, String> names) {
        String kept = known.latestContext();
        if (kept != null) {
            return kept;
        }
        return known.places().isEmpty()
                ? ""
                : names.getOrDefault(known.places().getFirst().hash(), "");
    }

    private Entity entity(String id, Found found) {
        KnownActivity known = found.activity.known();
        long asOf = known.latestMillis();
        FeatureVector vector = new FeatureVector(plan.schema());
        Map<Long, String> names = names(found);
        List<OpenPredictions> open = OpenPredictions.of(found.part.open(), found.part.pending(), id, MOST_SNAPSHOTS);
        open.forEach(snapshot -> names.put(Hashes.id64(snapshot.contextId()), snapshot.contextId()));
        int end = found.activity.fill(vector, asOf);
        scoresNow.fillContext(newestContext(known, names), asOf, vector, end);
        List<Feature> features = new ArrayList<>();
        for (int i = 0; i < dense.size(); i++) {
            features.add(new Feature(dense.get(i).name(), dense.get(i).words(), vector.dense[i]));
        }
        return new Entity(
                plan.kind().id(),
                id,
                source(found.part),
                known(known, names),
                Instant.ofEpochMilli(asOf),
                features,
                open.stream().map(EntityAnswers::snapshot).toList(),
                lastScores(found.last));
    }

    private Known known(KnownActivity known, Map<Long, String> names) {
        long gap = plan.definition().sessionGap().toMillis();
        return new Known(
                Instant.ofEpochMilli(known.firstMillis()),
                Instant.ofEpochMilli(known.latestMillis()),
                known.events(),
                new Session(
                        Instant.ofEpochMilli(known.session().sinceMillis()),
                        known.session().events(),
                        known.session().number()),
                known.places().stream()
                        .map(place -> {
                            boolean staying = place.stayMillis() != Long.MIN_VALUE
                                    && known.latestMillis() - place.lastMillis() <= gap;
                            return new Place(
                                    names.get(place.hash()),
                                    HexFormat.of().toHexDigits(place.hash()),
                                    Instant.ofEpochMilli(place.lastMillis()),
                                    staying,
                                    staying ? Instant.ofEpochMilli(place.stayMillis()) : null,
                                    place.stays());
                        })
                        .toList());
    }

    private static Snapshot snapshot(OpenPredictions of) {
        return new Snapshot(
                of.eventId(),
                of.contextId(),
                Instant.ofEpochMilli(of.asOfMillis()),
                Instant.ofEpochMilli(of.deadlineMillis()),
                of.targets().stream()
                        .map(target ->
                                new SnapshotTarget(target.target(), target.score(), target.decided(), target.model()))
                        .toList());
    }

    /** Those of targets that are still configured. */
    private List<Score> lastScores(Optional<LastScores> last) {
        return last.stream()
                .flatMap(all -> all.rows().stream())
                .flatMap(row -> row.scores().stream()
                        .filter(score -> targets.contains(score.target()))
                        .map(score -> Score.of(row, score)))
                .toList();
    }
}
