package io.livepredict.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.streams.step.NodeNames;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * An installation that nobody looks after. Every night both programs are restarted, every other time without a last commit;
 * every month features and targets change, first in the app and a day later in the trainer; every week the brokers are away for
 * hours, and once somebody publishes a model that must not be served; viewers come and never come back, and habits change. All
 * accounts are exact in the end, and nothing has grown but what was asked for.
 */
class SimulatedYearTest {
    private static final int VISITS_A_DAY = 12;
    private static final List<BadModel> BAD = List.of(BadModel.values());
    /** One of each layout that values may have, and how far the source has come. */
    private static final int MOST_DEFINITIONS = 6;
    /** A chunk and a manifest of each of the twenty that are kept, and of those that are still to be retired. */
    private static final int RECORDS_OF_VERSIONS = 100;

    private static final int RECORDS_OF_AN_OFFER = 3;
    private static final NodeNames NAMES = new NodeNames(Kind.VIEWER);

    @Test
    void shouldGoThroughSomeWeeksUnattended() throws Exception {
        live(1, 20);
    }

    @Test
    @Tag("soak")
    void shouldGoThroughAYearUnattended() throws Exception {
        live(Long.getLong("seed", 2), 365);
    }

    private static void live(long seed, int days) throws Exception {
        Random random = new Random(seed);
        List<CanonicalEvent> events = TestLogs.days(seed, days, VISITS_A_DAY);
        try (SimulatedLoop loop = new SimulatedLoop(events, Installed.any(random))) {
            for (int day = 0; day < days; day++) {
                long midnight = TestLogs.START + (day + 1) * TestLogs.DAY_MILLIS;
                boolean outage = day % 7 == 3;
                liveUntil(loop, outage ? midnight - TestLogs.DAY_MILLIS / 3 : midnight, random);
                loop.passUntil(midnight); // what came during an outage is read on the next day
                if (day % 7 == 5) {
                    loop.offer(BAD.get(day / 7 % BAD.size()), false);
                }
                if (day % 2 == 0 && !outage) {
                    loop.commit();
                    loop.checkpoint();
                }
                loop.restartApp(day % 30 == 15 ? Installed.any(random) : loop.installed());
                loop.restartTrainer(day % 30 == 16 ? loop.installed() : loop.taught());
                assertBounded(loop, day);
            }
            liveUntil(loop, Long.MAX_VALUE, random);
            loop.commit();
            loop.checkLearning();
            assertThat(loop.good).hasSizeGreaterThan(days / 20);
            SimulatedHistoriesTest.agree(loop, events);
        }
    }

    private static void liveUntil(SimulatedLoop loop, long until, Random random) {
        while (loop.hasNext() && loop.nextMillis() < until) {
            loop.next();
            if (random.nextInt(4) == 0) {
                loop.commit();
                loop.learn(random.nextInt(30));
            }
            if (random.nextInt(40) == 0) {
                loop.checkpoint();
            }
        }
    }

    /** Whoever has not come for a month is forgotten, nothing waits for long, old versions are retired. */
    private static void assertBounded(SimulatedLoop loop, int day) {
        assertThat(entries(loop, NAMES.activity()))
                .as("entities and definitions")
                .isLessThanOrEqualTo(TestLogs.REGULARS + 3 * TestLogs.OTHERS + MOST_DEFINITIONS);
        assertThat(entries(loop, NAMES.openStore())).as("open").isLessThan(TestLogs.REGULARS + TestLogs.OTHERS + 1);
        assertThat(entries(loop, NAMES.pendingStore())).as("pending").isLessThan(50);
        assertThat(loop.models)
                .as("records of models; what was offered is nobody's to retire")
                .hasSizeLessThan(RECORDS_OF_VERSIONS + (day / 7 + 1) * RECORDS_OF_AN_OFFER);
        byte[] checkpoint = loop.checkpoint;
        assertThat(checkpoint == null ? 0 : checkpoint.length).as("checkpoint").isLessThan(200_000);
        if (day % 91 == 90) {
            System.out.printf(
                    "day %d: %d entities, %d records of models, checkpoint of %d bytes%n",
                    day + 1,
                    entries(loop, NAMES.activity()),
                    loop.models.size(),
                    checkpoint == null ? 0 : checkpoint.length);
        }
    }

    private static int entries(SimulatedLoop loop, String store) {
        return loop.changelogs.getOrDefault(store, Map.of()).size();
    }
}
