package io.livepredict.deploy.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.model.SigningKey;
import io.livepredict.trainer.learner.KindTrainer;
import io.livepredict.trainer.learner.Readiness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trainer waits for brokers that stand still or are gone, says so, and goes on without losing or doubling an example. */
class TrainerOutageIT {
    private static final Duration SOON = Duration.ofSeconds(90);

    @TempDir
    Path directory;

    private TrainingGround ground(BrokerProcess broker, Map<String, String> kafka) {
        TrainingGround ground =
                new TrainingGround(broker.bootstrapServers(), "outage", 2, SigningKey.generate(), kafka);
        ground.createTopics();
        ground.announceSchema();
        return ground;
    }

    @Test
    void shouldGoOnFromItsLastCommitWhenACommitTimesOut() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            // The wait for a commit ends long before the pause does.
            TrainingGround ground = ground(broker, Map.of("max.block.ms", "1500"));
            try (KindTrainer trainer = ground.trainer(false, published -> {})) {
                trainer.start();
                ground.produce(1, 500, 2);
                await().atMost(SOON).until(() -> examples(trainer) == 500);
                pauseInTheMidstOfLearning(broker, ground, trainer, 1);
                await().atMost(SOON).until(() -> trainer.transport().restarts() >= 1);
                assertWaits(broker, trainer);
                broker.resume();
                assertGoesOn(ground, trainer, 2_500);
            }
        }
    }

    @Test
    void shouldWaitForABrokerThatIsKilledAndComesBack() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            TrainingGround ground = ground(broker, Map.of());
            try (KindTrainer trainer = ground.trainer(false, published -> {})) {
                trainer.start();
                ground.produce(1, 500, 2);
                await().atMost(SOON).until(() -> examples(trainer) == 500);
                broker.kill();
                await().atMost(SOON).until(() -> trainer.readiness().words().startsWith("waits for Kafka"));
                assertWaits(broker, trainer);
                broker.start();
                await().atMost(SOON).until(() -> trainer.readiness().ready());
                assertGoesOn(ground, trainer, 500);
            }
        }
    }

    @Test
    @Tag("soak")
    void shouldGoOnAfterBrokersStoodStillForLongerThanATransactionMayTake() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            TrainingGround ground = ground(broker, Map.of());
            try (KindTrainer trainer = ground.trainer(false, published -> {})) {
                trainer.start();
                ground.produce(1, 500, 2);
                await().atMost(SOON).until(() -> examples(trainer) == 500);
                for (int pause = 1; pause <= 3; pause++) {
                    pauseInTheMidstOfLearning(broker, ground, trainer, pause);
                    long stopped = System.nanoTime();
                    await().atMost(SOON).until(() -> System.nanoTime() - stopped > 75_000_000_000L);
                    assertWaits(broker, trainer);
                    broker.resume();
                    assertGoesOn(ground, trainer, 500 + 2_000 * pause);
                }
            }
        }
    }

    @Test
    @Tag("soak")
    void shouldSayThatItsThreadHangs() throws Exception {
        CountDownLatch hung = new CountDownLatch(1);
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            TrainingGround ground = ground(broker, Map.of());
            try (KindTrainer trainer = ground.trainer(false, published -> awaitUninterruptibly(hung))) {
                trainer.start();
                ground.produce(1, 500, 2);
                await().atMost(SOON).until(() -> trainer.readiness().words().startsWith("has hung for "));
                assertThat(trainer.readiness().ready()).isFalse();
                hung.countDown();
                assertGoesOn(ground, trainer, 500);
            }
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pauseInTheMidstOfLearning(
            BrokerProcess broker, TrainingGround ground, KindTrainer trainer, int round) throws Exception {
        long published = trainer.transport().published();
        ground.produce(1 + round, 2_000, 2);
        await().pollInterval(Duration.ofMillis(2))
                .atMost(SOON)
                .until(() -> trainer.transport().published() > published);
        broker.pause();
    }

    private static void assertWaits(BrokerProcess broker, KindTrainer trainer) {
        Readiness readiness = trainer.readiness();
        assertThat(readiness.ready()).as(readiness.words()).isFalse();
        assertThat(readiness.words())
                .contains("Kafka at " + broker.bootstrapServers())
                .doesNotContain("\n");
        assertThat(trainer.finished()).isNotDone();
    }

    /** All that was sent is learned from once, all versions were published once, and what comes next is learned from too. */
    private static void assertGoesOn(TrainingGround ground, KindTrainer trainer, int sent) {
        await().atMost(SOON).until(() -> examples(trainer) == sent);
        assertThat(trainer.finished()).isNotDone();
        await().atMost(SOON).until(() -> trainer.readiness().ready());
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(ground.checkpointed().values().stream()
                                .mapToLong(Long::longValue)
                                .sum())
                        .isEqualTo(sent));
        assertThat(ground.published()).isNotEmpty();
        assertThat(ground.published().values()).allMatch(times -> times == 1);
    }

    private static long examples(KindTrainer trainer) {
        return trainer.status().map(status -> status.examples()).orElse(0L);
    }
}
