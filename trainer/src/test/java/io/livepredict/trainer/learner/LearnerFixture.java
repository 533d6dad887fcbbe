package io.livepredict.trainer.learner;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Scale;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import io.livepredict.trainer.family.BatchLayout;
import io.livepredict.trainer.family.ModelState;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.VersionLedger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A small world to learn: two features, two targets, schemas by hand. */
final class LearnerFixture {
    static final Target LEAVE = target("leave", Set.of("LEAVE"));
    static final Target CHAT = target("chat", Set.of("CHAT"));
    static final List<Target> TARGETS = List.of(LEAVE, CHAT);
    static final FeatureSchema SCHEMA = schema("a", "b");

    private LearnerFixture() {}

    static Target target(String name, Set<String> types) {
        return TargetBuilder.builder()
                .name(name)
                .kind(Kind.VIEWER)
                .outcome(Target.Outcome.ANY_OF)
                .eventTypes(types)
                .within(Duration.ofSeconds(30))
                .scope(Target.Scope.SAME_CONTEXT)
                .predictOn(Set.of("JOIN", "CHAT"))
                .snapshotOn(Set.of("JOIN"))
                .atMostEvery(Duration.ZERO)
                .prior(0.1)
                .build();
    }

    static FeatureSchema schema(String... names) {
        List<DenseFeature> dense = new ArrayList<>();
        for (String name : names) {
            dense.add(new DenseFeature(name, name + " in words", Scale.PLAIN, "definition of " + name));
        }
        return new FeatureSchema(Kind.VIEWER, dense, List.of("JOIN", "CHAT", "LEAVE"), 0, "", List.of());
    }

    /** Schemas by id; each announced later than the one before. */
    static final class Schemas implements SchemaSource {
        private final Map<String, Announced> known = new HashMap<>();

        Schemas(FeatureSchema... schemas) {
            for (FeatureSchema schema : schemas) {
                announce(schema);
            }
        }

        void announce(FeatureSchema schema) {
            known.put(schema.id(), new Announced(schema, known.size()));
        }

        @Override
        public @Nullable Announced find(String id) {
            return known.get(id);
        }
    }

    /** Plain logistic learners of these rates, named by them. */
    static List<LearnerFactory> factories(double... rates) {
        return Arrays.stream(rates).<LearnerFactory>mapToObj(Logistic::new).toList();
    }

    private record Logistic(double rate) implements LearnerFactory {
        @Override
        public String name() {
            return "logistic-" + rate;
        }

        @Override
        public String fingerprint() {
            return "plain logistic " + rate;
        }

        @Override
        public boolean rehearses() {
            return true;
        }

        @Override
        public TrainableModel create(BatchLayout layout, int batchCapacity, long seed) {
            return new PlainLogistic(
                    layout.schema().dense().size(), layout.targets().size(), rate);
        }

        @Override
        public ModelState migrate(ModelState old, BatchLayout from, BatchLayout to, long seed) {
            List<DenseFeature> inputs = to.schema().dense();
            List<Target> targets = to.targets();
            float[] before =
                    Objects.requireNonNull(old.tensors().get("weights")).values();
            float[] after = new float[(inputs.size() + 1) * targets.size()];
            for (int i = 0; i <= inputs.size(); i++) {
                int oldRow = i == inputs.size()
                        ? from.schema().dense().size()
                        : from.schema().dense().indexOf(inputs.get(i));
                for (int t = 0; t < targets.size() && oldRow >= 0; t++) {
                    int oldTarget = from.targets().indexOf(targets.get(t));
                    if (oldTarget >= 0) {
                        after[i * targets.size() + t] =
                                before[oldRow * from.targets().size() + oldTarget];
                    }
                }
            }
            return new ModelState(Map.of(
                    "weights", new ModelState.Tensor(new long[] {inputs.size() + 1, targets.size()}, after)));
        }
    }

    static KindLearner learner(KindLearnerSettings settings, List<LearnerFactory> learners, VersionLedger ledger) {
        return new KindLearner(settings, learners, PlainLogistic::load, new Schemas(SCHEMA), ledger);
    }

    /** An example; labels by target name. */
    static LabelledExample example(
            FeatureSchema schema,
            String entity,
            float[] dense,
            Map<Target, Double> labels,
            double served,
            long version) {
        List<TargetLabel> list = new ArrayList<>();
        labels.forEach(
                (target, label) -> list.add(new TargetLabel(target.name(), target.definition(), label, served, false)));
        return LabelledExample.newBuilder()
                .setEntityId(entity)
                .setContextId("room")
                .setEventId("e" + Arrays.hashCode(dense))
                .setEventTime(0)
                .setAsOf(0)
                .setHorizonMs(30_000)
                .setFeatureSchema(schema.id())
                .setDense(ByteBuffer.wrap(FeatureVector.bytes(dense)))
                .setSequenceTypes(ByteBuffer.allocate(0))
                .setSequenceGaps(ByteBuffer.allocate(0))
                .setIds(ByteBuffer.allocate(0))
                .setLabels(list)
                .setModelVersion(version)
                .setModelHash("")
                .setEmittedAt(1_000)
                .build();
    }

    /** A random example whose first label follows sign · 3 · first feature, whose second is a coin of 0.2. */
    static LabelledExample random(Random random, double sign) {
        float[] dense = {(float) random.nextGaussian(), (float) random.nextGaussian()};
        double leave = 1 / (1 + Math.exp(-sign * 3 * dense[0]));
        Map<Target, Double> labels = new java.util.LinkedHashMap<>();
        labels.put(LEAVE, random.nextDouble() < leave ? 1.0 : 0.0);
        if (random.nextInt(4) > 0) {
            labels.put(CHAT, random.nextDouble() < 0.2 ? 1.0 : 0.0);
        }
        return example(SCHEMA, "viewer-" + random.nextInt(50), dense, labels, 0.1, random.nextInt(3));
    }

    /** Publishes what is due into the ledger, as the owner of a learner does. */
    static Optional<Published> publish(KindLearner learner, VersionLedger ledger, long nowMillis) {
        Optional<Published> published = learner.maybePublish(nowMillis);
        published.ifPresent(p -> ledger.add(p.manifest().version(), p.manifest().sha256()));
        return published;
    }
}
