package io.livepredict.trainer.learner;

import static io.livepredict.trainer.learner.LearnerFixture.SCHEMA;
import static io.livepredict.trainer.learner.LearnerFixture.TARGETS;
import static io.livepredict.trainer.learner.LearnerFixture.factories;
import static io.livepredict.trainer.learner.LearnerFixture.learner;
import static io.livepredict.trainer.learner.LearnerFixture.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.trainer.evaluation.EvaluationSettings;
import io.livepredict.trainer.publish.GateSettings;
import io.livepredict.trainer.publish.Origin;
import io.livepredict.trainer.publish.PublishSettings;
import io.livepredict.trainer.publish.VersionLedger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class KindLearnerProperties {
    /** One record of the example log. */
    private record Logged(long timestamp, LabelledExample example) {}

    private static KindLearnerSettings settings(int batchSize) {
        return new KindLearnerSettings(
                Kind.VIEWER,
                TARGETS,
                new BatchSettings(batchSize, 50),
                new ContestSettings(
                        new ChampionSettings(0.001, 50, 60, 5),
                        new DriftSettings(true, 0.05, 0, 3, 100),
                        new EvaluationSettings(0.99, 200, 5, 64)),
                new VersionSettings(
                        new PublishSettings(0, 40, 0, 1_000_000),
                        new GateSettings(0.5, 100, 20, 1e-5, 4),
                        new Origin("commit", "hash")),
                new ReplaySettings(2, 30),
                1);
    }

    private static List<Logged> log(long seed, int length) {
        Random random = new Random(seed);
        List<Logged> log = new ArrayList<>();
        long timestamp = 0;
        for (int i = 0; i < length; i++) {
            timestamp += random.nextInt(10);
            LabelledExample example = random(random, i < length / 2 ? 1 : -1);
            if (random.nextInt(4) == 0) {
                splitLabels(log, example);
            }
            if (random.nextInt(20) == 0) {
                example.setFeatureSchema("nobody knows");
            } else if (random.nextInt(20) == 0) {
                example.setDense(java.nio.ByteBuffer.allocate(3));
            }
            log.add(new Logged(timestamp, example));
        }
        return log;
    }

    /** The label of one target in an example of its own, some time before the other's. */
    private static void splitLabels(List<Logged> log, LabelledExample example) {
        int earlier = log.size() - 16;
        if (example.getLabels().size() > 1 && earlier > 0) {
            float[] dense = new float[2];
            FeatureVector.read(example.getDense(), dense);
            LabelledExample first = LearnerFixture.example(
                    SCHEMA,
                    example.getEntityId(),
                    dense,
                    Map.of(TARGETS.get(0), example.getLabels().get(0).getLabel()),
                    0.1,
                    1);
            example.setLabels(List.of(example.getLabels().get(1)));
            log.set(earlier, new Logged(log.get(earlier).timestamp(), first));
        }
    }

    /** Restores a learner and gives it the examples again that it wants, of all partitions, one partition after the other. */
    private static void restore(KindLearner learner, byte[] checkpoint, List<List<Logged>> partitions) {
        learner.restore(checkpoint);
        learner.refillFrom().forEach((partition, from) -> {
            for (long offset = from; offset < learner.offsets().getOrDefault(partition, 0L); offset++) {
                learner.refill(
                        partition,
                        offset,
                        partitions.get(partition).get((int) offset).example());
            }
        });
    }

    @Property(tries = 60)
    void shouldEndWithSameBytesWhenKilledAndRestoredAtRandomPoints(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int batchSize) {
        List<Logged> log = log(seed, 600);
        VersionLedger neverKilledLedger = new VersionLedger();
        KindLearner neverKilled = learner(settings(batchSize), factories(0.5, 0.05), neverKilledLedger);
        for (int i = 0; i < log.size(); i++) {
            neverKilled.accept(0, i, log.get(i).timestamp(), log.get(i).example());
            LearnerFixture.publish(neverKilled, neverKilledLedger, log.get(i).timestamp());
        }

        Random random = new Random(seed + 1);
        // What outlives a kill: the models topic (every version with its hash), the last checkpoint and what was told
        // with it.
        Map<Long, String> topic = new HashMap<>();
        List<Drift> told = new ArrayList<>();
        byte[] checkpoint = null;
        KindLearner killed = null;
        VersionLedger ledger = new VersionLedger();
        int at = 0;
        while (at < log.size()) {
            if (killed == null) {
                ledger = new VersionLedger();
                topic.forEach(ledger::add);
                killed = learner(settings(batchSize), factories(0.5, 0.05), ledger);
                if (checkpoint != null) {
                    restore(killed, checkpoint, List.of(log));
                }
                at = (int) (long) killed.offsets().getOrDefault(0, 0L);
            }
            killed.accept(0, at, log.get(at).timestamp(), log.get(at).example());
            LearnerFixture.publish(killed, ledger, log.get(at).timestamp()).ifPresent(published -> {
                String before = topic.put(
                        published.manifest().version(), published.manifest().sha256());
                assertThat(before).as("version published twice").isNull();
            });
            at++;
            int chance = random.nextInt(100);
            if (chance < 5) {
                checkpoint = killed.state();
                told.addAll(killed.untoldDrifts());
                killed.driftsTold();
            } else if (chance < 8) {
                killed.close();
                killed = null;
            }
        }
        if (killed == null) {
            killed = learner(settings(batchSize), factories(0.5, 0.05), ledger);
            if (checkpoint != null) {
                restore(killed, checkpoint, List.of(log));
            }
            for (int i = (int) (long) killed.offsets().getOrDefault(0, 0L); i < log.size(); i++) {
                killed.accept(0, i, log.get(i).timestamp(), log.get(i).example());
                LearnerFixture.publish(killed, ledger, log.get(i).timestamp())
                        .ifPresent(p ->
                                topic.put(p.manifest().version(), p.manifest().sha256()));
            }
        }

        assertThat(killed.state()).isEqualTo(neverKilled.state());
        told.addAll(killed.untoldDrifts());
        assertThat(told).isEqualTo(neverKilled.untoldDrifts());
        assertThat(told).hasSize((int) killed.status().drift().found());
        assertThat(topic).isEqualTo(neverKilledLedger.versions());
        assertThat(topic).isNotEmpty();
    }

    @Property(tries = 40)
    void shouldTrainEachExampleOnceWhenPartitionsInterleaveAndTheLearnerIsKilled(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 30) int batchSize) {
        Random random = new Random(seed);
        List<List<Logged>> partitions = List.of(log(seed, 150), log(seed + 1, 100), log(seed + 2, 50));
        VersionLedger ledger = new VersionLedger();
        KindLearner learner = learner(settings(batchSize), factories(0.1), ledger);
        byte[] checkpoint = null;
        long[] positions = new long[3];
        long expected = partitions.stream()
                .flatMap(List::stream)
                .filter(l -> l.example().getFeatureSchema().equals(SCHEMA.id())
                        && l.example().getDense().remaining() == 8)
                .count();
        int deaths = 0;
        while (positions[0] < 150 || positions[1] < 100 || positions[2] < 50) {
            int p = random.nextInt(3);
            if (positions[p] < partitions.get(p).size()) {
                Logged next = partitions.get(p).get((int) positions[p]);
                learner.accept(p, positions[p]++, next.timestamp(), next.example());
            }
            int chance = random.nextInt(100);
            if (chance < 4) {
                checkpoint = learner.state();
            } else if (chance < 6 && deaths++ < 20) {
                learner.close();
                learner = learner(settings(batchSize), factories(0.1), ledger);
                if (checkpoint != null) {
                    restore(learner, checkpoint, partitions);
                }
                for (int i = 0; i < 3; i++) {
                    positions[i] = learner.offsets().getOrDefault(i, 0L);
                }
            } else if (chance < 8) {
                // Closing by wall clock moves batch boundaries, but must not lose or double an example.
                learner.closeBatch();
            }
        }
        learner.closeBatch();

        assertThat(learner.examples()).isEqualTo(expected);
        assertThat(learner.offsets()).isEqualTo(Map.of(0, 150L, 1, 100L, 2, 50L));
    }

    @Property(tries = 40)
    void shouldIgnoreOffsetsThatWereTakenBefore(@ForAll long seed) {
        List<Logged> log = log(seed, 200);
        KindLearner once = learner(settings(7), factories(0.1), new VersionLedger());
        KindLearner twice = learner(settings(7), factories(0.1), new VersionLedger());
        for (int i = 0; i < log.size(); i++) {
            once.accept(0, i, log.get(i).timestamp(), log.get(i).example());
            twice.accept(0, i, log.get(i).timestamp(), log.get(i).example());
            int again = Math.max(0, i - 3);
            twice.accept(0, again, log.get(again).timestamp(), log.get(again).example());
        }
        assertThat(twice.state()).isEqualTo(once.state());
    }
}
