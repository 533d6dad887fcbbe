package io.livepredict.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.Kind;
import io.livepredict.deploy.backtest.BacktestConfig;
import io.livepredict.deploy.backtest.BacktestConfigBuilder;
import io.livepredict.deploy.bench.SimulatedLooks.Row;
import io.livepredict.trainer.config.LearnerEntry;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulatedLooksTest {
    /** Looks that were taken when label time passes them only would be more often of those who stay silent. */
    @Test
    void shouldLookAtNobodyBecauseOfWhatComes() {
        // Who is looked at does not depend on what is learned.
        BacktestConfig config = BacktestConfigBuilder.builder(SimulatedRun.live())
                .learners(List.of(LearnerEntry.of(LearnerEntry.Family.LOGISTIC)))
                .build();
        List<Row> rows = new SimulatedLooks(Kind.VIEWER, 3, 100, Duration.ofSeconds(120), config)
                .run(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), () -> 0L);
        assertThat(rows.stream().filter(Row::look))
                .hasSize(4)
                .allSatisfy(row -> assertThat(row.n()).isGreaterThan(100))
                .allSatisfy(row ->
                        assertThat(Math.abs(row.positive() - row.expected())).isLessThan(4 * row.error()));
    }
}
