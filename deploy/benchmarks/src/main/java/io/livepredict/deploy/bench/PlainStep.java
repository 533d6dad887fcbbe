package io.livepredict.deploy.bench;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.ScoringException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.state.WindowStore;

/** The step of {@link PlainFlow} after its windows: features, one call of the model, snapshots and their labels. */
final class PlainStep implements Processor<String, CanonicalEvent, String, SpecificRecord> {
    private static final Duration SWEEP = Duration.ofSeconds(1);

    private final Wiring wiring;
    private final FeatureVector vector;
    private final FeatureVector[] row;
    private final float[] scores;
    private final List<String> targetDefinitions;
    private final ActiveModel.Lease lease;
    private final Scorer scorer;
    private final ModelIdentity model;
    private final List<Window> windows = new ArrayList<>();
    private final Map<Long, List<Integer>> byHorizon = new TreeMap<>();
    private ProcessorContext<String, SpecificRecord> context;
    private KeyValueStore<String, byte[]> pending;
    private long newestMillis = Long.MIN_VALUE / 2;

    /** What it is made from. */
    record Wiring(
            KindDefinition definition,
            FeatureSchema schema,
            List<Target> targets,
            ActiveModel active,
            long graceMillis,
            String windowStores,
            String pendingStore) {}

    /** One window's store, and to which feature each of its sums goes (-1: to none). */
    private record Window(WindowStore<String, ValueAndTimestamp<double[]>> store, long millis, int[] features) {}

    @SuppressWarnings("NullAway.Init") // Kafka Streams calls init first
    PlainStep(Wiring wiring) {
        this.wiring = wiring;
        vector = new FeatureVector(wiring.schema);
        row = new FeatureVector[] {vector};
        scores = new float[wiring.targets.size()];
        targetDefinitions = wiring.targets.stream().map(Target::definition).toList();
        lease = wiring.active.lease();
        model = lease.model().identity();
        scorer = lease.model().newScorer(1, new DirectBuffers());
        for (int t = 0; t < wiring.targets.size(); t++) {
            byHorizon
                    .computeIfAbsent(wiring.targets.get(t).within().toMillis(), absent -> new ArrayList<>())
                    .add(t);
        }
    }

    @Override
    public void init(ProcessorContext<String, SpecificRecord> its) {
        context = its;
        pending = its.getStateStore(wiring.pendingStore);
        for (Duration window : wiring.definition.windows()) {
            windows.add(new Window(
                    its.getStateStore(wiring.windowStores + window.toSeconds()), window.toMillis(), features(window)));
        }
        its.schedule(SWEEP, PunctuationType.WALL_CLOCK_TIME, now -> sweep());
    }

    private int[] features(Duration window) {
        String suffix = window.toSeconds() < 60 ? window.toSeconds() + "s" : window.toMinutes() + "m";
        List<String> names = new ArrayList<>();
        wiring.definition.eventTypes().forEach(type -> names.add("count." + type + "." + suffix));
        wiring.definition.numbers().keySet().forEach(number -> names.add("sum." + number + "." + suffix));
        List<String> all = wiring.schema.dense().stream().map(f -> f.name()).toList();
        return names.stream().mapToInt(all::indexOf).toArray();
    }

    @Override
    public void process(Record<String, CanonicalEvent> record) {
        CanonicalEvent event = record.value();
        newestMillis = Math.max(newestMillis, event.timeMillis());
        fill(record.key(), event.timeMillis());
        predict(record);
        List<Open> open = Open.read(pending.get(record.key()));
        boolean changed = close(record.key(), open, record.timestamp());
        changed |= answer(event, open);
        changed |= snapshot(event, open);
        if (changed) {
            pending.put(record.key(), Open.write(open));
        }
    }

    private void fill(String key, long timeMillis) {
        for (Window window : windows) {
            ValueAndTimestamp<double[]> sums = window.store.fetch(key, timeMillis - timeMillis % window.millis);
            for (int i = 0; i < window.features.length; i++) {
                if (window.features[i] >= 0) {
                    vector.dense[window.features[i]] = sums == null ? 0 : (float) sums.value()[i];
                }
            }
        }
    }

    private void predict(Record<String, CanonicalEvent> record) {
        CanonicalEvent event = record.value();
        try {
            scorer.score(row, 1, scores);
        } catch (ScoringException e) {
            throw new IllegalStateException(e);
        }
        for (int t = 0; t < scores.length; t++) {
            Target target = wiring.targets.get(t);
            if (target.predictOn().contains(event.type())) {
                context.forward(record.withValue(Prediction.newBuilder()
                        .setKind(target.kind().id())
                        .setEntityId(record.key())
                        .setContextId(event.contextId())
                        .setEventId(event.eventId())
                        .setEventType(event.type())
                        .setEventTime(Instant.ofEpochMilli(event.timeMillis()))
                        .setTarget(target.name())
                        .setScore(scores[t])
                        .setModelName(model.name())
                        .setModelVersion(model.version())
                        .setModelHash(model.sha256())
                        .setScoredAt(Instant.ofEpochMilli(context.currentSystemTimeMs()))
                        .build()));
            }
        }
    }

    /** Emits and drops those whose horizon is over; returns whether there were any. */
    private boolean close(String key, List<Open> open, long timestamp) {
        boolean any = false;
        for (Iterator<Open> each = open.iterator(); each.hasNext(); ) {
            Open one = each.next();
            if (one.asOf + one.horizon < newestMillis - wiring.graceMillis) {
                context.forward(new Record<>(key, example(key, one), timestamp));
                each.remove();
                any = true;
            }
        }
        return any;
    }

    private boolean answer(CanonicalEvent event, List<Open> open) {
        boolean any = false;
        for (Open one : open) {
            if (event.timeMillis() <= one.asOf || event.timeMillis() > one.asOf + one.horizon) {
                continue;
            }
            for (int t : byHorizon.getOrDefault(one.horizon, List.of())) {
                Target target = wiring.targets.get(t);
                boolean here = target.scope() == Target.Scope.ANYWHERE
                        || event.contextId().equals(one.contextId);
                if (here && (one.happened & 1L << t) == 0 && target.eventTypes().contains(event.type())) {
                    one.happened |= 1L << t;
                    any = true;
                }
            }
        }
        return any;
    }

    private boolean snapshot(CanonicalEvent event, List<Open> open) {
        boolean any = false;
        for (Map.Entry<Long, List<Integer>> entry : byHorizon.entrySet()) {
            Target first = wiring.targets.get(entry.getValue().get(0));
            long since = event.timeMillis() - first.atMostEvery().toMillis();
            if (first.snapshotOn().contains(event.type())
                    && open.stream()
                            .noneMatch(one -> one.horizon == entry.getKey()
                                    && one.contextId.equals(event.contextId())
                                    && one.asOf > since)) {
                open.add(new Open(
                        event.timeMillis(),
                        entry.getKey(),
                        0,
                        Objects.requireNonNull(event.eventId()),
                        event.contextId(),
                        scores.clone(),
                        vector.dense.clone()));
                any = true;
            }
        }
        return any;
    }

    private LabelledExample example(String key, Open one) {
        List<TargetLabel> labels = new ArrayList<>();
        for (int t : byHorizon.getOrDefault(one.horizon, List.of())) {
            Target target = wiring.targets.get(t);
            boolean happened = (one.happened & 1L << t) != 0;
            labels.add(new TargetLabel(
                    target.name(),
                    targetDefinitions.get(t),
                    happened == (target.outcome() == Target.Outcome.ANY_OF) ? 1.0 : 0.0,
                    (double) one.scores[t],
                    false));
        }
        return new LabelledExample(
                key,
                one.contextId,
                one.eventId,
                one.asOf,
                one.asOf,
                one.horizon,
                wiring.schema.id(),
                ByteBuffer.wrap(FeatureVector.bytes(one.dense)),
                ByteBuffer.wrap(FeatureVector.bytes(vector.sequenceTypes)),
                ByteBuffer.wrap(FeatureVector.bytes(vector.sequenceGaps)),
                ByteBuffer.wrap(FeatureVector.bytes(vector.ids)),
                labels,
                model.version(),
                model.sha256(),
                context.currentSystemTimeMs());
    }

    /** Entities that fell silent have labels too. */
    private void sweep() {
        List<KeyValue<String, byte[]>> rewritten = new ArrayList<>();
        try (KeyValueIterator<String, byte[]> all = pending.all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> each = all.next();
                List<Open> open = Open.read(each.value);
                if (close(each.key, open, context.currentSystemTimeMs())) {
                    rewritten.add(KeyValue.pair(each.key, Open.write(open)));
                }
            }
        }
        rewritten.forEach(each -> pending.put(each.key, each.value));
    }

    @Override
    public void close() {
        scorer.close();
        lease.close();
    }

    /** A snapshot that awaits the end of its horizon. */
    private static final class Open {
        final long asOf;
        final long horizon;
        long happened;
        final String eventId;
        final String contextId;
        final float[] scores;
        final float[] dense;

        Open(long asOf, long horizon, long happened, String eventId, String contextId, float[] scores, float[] dense) {
            this.asOf = asOf;
            this.horizon = horizon;
            this.happened = happened;
            this.eventId = eventId;
            this.contextId = contextId;
            this.scores = scores;
            this.dense = dense;
        }

        static List<Open> read(byte @org.jspecify.annotations.Nullable [] bytes) {
            List<Open> open = new ArrayList<>();
            if (bytes == null) {
                return open;
            }
            ByteBuffer in = ByteBuffer.wrap(bytes);
            while (in.hasRemaining()) {
                open.add(
                        new Open(in.getLong(), in.getLong(), in.getLong(), text(in), text(in), floats(in), floats(in)));
            }
            return open;
        }

        /** Null, which deletes the entry, when there are none. */
        static byte @org.jspecify.annotations.Nullable [] write(List<Open> open) {
            if (open.isEmpty()) {
                return null;
            }
            int size = 0;
            List<byte[]> texts = new ArrayList<>();
            for (Open one : open) {
                byte[] event = one.eventId.getBytes(java.nio.charset.StandardCharsets.UTF_8);
                byte[] room = one.contextId.getBytes(java.nio.charset.StandardCharsets.UTF_8);
                texts.add(event);
                texts.add(room);
                size += 24 + 16 + event.length + room.length + 4 * (one.scores.length + one.dense.length);
            }
            ByteBuffer out = ByteBuffer.allocate(size);
            for (int i = 0; i < open.size(); i++) {
                Open one = open.get(i);
                out.putLong(one.asOf).putLong(one.horizon).putLong(one.happened);
                for (byte[] text : texts.subList(2 * i, 2 * i + 2)) {
                    out.putInt(text.length).put(text);
                }
                for (float[] values : List.of(one.scores, one.dense)) {
                    out.putInt(values.length);
                    for (float value : values) {
                        out.putFloat(value);
                    }
                }
            }
            return out.array();
        }

        private static String text(ByteBuffer in) {
            byte[] bytes = new byte[in.getInt()];
            in.get(bytes);
            return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
        }

        private static float[] floats(ByteBuffer in) {
            float[] values = new float[in.getInt()];
            in.asFloatBuffer().get(values);
            in.position(in.position() + values.length * Float.BYTES);
            return values;
        }
    }
}
