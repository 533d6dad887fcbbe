package io.livepredict.trainer.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.learner.LearnerFactory;
import io.livepredict.trainer.learner.TrainerException;
import io.livepredict.trainer.wiring.OperatorTools;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyTest {
    @TempDir
    Path folder = Path.of("");

    private Path file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, text);
        return file;
    }

    private ExampleTable table(String text) throws IOException {
        return ExampleTable.read(file("table.csv", text), null);
    }

    private static List<LearnerFactory> learners() {
        return OperatorTools.learners(List.of(
                LearnerEntry.of(LearnerEntry.Family.LOGISTIC).with("slow", 0.0001),
                LearnerEntry.of(LearnerEntry.Family.LOGISTIC).with("fast", 0.05)));
    }

    /** Rows whose label follows the first column; the second is noise. */
    private ExampleTable learnable(int rows) throws IOException {
        Random random = new Random(1);
        StringBuilder text = new StringBuilder("x,noise,label\n");
        for (int i = 0; i < rows; i++) {
            double x = random.nextGaussian();
            text.append(x)
                    .append(',')
                    .append(random.nextGaussian())
                    .append(',')
                    .append(random.nextDouble() < 1 / (1 + Math.exp(-3 * x)) ? 1 : 0)
                    .append('\n');
        }
        return table(text.toString());
    }

    private static Map<String, ScorerResult> byScorer(Study.Result result) {
        return result.results().stream().collect(Collectors.toMap(ScorerResult::scorer, Function.identity()));
    }

    private static ScorerResult of(Map<String, ScorerResult> results, String scorer) {
        ScorerResult found = results.get(scorer);
        assertThat(found).as(scorer).isNotNull();
        return found == null ? ScorerResult.of("", new double[0], new double[0]) : found;
    }

    @Test
    void shouldTakeRowsInOrderOfTheirTimeWhateverTheOrderOfTheFile() throws IOException {
        ExampleTable table = table("as_of,x,label.t,served.t\n30,3,1,0.3\n10,1,0,0.1\n20,2,,\n20,2,1,0.2\n");
        assertThat(table.rows()).isDeepEqualTo(new float[][] {{1}, {2}, {3}});
        assertThat(table.labels()).containsExactly(0, 1, 1);
        assertThat(table.served()).containsExactly(0.1f, 0.2f, 0.3f);
        assertThatThrownBy(() -> table("as_of,x,label\nnoon,3,1\n")).hasMessageContaining("table.csv:2: as_of: 'noon'");
    }

    @Test
    void shouldChooseTheBetterLearnerAsItGoes() throws IOException {
        Study.Result result = new Study(learnable(4_000), learners(), 8, 1, (done, all) -> {}).prequential();
        Map<String, ScorerResult> results = byScorer(result);
        assertThat(of(results, "fast").logLoss().value())
                .isLessThan(of(results, "slow").logLoss().value());
        assertThat(of(results, Study.CHAMPION).logLoss().value())
                .isLessThan(of(results, "fast").logLoss().value() + 0.02);
        assertThat(of(results, Study.MIXTURE).logLoss().value())
                .isLessThan(of(results, "fast").logLoss().value() + 0.02);
        assertThat(of(results, Study.CHAMPION).auc().value()).isGreaterThan(0.85);
        assertThat(of(results, Study.BASE_RATE).logLoss().value()).isBetween(0.68, 0.71);
        assertThat(results.values()).allMatch(f -> f.n() == 4_000);
        assertThat(StudyReport.table(result.results())).contains("| champion | 4000 | 0.");
        assertThat(StudyReport.json("f", "h", result.results()))
                .contains("\"log_loss\"")
                .doesNotContain("NaN");
        assertThat(StudyPlot.svg("a < b", result))
                .startsWith("<svg")
                .contains("a &lt; b")
                .doesNotContain("NaN");
    }

    @Test
    void shouldScoreAHoldoutAndFoldsByLearnersThatNeverSawThem() throws IOException {
        ExampleTable table = learnable(3_000);
        Map<String, ScorerResult> held = byScorer(new Study(table, learners(), 8, 1, (done, all) -> {}).holdout(0.3));
        assertThat(of(held, "fast").n()).isEqualTo(900);
        assertThat(of(held, "fast").auc().value()).isGreaterThan(0.85);
        Map<String, ScorerResult> folded = byScorer(new Study(table, learners(), 8, 1, (done, all) -> {}).folds(3));
        assertThat(of(folded, "fast").n()).isEqualTo(3_000);
        assertThat(of(folded, "fast").auc().value()).isGreaterThan(0.85);
    }

    @Test
    void shouldFindNothingInRandomLabels() throws IOException {
        Random random = new Random(2);
        StringBuilder text = new StringBuilder("x,label\n");
        for (int i = 0; i < 4_000; i++) {
            text.append(random.nextGaussian())
                    .append(',')
                    .append(random.nextInt(2))
                    .append('\n');
        }
        ScorerResult champion = of(
                byScorer(new Study(table(text.toString()), learners(), 8, 1, (done, all) -> {}).prequential()),
                Study.CHAMPION);
        assertThat(champion.auc().value())
                .isBetween(
                        0.5 - 2 * champion.auc().half(),
                        0.5 + 2 * champion.auc().half());
    }

    @Test
    void shouldReadWhatExportWroteAndLeaveOutWhatIsNoFeature() throws IOException {
        Path file = file(
                "export.csv",
                "entity_id,context_id,event_id,as_of,horizon_ms,count,share,label.a,served.a,label.b,served.b,model_version\n"
                        + "\"v,1\",r,e,1,2,3,0.5,1,0.25,,,7\nv2,r,\"e\"\"2\",1,2,2000,0.5,0,0.5,1,0.5,7\n");
        assertThatThrownBy(() -> ExampleTable.read(file, null)).hasMessageContaining("has several labels");
        ExampleTable table = ExampleTable.read(file, "a");
        assertThat(table.names()).containsExactly("count", "share");
        assertThat(table.labels()).containsExactly(1f, 0f);
        assertThat(table.served()).containsExactly(0.25f, 0.5f);
        assertThat(table.schema().dense().get(0).scale()).isEqualTo(io.livepredict.contract.Scale.AMOUNT);
        assertThat(ExampleTable.read(file, "label.b").size()).isEqualTo(1);
    }

    @Test
    void shouldReadCompressedFiles() throws IOException {
        Path file = folder.resolve("table.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write("x,name,class\n1,anna,1\n2,bert,0\n".getBytes(StandardCharsets.UTF_8));
        }
        ExampleTable table = ExampleTable.read(file, null);
        assertThat(table.size()).isEqualTo(2);
        assertThat(table.skippedColumns()).containsExactly("name");
    }

    @Test
    void shouldSayWhereAFileDoesNotFit() {
        assertThatThrownBy(() -> table("x,label\n1,1\n1,2\n"))
                .isInstanceOf(TrainerException.class)
                .hasMessageContaining("table.csv:3: label: 2: a label must be 0 or 1");
        assertThatThrownBy(() -> table("x,label\n1,1\n1\n"))
                .hasMessageContaining("table.csv:3: has 1 cells, the header 2");
        assertThatThrownBy(() -> table("x,y\n1,1\n")).hasMessageContaining("name one with --label");
        assertThatThrownBy(() -> table("")).hasMessageContaining("is empty");
        assertThatThrownBy(() -> table("name,label\nanna,1\n")).hasMessageContaining("no column of numbers");
        assertThatThrownBy(() -> ExampleTable.read(folder.resolve("none.csv"), null))
                .hasMessageContaining("there is no such file");
    }
}
