package io.livepredict.trainer.family;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Scale;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Schemas, targets and generated examples. */
final class Fixtures {
    private static final List<Scale> SCALES = List.of(Scale.COUNT, Scale.SECONDS, Scale.AMOUNT, Scale.PLAIN);

    private Fixtures() {}

    static FeatureSchema schema(int dense, int sequence, int ids) {
        List<DenseFeature> features = new ArrayList<>();
        for (int i = 0; i < dense; i++) {
            features.add(feature("f" + i, SCALES.get(i % 4)));
        }
        List<IdFeature> hashed = new ArrayList<>();
        for (int i = 0; i < ids; i++) {
            hashed.add(new IdFeature("id" + i, "id " + i, 16 << i, "def-id" + i));
        }
        return new FeatureSchema(
                Kind.VIEWER, features, List.of("JOIN", "CHAT", "GIFT", "LEAVE"), sequence, "seq", hashed);
    }

    static DenseFeature feature(String name, Scale scale) {
        return new DenseFeature(name, name + " in words", scale, "def-" + name);
    }

    static Target binary(String name, double prior) {
        return target(name, Target.Outcome.ANY_OF, null, prior);
    }

    static Target sum(String name, double prior) {
        return target(name, Target.Outcome.SUM_OF, "value", prior);
    }

    private static Target target(String name, Target.Outcome outcome, @Nullable String number, double prior) {
        return TargetBuilder.builder()
                .name(name)
                .kind(Kind.VIEWER)
                .outcome(outcome)
                .eventTypes(Set.of("GIFT"))
                .number(number)
                .within(Duration.ofSeconds(30))
                .scope(Target.Scope.SAME_CONTEXT)
                .predictOn(Set.of("CHAT"))
                .snapshotOn(Set.of("CHAT"))
                .atMostEvery(Duration.ZERO)
                .prior(prior)
                .build();
    }

    static ExampleBatch batch(FeatureSchema schema, int targets, int capacity) {
        return new ExampleBatch(capacity, schema, targets);
    }

    /** Random rows whose labels depend on the features. */
    static void fill(
            ExampleBatch batch, FeatureSchema schema, List<Target> targets, int size, SplittableRandom random) {
        batch.clear();
        batch.size = size;
        for (int row = 0; row < size; row++) {
            double signal = 0;
            for (int i = 0; i < batch.denseWidth; i++) {
                double raw = random.nextGaussian();
                double value = switch (schema.dense().get(i).scale()) {
                    case COUNT -> Math.floor(Math.abs(raw) * 5);
                    case SECONDS -> Math.abs(raw) * 100;
                    case AMOUNT -> raw * 50;
                    case PLAIN -> raw * 0.2 + 0.5;
                };
                batch.dense[row * batch.denseWidth + i] = (float) value;
                signal += (i % 3 - 1) * raw;
            }
            for (int i = 0; i < batch.sequenceLength; i++) {
                boolean padding = i < row % 3;
                int type = padding ? 0 : 1 + random.nextInt(schema.eventTypes().size());
                batch.sequenceTypes[row * batch.sequenceLength + i] = type;
                batch.sequenceGaps[row * batch.sequenceLength + i] = padding ? 0f : random.nextInt(100) / 50f;
                signal += type == 2 ? 0.3 : 0;
            }
            for (int i = 0; i < batch.idWidth; i++) {
                int id = random.nextInt(schema.ids().get(i).buckets());
                batch.ids[row * batch.idWidth + i] = id;
                signal += id % 2 == 0 ? 0.5 : -0.5;
            }
            for (int t = 0; t < batch.targets; t++) {
                boolean positive = random.nextDouble() < 1 / (1 + Math.exp(-signal + t));
                int cell = row * batch.targets + t;
                batch.labels[cell] = targets.get(t).isBinary() ? (positive ? 1f : 0f) : (float) (100 + 20 * signal);
                batch.mask[cell] = random.nextInt(4) == 0 ? 0f : 1f;
                if (batch.mask[cell] == 0f) {
                    batch.labels[cell] = 0f;
                }
            }
        }
    }
}
