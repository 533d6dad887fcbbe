package io.livepredict.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

    @Test
    void shouldRefuseAMappingThatMakesATypeWhichNobodyDeclared() throws IOException {
        String mapping = "{kind: player, time: {column: ts, unit: seconds}, id: player,"
                + " type: {column: what, map: {end: MATCH_EMD}}}";
        StringWriter said = new StringWriter();
        String rows = "ts,player,what\n1421157288,p1,end\n1421157320,p1,end\n";
        assertThat(run(rows, mapping, said)).isNotZero();
        assertThat(said.toString())
                .contains("the mapping makes MATCH_EMD, which is not an event type of player; did you mean MATCH_END?");
        StringWriter declared = new StringWriter();
        assertThat(run(rows, mapping.replace("kind: player,", "kind: player, new-types: [MATCH_EMD],"), declared))
                .as(declared.toString())
                .isZero();
    }

    @Test
    void shouldCountRowsAndValuesLeftOutByColumn() throws IOException {
        Path report = directory.resolve("report.json");
        StringWriter said = new StringWriter();
        Path log = Files.writeString(
                directory.resolve("plays.csv"),
                "ts,player,score\n1421157288,p1,many\nnoon,p1,7\nevening,p1,7\n1421157320,,7\n1421157321,p2,1\n");
        assertThat(new CommandLine(new BacktestCommand())
                        .setErr(new PrintWriter(said, true))
                        .setOut(new PrintWriter(said, true))
                        .execute(
                                "--replay", log.toString(),
                                "--mapping",
                                        EXAMPLES.resolve("dodgemud.mapping.yaml")
                                                .toString(),
                                "--targets",
                                        EXAMPLES.resolve("dodgemud.targets.yaml")
                                                .toString(),
                                "--report", report.toString()))
                .as(said.toString())
                .isZero();
        JsonNode json = new ObjectMapper().readTree(report.toFile());
        assertThat(json.at("/rows_left_out_by_column").toString()).isEqualTo("{\"player\":1,\"ts\":2}");
        assertThat(json.at("/values_left_out").toString()).isEqualTo("{\"score\":1}");
    }

    @Test
    void shouldLookAtThosePlayersWhoAreSilentAsTheExampleSays() throws IOException {
        Path log = Files.writeString(
                directory.resolve("plays.csv"), "ts,player,score\n0,p1,1\n100,p2,1\n30000,p1,2\n400000,p2,3\n");
        Path report = directory.resolve("report.json");
        StringWriter said = new StringWriter();
        assertThat(new CommandLine(new BacktestCommand())
                        .setErr(new PrintWriter(said, true))
                        .setOut(new PrintWriter(said, true))
                        .execute(
                                "--replay", log.toString(),
                                "--mapping", example("dodgemud.mapping.yaml"),
                                "--targets", example("dodgemud-looks.targets.yaml"),
                                "--config", example("dodgemud-looks.config.yaml"),
                                "--report", report.toString()))
                .as(said.toString())
                .isZero();
        JsonNode json = new ObjectMapper().readTree(report.toFile());
        // After six hours p1 twice and p2 once, after two days both.
        assertThat(json.path("looks").asInt()).isEqualTo(5);
        assertThat(json.path("predictions").asInt()).isEqualTo((4 + 5) * 2);
    }

    private static String example(String name) {
        return EXAMPLES.resolve(name).toString();
    }

    private int run(String rows, StringWriter said) throws IOException {
        return run(rows, Files.readString(EXAMPLES.resolve("dodgemud.mapping.yaml")), said);
    }

    private int run(String rows, String mapping, StringWriter said) throws IOException {
        Path mapped = Files.writeString(directory.resolve("mapping.yaml"), mapping);
        Path log = Files.writeString(directory.resolve("plays.csv"), rows);
        return new CommandLine(new BacktestCommand())
                .setErr(new PrintWriter(said, true))
                .setOut(new PrintWriter(said, true))
                .execute(
                        "--replay", log.toString(),
                        "--mapping", mapped.toString(),
                        "--targets", EXAMPLES.resolve("dodgemud.targets.yaml").toString());
    }
}
