package io.livepredict.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BacktestCommandTest {
    private static final Path EXAMPLES = Path.of("../examples");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void shouldFailWhenNothingCouldBeUsedAndSayWhatIsWrongWithTheTimes() throws IOException {
        StringBuilder rows = new StringBuilder("ts,player,score\n");
        for (int i = 0; i < 20; i++) {
            rows.append(1_421_157_288_000L + i * 20_000)
                    .append(",p1,0\n"); // milliseconds, where the mapping says seconds
        }
        StringWriter said = new StringWriter();
        assertThat(run(rows.toString(), said)).isEqualTo(1);
        assertThat(said.toString())
                .contains("the log begins with 20 events from the year 47,0")
                .contains("nothing could be used: 20 rows gave 20 events, and none was valid; times are after 2100")
                .contains("time.unit");
    }

    @Test
    void shouldSucceedWhenSomethingCouldBeUsed() throws IOException {
        StringWriter said = new StringWriter();
        assertThat(run("ts,player,score\n1421157288,p1,0\n1421157320,p1,7\n", said))
                .as(said.toString())
                .isZero();
        assertThat(said.toString()).contains("2 events from 2015-01-13T13:54:48Z to 2015-01-13T13:55:20Z (32 s)");
    }

    private int run(String rows, StringWriter said) throws IOException {
        Path log = Files.writeString(directory.resolve("plays.csv"), rows);
        return new CommandLine(new BacktestCommand())
                .setErr(new PrintWriter(said, true))
                .setOut(new PrintWriter(said, true))
                .execute(
                        "--replay", log.toString(),
                        "--mapping", EXAMPLES.resolve("dodgemud.mapping.yaml").toString(),
                        "--targets", EXAMPLES.resolve("dodgemud.targets.yaml").toString());
    }
}
